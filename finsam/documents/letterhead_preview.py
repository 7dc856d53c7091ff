"""A letterhead on trial: a made-up document in a template, as Word file and as PDF."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from finsam.associations.models import Association
from finsam.documents.documents import Rendered, identity_on_trial
from finsam.documents.letterheads import SETTING_UP
from finsam.documents.models import Letterhead, Preview
from finsam.documents.office import pdf_of_office_file
from finsam.documents.previews import ask_preview, preview_kind
from finsam.documents.word import WordDocument
from finsam.documents.word_letterhead import sample_letterhead
from finsam.errors import NotPossible
from finsam.people.models import User

TITLE = "Så här ser en handling ut"


def sample_file(association: Association) -> bytes:
    """The portal's own template as a Word file with its fields, to make one's own of."""
    return sample_letterhead(identity_on_trial(association, TITLE))


def trial_file(letterhead: Letterhead) -> bytes:
    """A Word file in the template, with one of everything that documents hold."""
    source = identity_on_trial(letterhead.association, TITLE)
    word = WordDocument(source | {"word_template": letterhead.file.key})
    word.meta("Till styrelsen", "1 januari")
    word.title(TITLE)
    word.ingress("Texten är påhittad. Den visar rubriker, listor, tabeller och beslut i mallen.")
    word.heading("1 Förslag till beslut")
    word.decision("Styrelsen föreslås besluta", ["bevilja 100 000 kronor", "avsluta ärendet"])
    word.heading("2 Ärendet")
    word.paragraphs("Ett stycke text.\n\n- En punkt\n- En punkt till")
    word.heading("Parter", level=2)
    word.facts([("Sökande", "En kommun"), ("Parter", ["En region", "En myndighet"])])
    word.heading("3 Ekonomi")
    word.table(caption="Ramen, kronor", columns=COLUMNS, rows=ROWS, total=["Kvar", 400_000])
    word.signatures([{"name": "Namn", "role": "Ordförande"}, {"name": "Namn", "role": "Justerare"}])
    return word.as_bytes()


COLUMNS: list[dict[str, Any]] = [{"text": "Post"}, {"text": "Belopp", "numeric": True}]
ROWS: list[list[Any]] = [["Ram", 500_000], ["Beviljat", 100_000]]


def trial_preview(letterhead: Letterhead, actor: User) -> Preview:
    """The same as PDF, as LibreOffice shows it: made, or promised."""
    return ask_preview(
        association=letterhead.association,
        kind="letterhead",
        key=f"letterhead:{letterhead.pk}",
        name=f"Prov {letterhead}.pdf",
        back=reverse("documents:letterheads", args=[letterhead.association.slug]),
        source=identity_on_trial(letterhead.association, TITLE) | {"letterhead": letterhead.pk},
        requested_by=actor,
    )


def trial_pdf(source: dict[str, Any], association: Association) -> Rendered:
    """The PDF of a trial. Raises NotPossible where LibreOffice is not at hand."""
    rows = Letterhead.objects.select_related("association", "file")
    found = rows.get(pk=source["letterhead"], association=association)
    made = pdf_of_office_file(trial_file(found), "docx")
    if made is None:
        raise NotPossible(
            "no_office",
            "Här kan ingen PDF göras av en Word-fil. Öppna provet i Word i stället.",
        )
    return Rendered(made)


preview_kind(
    "letterhead",
    title="Prov av mallen",
    origin="Brevmall och logotyp",
    build=trial_pdf,
    may_see=lambda visitor, preview: visitor.has(*SETTING_UP),
)
