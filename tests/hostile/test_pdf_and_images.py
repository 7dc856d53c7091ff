"""What the guard says of PDFs and pictures beside the corpus."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from finsam.documents.guard import inspect
from finsam.documents.guard.content import examine


def pdf(change: Callable[[pikepdf.Pdf], Any] = lambda _: None, pages: int = 1) -> bytes:
    made = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(pages):
            document.add_blank_page().Contents = document.make_stream(b"BT ET")
        change(document)
        document.save(made)
    return made.getvalue()


def with_annotation(**entries: Any) -> bytes:
    def change(document: pikepdf.Pdf) -> None:
        annotation = Dictionary(Type=Name.Annot, Rect=[0, 0, 9, 9], **entries)
        document.pages[0].Annots = Array([document.make_indirect(annotation)])

    return pdf(change)


def link(**action: Any) -> bytes:
    return with_annotation(Subtype=Name.Link, A=Dictionary(**action))


def picture(form: str, size: tuple[int, int] = (30, 20), **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "navy").save(made, form, **options)
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (link(S=Name.URI, URI=String("https://example.org")), ""),
        (link(S=Name.URI, URI=String("mailto:a@exempel.se")), ""),
        (link(S=Name.GoTo, D=Array([0, Name.Fit])), ""),
        (link(S=Name.URI, URI=String("javascript:alert(1)")), "pdf_active_content"),
        (link(S=Name.URI, URI=String(" File:///C:/x.exe")), "pdf_active_content"),
        (link(S=Name.URI, URI=String("\\\\attacker.invalid\\x")), "pdf_active_content"),
        (link(S=Name.GoToE), "pdf_active_content"),
        (link(S=Name.ImportData), "pdf_active_content"),
        (with_annotation(Subtype=Name.RichMedia), "pdf_active_content"),
        (with_annotation(Subtype=Name.Screen), "pdf_active_content"),
        (with_annotation(Subtype=Name.FileAttachment), "pdf_embedded_file"),
        (with_annotation(Subtype=Name.Text), ""),
    ],
)
def test_what_a_click_in_a_pdf_may_do(data, reason):
    assert examine(data, "pdf")["reason"] == reason


@pytest.mark.parametrize("where", ["page", "field", "outline", "chained"])
def test_active_content_is_found_wherever_a_reader_comes(where):
    script = Dictionary(S=Name.JavaScript, JS=String("1"))

    def change(document: pikepdf.Pdf) -> None:
        match where:
            case "page":
                document.pages[0].AA = Dictionary(O=script)
            case "field":
                inner = document.make_indirect(Dictionary(T=String("b"), AA=Dictionary(K=script)))
                outer = document.make_indirect(Dictionary(T=String("a"), Kids=Array([inner])))
                document.Root.AcroForm = Dictionary(Fields=Array([outer]))
            case "outline":
                item = document.make_indirect(Dictionary(Title=String("x"), A=script))
                document.Root.Outlines = Dictionary(First=item, Last=item)
            case "chained":
                first = Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=Array([script]))
                document.Root.OpenAction = document.make_indirect(first)

    assert examine(pdf(change), "pdf")["reason"] == "pdf_active_content"


def test_a_stream_that_reads_its_bytes_from_another_file_is_refused():
    def change(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"x")
        stream["/F"] = String("/etc/passwd")
        document.Root.Extra = stream

    assert examine(pdf(change), "pdf")["reason"] == "pdf_active_content"


def test_a_page_whose_text_unpacks_without_end_is_too_complex():
    once = zlib.compress(bytes(300_000_000), 9)

    def change(document: pikepdf.Pdf) -> None:
        stream = pikepdf.Stream(document, b"x")
        stream.write(zlib.compress(once, 9), filter=Array([Name.FlateDecode, Name.FlateDecode]))
        document.pages[0].Contents = stream

    made = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        change(document)
        document.save(
            made, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none
        )
    assert len(made.getvalue()) < 10_000
    assert inspect(made.getvalue(), "a.pdf", purpose="annex").reason == "pdf_too_complex"


def test_a_large_tagged_report_is_taken_in_time():
    """100 000 tags: about 300 pages of tables."""

    def change(document: pikepdf.Pdf) -> None:
        root = document.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([])))
        document.Root.StructTreeRoot = root
        for number in range(100_000):
            tag = Dictionary(Type=Name.StructElem, S=Name.P, P=root, K=number)
            root.K.append(document.make_indirect(tag))

    verdict = inspect(pdf(change, pages=300), "rapport.pdf", purpose="annex")
    assert (verdict.verdict, verdict.reason) == ("accept", "")


def test_blank_space_before_the_header_of_a_pdf_is_forgiven():
    assert inspect(b"\r\n" + pdf(), "a.pdf", purpose="annex").accepted


def test_a_workbook_that_hides_a_pdf_in_its_beginning_is_two_kinds():
    assert inspect(b"PK\x03\x04%PDF-1.7", "a.xlsx", purpose="annex").reason == "polyglot"


@pytest.mark.parametrize(
    ("name", "form", "verdict"),
    [
        ("a.webp", "WEBP", "accept"),
        ("a.jpeg", "JPEG", "accept"),
        ("A.JPG", "JPEG", "accept"),
        ("a.png", "PNG", "accept"),
        ("a.png", "JPEG", "reject"),
        ("a.jpg", "GIF", "reject"),
        ("a.webp", "TIFF", "reject"),
    ],
)
def test_a_picture_is_what_its_bytes_are(name, form, verdict):
    assert inspect(picture(form), name, purpose="annex").verdict == verdict


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_a_photo_from_a_good_camera_is_taken(options):
    photo = picture("JPEG", size=(8_000, 6_000), **options)
    assert inspect(photo, "foto.jpg", purpose="annex").verdict == "accept"


def test_a_picture_of_too_many_points_is_refused():
    verdict = inspect(picture("PNG", size=(9_000, 6_000)), "a.png", purpose="annex")
    assert verdict.reason == "image_too_large"


@pytest.mark.parametrize("form", ["JPEG", "WEBP"])
def test_a_picture_cut_in_half_is_damaged(form):
    whole = picture(form, size=(600, 400), quality=95)
    name = "a.jpg" if form == "JPEG" else "a.webp"
    verdict = inspect(whole[: len(whole) // 2], name, purpose="annex")
    assert verdict.reason == "image_damaged"
