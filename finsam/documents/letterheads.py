"""An association's own Word template and logo: taken in, kept version by version, used or not."""

from __future__ import annotations

import base64
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max

from finsam.associations.models import Association
from finsam.documents.models import Letterhead, LetterheadPart, StoredFile, Upload
from finsam.documents.sandbox import call
from finsam.documents.storage import open_file, put_bytes, record_file
from finsam.documents.uploads import Refused, receive_upload
from finsam.errors import NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event

SETTING_UP = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
PURPOSE = {LetterheadPart.WORD: "letterhead", LetterheadPart.LOGO: "logo"}
FIELD_OF = {LetterheadPart.WORD: "word_template", LetterheadPart.LOGO: "logo"}
SMALLEST, MOST_SLENDER = 60, 10
FAULTS = {
    "unknown_field": (
        "Mallen har fält som portalen inte känner: {unknown}. Rätta eller ta bort dem och lämna "
        "in mallen igen. Fälten står på sidan."
    ),
    "content_misplaced": (
        "Fältet {{{{innehåll}}}} ska stå ensamt i ett eget stycke, sist på sidan och inte i "
        "sidhuvud, sidfot eller tabell. Rätta det och lämna in mallen igen."
    ),
    "too_narrow": (
        "Det är mindre än 10 cm mellan mallens marginaler, så tabellerna får inte plats. Minska "
        "marginalerna och lämna in mallen igen."
    ),
}


def receive_letterhead(
    *, association: Association, part: LetterheadPart, file: UploadedFile[Any], actor: User
) -> Letterhead:
    """Take in a Word template or a logo as the next version; it is not used until it is chosen.

    By director or administrator, outside transactions. The same file again gives the version that
    is there. Writes `letterhead_received`. Raises NotAllowed, Refused (with what to do) and
    StorageFull.
    """
    _require_may_set_up(association, actor)
    upload = receive_upload(association=association, file=file, purpose=PURPOSE[part], actor=actor)
    data = open_file(upload.file)
    found, kept = (_template_in(data), data) if part == LetterheadPart.WORD else _logo_in(data)
    stored = put_bytes(association=association, data=kept)
    with transaction.atomic():
        Association.objects.select_for_update(of=("self",)).get(pk=association.pk)
        versions = Letterhead.objects.filter(association=association, part=part)
        same: Letterhead | None = versions.filter(file__sha256=stored.sha256).first()
        if same is not None:
            return same
        made_of = upload.file if kept is data else _as_own_file(upload, stored)
        highest = versions.aggregate(highest=Max("number"))["highest"]
        made = Letterhead.objects.create(
            association=association,
            part=part,
            number=(highest or 0) + 1,
            upload=upload,
            file=made_of,
            found=found,
            made_by=actor,
        )
        _tell(association, "letterhead_received", actor, made, part)
    return made


def use_letterhead(*, letterhead: Letterhead, actor: User) -> Association:
    """Make documents with this version from now on; those that are made stay as they are.

    Writes `letterhead_chosen`. Used already, nothing happens. Raises NotAllowed.
    """
    return _choose(letterhead.association, LetterheadPart(letterhead.part), letterhead, actor)


def use_portals_own(*, association: Association, part: LetterheadPart, actor: User) -> Association:
    """Go back to the portal's own template, or to the mark with the initials; all versions stay.

    Writes `letterhead_chosen`. Used already, nothing happens. Raises NotAllowed.
    """
    return _choose(association, part, None, actor)


def _choose(
    association: Association, part: LetterheadPart, letterhead: Letterhead | None, actor: User
) -> Association:
    _require_may_set_up(association, actor)
    name, checksum = FIELD_OF[part], letterhead.file.sha256 if letterhead else ""
    with transaction.atomic():
        found = Association.objects.select_for_update(of=("self",)).get(pk=association.pk)
        if getattr(found, name) == checksum:
            return found
        setattr(found, name, checksum)
        found.save(update_fields=[name])
        _tell(found, "letterhead_chosen", actor, letterhead, part)
    return found


def _template_in(data: bytes) -> dict[str, Any]:
    """What the template holds, read in a child process. Raises Refused when it cannot be used."""
    found: dict[str, Any] = call(
        "finsam.documents.word_letterhead.read_letterhead", data=data, code="unreadable_template"
    )
    if found["fault"]:
        unknown = ", ".join(f"{{{{{name}}}}}" for name in found["unknown"])
        raise Refused(found["fault"], FAULTS[found["fault"]].format(unknown=unknown))
    return found


def _logo_in(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The picture upright, plain and without hidden data, and its size in points."""
    read = call(
        "finsam.documents.annex_reading.read_picture",
        data=data,
        seconds=15,
        megabytes=800,
        code="unreadable_picture",
    )
    width, height = read["width"], read["height"]
    if min(width, height) < SMALLEST or width > MOST_SLENDER * height:
        raise Refused(
            "unfit_logo",
            f"Logotypen ska vara minst {SMALLEST} bildpunkter hög och bred, och högst "
            f"{MOST_SLENDER} gånger så bred som hög. Välj en annan bild.",
        )
    return {"width": width, "height": height, "kind": read["kind"]}, base64.b64decode(read["data"])


def _as_own_file(upload: Upload, stored: Any) -> StoredFile:
    ending = upload.kind
    return record_file(
        association=upload.association, stored=stored, name=f"logotyp.{ending}",
        content_type=upload.file.content_type,
    )  # fmt: skip


def _require_may_set_up(association: Association, actor: User) -> None:
    if not visitor_for(association, actor).has(*SETTING_UP):
        raise NotAllowed(
            "not_setting_up", "Mall och logotyp ställs in av förbundschefen eller administratören."
        )


def _tell(
    association: Association,
    action: str,
    actor: User,
    letterhead: Letterhead | None,
    part: LetterheadPart,
) -> None:
    record_event(
        association=association,
        actor=actor,
        action=action,
        obj=association,
        payload={
            "part": part,
            "number": letterhead.number if letterhead else None,
            "sha256": letterhead.file.sha256 if letterhead else "",
        },
    )
