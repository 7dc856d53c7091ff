"""The checks of a picture: of reasonable size, whole, and with nothing hidden behind its end."""

from __future__ import annotations

import io
import struct

from PIL import Image, UnidentifiedImageError

from finsam.documents.guard import limits
from finsam.documents.guard.findings import Findings, refused, taken

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}
ENDS = {"png": b"IEND\xaeB`\x82", "jpg": b"\xff\xd9"}
DAMAGED = (OSError, SyntaxError, ValueError, IndexError, struct.error, UnidentifiedImageError)


def examine(data: bytes, kind: str) -> Findings:
    """What is found in a file that begins as a picture of `kind`."""
    Image.MAX_IMAGE_PIXELS = None  # our own limit is checked before anything is unpacked
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as image:
            if _is_too_large(image):
                return refused("image_too_large")
            image.draft("RGB", (image.width // 8, image.height // 8))  # a photo: read small
            image.load()
    except DAMAGED:
        return refused("image_damaged")
    return taken(care={"data_after_end"} if _has_more(data, kind) else ())


def _is_too_large(image: Image.Image) -> bool:
    return image.width * image.height * getattr(image, "n_frames", 1) > limits.PIXELS


def _has_more(data: bytes, kind: str) -> bool:
    """Whether something follows the picture: kept, but never served as anything but a picture."""
    end = ENDS.get(kind)
    return end is not None and not data.rstrip(b"\0\r\n").endswith(end)
