"""Nothing in a text makes the portal fetch anything, from the net or from its own disk."""

from __future__ import annotations

import http.server
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import pikepdf
import pytest

from finsam.documents.pdf import render_pdf
from finsam.documents.richtext import clean_rich_text

SECRET = "HEMLIGT-9137"
SVG = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
VECTORS = {
    "picture_from_net": '<img alt="x" src="{net}/a">',
    "picture_from_disk": '<img alt="x" src="{disk}">',
    "style_sheet": '<link rel="stylesheet" href="{net}/b">',
    "style_import": "<style>@import url({net}/c);</style><p>x</p>",
    "background": '<p style="background: url({net}/d)">x</p>',
    "font_face": (
        "<style>@font-face {{ font-family: q; src: url({net}/e) }} p {{ font-family: q }}</style>"
        "<p>x</p>"
    ),
    "svg_image": f'<svg {SVG}><image xlink:href="{{net}}/f" width="9" height="9"/></svg>',
    "svg_use": f'<svg {SVG}><use xlink:href="{{net}}/g#a"/></svg>',
    "attachment_link": '<a rel="attachment" href="{disk}">a</a>',
    "attachment_head": '<link rel="attachment" href="{disk}">',
    "attachment_net": '<link rel="attachment" href="{net}/h">',
    "object": '<object data="{net}/i"></object>',
    "embed": '<embed src="{net}/j">',
    "iframe": '<iframe src="{net}/k"></iframe>',
    "content": "<style>p::before {{ content: url({net}/l) }}</style><p>x</p>",
    "list_style": '<ul style="list-style-image: url({net}/m)"><li>a</li></ul>',
    "base": '<base href="{net}/"><img alt="x" src="n">',
    "svg_in_data": (
        "<img alt='x' src=\"data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22"
        " xmlns:xlink=%22http://www.w3.org/1999/xlink%22><image xlink:href=%22{net}/o%22"
        ' width=%221%22 height=%221%22/></svg>">'
    ),
    "entity": '<!DOCTYPE html [<!ENTITY x SYSTEM "{disk}">]><p>&x;</p>',
}


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Noting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "image/svg+xml")
            self.end_headers()
            self.wfile.write(b'<svg xmlns="http://www.w3.org/2000/svg"/>')

        def log_message(self, *_words: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Noting) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "hemligt.txt"
    path.write_text(SECRET)
    return path


def everything_in(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert not pdf.attachments
        return b"\n".join(
            found.read_bytes()
            for found in pdf.objects
            if isinstance(found, pikepdf.Stream) and "/FontFile2" not in found
        )


def test_I02_there_are_19_vectors():
    assert len(VECTORS) == 19


@pytest.mark.parametrize("name", VECTORS)
def test_I02_the_renderer_fetches_nothing(listener, secret, name):
    net, asked = listener
    hostile = VECTORS[name].format(net=net, disk=secret.as_uri())
    made = render_pdf(f"<html lang='sv'><body><h1>Text</h1>{hostile}</body></html>", title="Text")
    assert asked == []
    assert SECRET.encode() not in everything_in(made)


@pytest.mark.parametrize("name", VECTORS)
def test_I02_rich_text_keeps_none_of_it(listener, secret, name):
    net, asked = listener
    hostile = VECTORS[name].format(net=net, disk=secret.as_uri())
    cleaned = clean_rich_text(hostile)
    assert "src" not in cleaned
    assert "url(" not in cleaned
    assert "file:" not in cleaned
    assert "<svg" not in cleaned
    assert asked == []


def test_the_listener_would_have_heard(listener):
    import urllib.request

    net, asked = listener
    with urllib.request.urlopen(f"{net}/hej", timeout=5) as answer:
        answer.read()
    assert asked == ["/hej"]
    asked.clear()
