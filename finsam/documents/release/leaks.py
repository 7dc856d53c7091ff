"""Looking through a finished copy for what it should hide: pages, tags, metadata, all strings."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary

from finsam.documents.pdf_bytes import data_of
from finsam.documents.pdf_text import page_text
from finsam.documents.release.masks import Mask, shows


def leaking(pdf: bytes, masks: Sequence[Mask]) -> list[Mask]:
    """The masks whose words can still be read anywhere in the file."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        said = list(_everything(opened))
    return [mask for mask in masks if any(shows(text, mask) for text in said)]


def _everything(pdf: pikepdf.Pdf) -> Iterator[str]:
    for page in pdf.pages:
        yield page_text(page)
    for found in pdf.objects:
        if isinstance(found, pikepdf.Stream) and found.get("/Type") == "/Metadata":
            yield data_of(found).decode("utf-8", "replace")
        yield from _strings(found)


def _strings(value: Any) -> Iterator[str]:
    """The strings of an object, but not of those that it refers to: they come by themselves."""
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, pikepdf.String):
            yield str(current)
        elif isinstance(current, Array):
            waiting += [part for part in current if not _is_elsewhere(part)]
        elif isinstance(current, Dictionary | pikepdf.Stream):
            waiting += [part for part in current.values() if not _is_elsewhere(part)]


def _is_elsewhere(part: Any) -> bool:
    return isinstance(part, pikepdf.Object) and part.is_indirect
