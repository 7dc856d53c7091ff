"""What of a board member's own may be erased, and is nobody else's to read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from boards.models import PacketDownload, PrivateNote
from finsam.administration.personal_data.disposals import Disposal, delete_rows, dispose_of
from finsam.administration.personal_data.paths import name_places, seal
from finsam.associations.models import Association


def _notes(association: Association) -> QuerySet[Any]:
    return PrivateNote.objects.filter(item__meeting__association=association)


def _downloads(association: Association) -> QuerySet[Any]:
    return PacketDownload.objects.filter(packet__meeting__association=association)


name_places(
    {
        "boards.guest": "gäst vid sammanträde",
        "boards.packetdownload": "nedladdning av beslutspaket",
        "boards.privatenote": "egen anteckning",
    }
)
seal("boards.privatenote")
dispose_of(Disposal("Egna anteckningar", "Borttagna", _notes, "user", "updated_at", delete_rows))
dispose_of(
    Disposal("Nedladdningar av beslutspaket", "Borttagna", _downloads, "user", "at", delete_rows)
)
