"""What the portal keeps as files: the stored bytes, what was uploaded, what it made itself."""

from __future__ import annotations

from finsam.documents.models.archive import ArchivePackage
from finsam.documents.models.documents import Document, DocumentSeries
from finsam.documents.models.files import StoredFile, Upload
from finsam.documents.models.letterhead import Letterhead, LetterheadPart
from finsam.documents.models.previews import Preview
from finsam.documents.models.release import Outcome, Release
from finsam.documents.models.signing import SigningOrder, SigningState

__all__ = [
    "ArchivePackage",
    "Document",
    "DocumentSeries",
    "Letterhead",
    "LetterheadPart",
    "Outcome",
    "Preview",
    "Release",
    "SigningOrder",
    "SigningState",
    "StoredFile",
    "Upload",
]
