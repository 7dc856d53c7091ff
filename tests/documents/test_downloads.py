"""U-08, P-06: a stored file is handed out to be saved, with our type, whole or in part."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.http import HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from finsam.documents.downloads import serve_file
from finsam.documents.models import StoredFile
from finsam.documents.storage import store_bytes
from tests.kept import kept

pytestmark = pytest.mark.anywhere

DATA = bytes(range(256)) * 1_000
LAST = len(DATA) - 1
NAME = "Bilaga å ä ö – budget.pdf"


@kept
def stored(association) -> StoredFile:
    return store_bytes(
        association=association, data=DATA, name=NAME, content_type="application/pdf"
    )


def get(stored: StoredFile, *, method: str = "GET", **headers: str) -> HttpResponseBase:
    request = RequestFactory().generic(method, "/fil/", headers=headers)
    return serve_file(request, stored)


def body(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        return b"".join(response)
    return response.content  # type: ignore[attr-defined,no-any-return]


def test_U08_a_file_is_always_saved_and_never_run(stored):
    response = get(stored)
    assert (response.status_code, body(response)) == (200, DATA)
    assert {name: response[name] for name in response.headers} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(DATA)),
        "Content-Disposition": (
            'attachment; filename="Bilaga a a o  budget.pdf"; '
            f"filename*=UTF-8''{quote(NAME, safe='')}"
        ),
        "Content-Security-Policy": (
            "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'; object-src 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{stored.sha256}"',
    }


@pytest.mark.parametrize(
    "claimed", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/plain", "", "x"]
)
def test_U08_a_type_that_is_not_in_our_table_is_only_bytes(association, claimed):
    stored = store_bytes(
        association=association, data=b"<script>", name="a.html", content_type=claimed
    )
    assert get(stored)["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, LAST),
        ("bytes=100-199", 100, 199),
        ("bytes=70000-140000", 70_000, 140_000),
        (f"bytes={LAST}-", LAST, LAST),
        ("bytes=-1", LAST, LAST),
        ("bytes=-999999999", 0, LAST),
        ("bytes=5-999999999", 5, LAST),
    ],
)
def test_P06_a_part_is_that_part(stored, asked, first, last):
    response = get(stored, Range=asked)
    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(DATA)}"
    assert response["Content-Length"] == str(last - first + 1)
    assert body(response) == DATA[first : last + 1]


@pytest.mark.parametrize("asked", [f"bytes={len(DATA)}-", "bytes=-0", "bytes=9-3"])
def test_P06_a_part_outside_the_file_is_refused(stored, asked):
    response = get(stored, Range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(DATA)}")
    assert body(response) == b""


@pytest.mark.parametrize("asked", ["", "bytes=-", "bytes=0-1,5-9", "lines=1-2", "bytes=a-b", "0-1"])
def test_P06_what_is_not_one_range_gets_the_whole(stored, asked):
    response = get(stored, Range=asked)
    assert (response.status_code, body(response)) == (200, DATA)


def test_P06_a_part_of_a_version_that_is_gone_gets_the_whole(stored):
    old = get(stored, Range="bytes=0-1", **{"If-Range": '"old"'})
    same = get(stored, Range="bytes=0-1", **{"If-Range": f'"{stored.sha256}"'})
    assert (old.status_code, same.status_code) == (200, 206)


@pytest.mark.parametrize(("asked", "status"), [("", 200), ("bytes=0-9", 206)])
def test_P06_a_question_for_the_head_gets_no_body(stored, asked, status):
    head, whole = get(stored, method="HEAD", Range=asked), get(stored, Range=asked)
    assert (head.status_code, body(head)) == (status, b"")
    assert dict(head.headers) == dict(whole.headers)


def test_what_the_reader_has_already_is_not_sent_again(stored):
    response = get(stored, **{"If-None-Match": f'"{stored.sha256}"'})
    assert (response.status_code, body(response)) == (304, b"")


def test_what_the_portal_made_itself_can_be_shown_but_still_not_sniffed(stored):
    response = serve_file(RequestFactory().get("/handling/"), stored, shown=True)
    assert response["Content-Disposition"].startswith('inline; filename="Bilaga')
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in response  # the site's own policy holds


def test_an_empty_file_can_be_handed_out(association):
    empty = store_bytes(association=association, data=b"", name="tom.pdf", content_type="x")
    assert (get(empty).status_code, get(empty)["Content-Length"], body(get(empty))) == (
        200,
        "0",
        b"",
    )
    assert get(empty, Range="bytes=0-").status_code == 416
