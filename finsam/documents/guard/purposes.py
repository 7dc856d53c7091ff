"""What a file may be sent for, and which kinds and sizes each purpose takes."""

from __future__ import annotations

from dataclasses import dataclass

from finsam.documents.guard.kinds import IMAGES, KINDS, Kind

MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Purpose:
    """Why a file is sent: which kinds are taken, and how large one may be."""

    name: str
    kinds: tuple[str, ...]
    megabytes: int = 25

    @property
    def most_bytes(self) -> int:
        return self.megabytes * MEGABYTE

    @property
    def in_words(self) -> str:
        """The kinds as the user reads them: "PDF (.pdf), Word (.docx) eller bild (.png)"."""
        names = [KINDS[name].in_words for name in self.kinds if name not in IMAGES]
        endings = [f".{KINDS[name].extensions[0]}" for name in self.kinds if name in IMAGES]
        if endings:
            names.append(f"bild ({', '.join(endings)})")
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} eller {names[-1]}"

    @property
    def accept(self) -> str:
        """The value of a file field's `accept`, for the browser's own dialogue."""
        return ",".join(f".{end}" for name in self.kinds for end in KINDS[name].extensions)

    def takes(self, kind: Kind | None) -> bool:
        return kind is not None and kind.name in self.kinds


PURPOSES = {
    purpose.name: purpose
    for purpose in (
        Purpose("annex", ("pdf", "docx", "xlsx", *IMAGES)),
        Purpose("account_extract", ("pdf", "xlsx", *IMAGES)),
        Purpose("budget", ("xlsx",)),
        Purpose("word", ("docx",)),
        Purpose("letterhead", ("docx",), megabytes=5),
        Purpose("logo", ("png", "jpg"), megabytes=2),
    )
}
