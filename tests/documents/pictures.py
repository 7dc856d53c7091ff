"""Small pictures for tests."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image


def png(width: int = 40, height: int = 30, colour: str = "#0b5d57", mode: str = "RGB") -> bytes:
    return picture("PNG", width, height, colour, mode)


def jpeg(width: int = 400, height: int = 300, colour: str = "#447788", **more: Any) -> bytes:
    return picture("JPEG", width, height, colour, "RGB", **more)


def picture(
    kind: str, width: int, height: int, colour: str, mode: str = "RGB", **more: Any
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, kind, **more)
    return out.getvalue()
