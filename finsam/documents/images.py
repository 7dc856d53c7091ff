"""Pictures in documents: upright, of fitting size, and carried as data, never fetched."""

from __future__ import annotations

from dataclasses import dataclass

from finsam.documents.sandbox import call


@dataclass(frozen=True)
class Picture:
    """A picture ready for a document; `address` is a `data:` address for `<img src>`."""

    address: str
    width: int
    height: int

    def fitted(self, width: float, height: float) -> tuple[float, float]:
        """Its size within a box, in the box's unit; never larger than at 96 dots an inch."""
        scale = min(width / self.width, height / self.height, 25.4 / 96)
        return round(self.width * scale, 2), round(self.height * scale, 2)


def as_data(data: bytes) -> Picture:
    """A picture of any usual kind for a document. Raises Unreadable when it cannot be read."""
    read = call(
        "finsam.documents.annex_reading.read_picture",
        data=data,
        seconds=15,
        megabytes=800,
        code="unreadable_picture",
    )
    return Picture(
        f"data:image/{read['kind']};base64,{read['data']}", read["width"], read["height"]
    )
