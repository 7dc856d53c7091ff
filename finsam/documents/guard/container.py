"""How an Office file is packed: the checks over its directory, before anything is unpacked.

A zip tells its contents twice, in a directory at the end and in a header before each part. Both
must say the same, the parts must lie side by side, and the sums must be reasonable.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from finsam.documents.guard import limits

END_RECORD = struct.Struct("<4s4H2LH")
END_SIGNATURE = b"PK\x05\x06"
LOCAL_HEADER = struct.Struct("<4s5H3L2H")
ENCRYPTED = 0x1
UNIX = 3
PIECE = 64 * 1024
BAD_NAME = re.compile(r"(^|/)\.\.(/|$)|^/|\\|^[A-Za-z]:|[\x00-\x1f]")
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    struct.error,
    UnicodeDecodeError,
)


class DamagedError(Exception):
    """A part of the package cannot be unpacked to what the directory promises."""


@dataclass
class Container:
    """A packed file, seen through its directory."""

    data: bytes

    @cached_property
    def promised_entries(self) -> int | None:
        """How many parts the last bytes say there are; None when the file ends otherwise."""
        at = self.data.rfind(END_SIGNATURE)
        if at < 0 or at + END_RECORD.size > len(self.data):
            return None
        total: int
        comment: int
        *_, total, _, _, comment = END_RECORD.unpack_from(self.data, at)
        return total if at + END_RECORD.size + comment == len(self.data) else None

    @cached_property
    def directory(self) -> zipfile.ZipFile | None:
        try:
            return zipfile.ZipFile(io.BytesIO(self.data))
        except BROKEN:
            return None

    @cached_property
    def entries(self) -> list[zipfile.ZipInfo]:
        return self.directory.infolist() if self.directory else []

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(entry.filename for entry in self.entries)

    @property
    def unpacked(self) -> int:
        return sum(entry.file_size for entry in self.entries)

    def pieces(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        """The part's content piece by piece, checked against the directory's size and sum."""
        if self.directory is None:
            raise DamagedError
        try:
            with self.directory.open(entry) as part:
                while piece := part.read(PIECE):
                    yield piece
        except BROKEN as fault:
            raise DamagedError(entry.filename) from fault

    def read(self, entry: zipfile.ZipInfo) -> bytes:
        return b"".join(self.pieces(entry))


def has_no_end(container: Container) -> bool:
    return container.promised_entries is None


def has_too_many_entries(container: Container) -> bool:
    return (container.promised_entries or 0) > limits.ENTRIES


def has_no_directory(container: Container) -> bool:
    return container.directory is None or len(container.entries) != container.promised_entries


def is_too_large_unpacked(container: Container) -> bool:
    if container.unpacked > limits.UNPACKED:
        return True
    packed = max(len(container.data), 1)
    return (
        container.unpacked > limits.RATIO_COUNTS_ABOVE
        and container.unpacked / packed > limits.RATIO
    )


def has_encrypted_part(container: Container) -> bool:
    return any(entry.flag_bits & ENCRYPTED for entry in container.entries)


def has_bad_name(container: Container) -> bool:
    return any(
        len(entry.filename) > limits.NAME_LENGTH
        or BAD_NAME.search(entry.orig_filename) is not None
        or _is_special(entry)
        for entry in container.entries
    )


def _is_special(entry: zipfile.ZipInfo) -> bool:
    """Whether the part would be unpacked as a link, a device or the like."""
    sort = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == UNIX else 0
    return sort not in {0, stat.S_IFREG, stat.S_IFDIR}


def has_duplicate(container: Container) -> bool:
    """Part names are the same when they differ only in case."""
    return len({entry.filename.casefold() for entry in container.entries}) != len(container.entries)


def is_packed_strangely(container: Container) -> bool:
    """Whether something else lies before the parts, parts overlap, or a rare packing is used."""
    first_free = 0
    for entry in sorted(container.entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < first_free or entry.compress_type not in {
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        }:
            return True
        if first_free == 0 and entry.header_offset != 0:
            return True
        first_free = entry.header_offset + LOCAL_HEADER.size + entry.compress_size
    return first_free > len(container.data)


CHECKS: tuple[tuple[str, Callable[[Container], bool]], ...] = (
    ("zip_corrupt", has_no_end),
    ("zip_too_many_entries", has_too_many_entries),
    ("zip_corrupt", has_no_directory),
    ("zip_too_large_uncompressed", is_too_large_unpacked),
    ("password_protected", has_encrypted_part),
    ("zip_bad_name", has_bad_name),
    ("zip_duplicate", has_duplicate),
    ("zip_corrupt", is_packed_strangely),
)
