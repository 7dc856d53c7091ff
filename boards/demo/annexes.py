"""The example's annexes: a scanned letter, a drawing and a time plan, made by code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont

from boards.demo.content import efforts
from finsam.associations.models import Association
from finsam.documents.models import Upload
from finsam.documents.uploads import receive_upload
from finsam.people.models import User

PROGRAMME = "blekinge-individinsatser-2024"
INK, GREEN, PALE = "#222222", "#0b5d57", "#dfecea"
LETTER = (
    "Avsiktsförklaring",
    "",
    "Vårdcentralen och arbetsmarknadsenheten i Karlshamn",
    "vill driva Hållplatsen tillsammans under 2024.",
    "",
    "Vi avsätter den tid som står i budgeten och deltar i",
    "styrgruppen. Beslutet gäller om medlen beviljas.",
    "",
    "Karlshamn i augusti",
    "",
    "Verksamhetschefen          Enhetschefen",
)
PLAN = (
    ("Aktivitet", "Börjar", "Slutar", "Ansvarig"),
    ("Bemanning", "2024-01-08", "2024-02-29", "Karlshamns kommun"),
    ("Första gruppen", "2024-03-01", "2024-05-31", "Region Blekinge"),
    ("Andra gruppen", "2024-08-19", "2024-11-29", "Region Blekinge"),
    ("Utvärdering", "2024-11-01", "2024-12-20", "Styrgruppen"),
)
PLACES = ("Öppna förskolan", "Vårdcentralen", "Språkkaféet", "Arbetsplatsen")


@dataclass(frozen=True)
class ReceivedAnnex:
    """A file that has come in, and the effort it belongs to."""

    effort: str
    title: str
    upload: Upload


def receive(people: Mapping[str, Mapping[str, User]]) -> list[ReceivedAnnex]:
    """Take in the files as people send them, outside transactions."""
    files = (
        ("karlshamn", "Avsiktsförklaring, undertecknad", "Avsiktsförklaring.pdf", _letter()),
        ("karlshamn", "Tidplan 2024", "Tidplan Hållplatsen.xlsx", _plan()),
        ("olofstrom", "Mötesplatser", "Mötesplatser.png", _drawing()),
    )
    association = Association.objects.get(slug="blekinge")
    found = []
    for effort, title, name, data in files:
        upload = receive_upload(
            association=association,
            file=SimpleUploadedFile(name, data),
            purpose="annex",
            actor=people[association.slug][efforts(PROGRAMME).effort(effort).author],
        )
        found.append(ReceivedAnnex(effort, title, upload))
    return found


def _letter() -> bytes:
    """A page as the scanner of an office leaves it: a picture in a PDF."""
    page = Image.new("L", (1240, 1754), 250)
    draw = ImageDraw.Draw(page)
    for line, text in enumerate(LETTER):
        font = ImageFont.load_default(size=44 if line == 0 else 30)
        draw.text((150, 200 + line * 62), text, fill=30, font=font)
    for left in (150, 640):
        draw.line((left, 960, left + 330, 960), fill=90, width=3)
        points = [(left + step * 28, 935 + (-1) ** step * (14 + step)) for step in range(9)]
        draw.line(points, fill=60, width=4, joint="curve")
    out = io.BytesIO()
    page.save(out, "PDF", resolution=150)
    return out.getvalue()


def _plan() -> bytes:
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = "Tidplan"
    for row in PLAN:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _drawing() -> bytes:
    """Where the women are met, in the order of the way."""
    picture = Image.new("RGB", (1600, 420), "white")
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=34)
    for at, name in enumerate(PLACES):
        left = 40 + at * 390
        draw.rounded_rectangle((left, 130, left + 330, 290), 24, fill=PALE, outline=GREEN, width=5)
        draw.text((left + 165, 210), name, fill=INK, font=font, anchor="mm")
        if at:
            draw.line((left - 58, 210, left - 4, 210), fill=GREEN, width=6)
            draw.polygon([(left - 22, 196), (left - 2, 210), (left - 22, 224)], fill=GREEN)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
