"""A budget in a spreadsheet of the applicants' own, sent in for the effort that is left open."""

from __future__ import annotations

import io
from collections.abc import Mapping

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from applications.budget_imports import receive_workbook
from applications.models import Application, ApplicationState
from boards.demo.content import efforts
from finsam.people.models import User

PROGRAMME, EFFORT = "blekinge-individinsatser-2024", "olofstrom"
NAME = "Kvinnor vidare, vår kalkyl.xlsx"
# In thousands of kronor, as the municipality's controller wrote it; one sum is off by 5.
ROWS: tuple[tuple[str | float | None, ...], ...] = (
    ("Kvinnor vidare 2024 (tkr)",),
    (),
    ("Post", "Olofströms kn", "Reg. Blekinge", "Arbetsf.", "Summa"),
    ("Samordnare 75 % inkl PO", 468, None, None, 468),
    ("Brobyggare 50 % inkl PO", 236, None, None, 236),
    ("Barnmorska 15 % inkl PO", None, 92, None, 92),
    ("Arbetsförmedlare 10 % inkl PO", None, None, 64, 64),
    ("Lokal öppna förskolan", 36, None, None, 36),
    ("Material", 14.5, None, None, 14.5),
    ("Utbildning brobyggare", 19, None, None, 19),
    ("Barnpassning vid gruppträffar", 22, None, None, 22),
    ("OH", 25, None, None, 25),
    ("Totalt", 820.5, 92, 64, 981.5),
    ("Egen finansiering", 54, 92, 64, 210),
    ("Sökt belopp", 766.5, 0, 0, 766.5),
)


def send(people: Mapping[str, User]) -> None:
    """Send the sheet in, outside transactions; it waits on its page to be confirmed."""
    effort = efforts(PROGRAMME).effort(EFFORT)
    application = Application.objects.select_related("association", "budget", "template").get(
        association__slug="blekinge", title=effort.title, state=ApplicationState.DRAFT
    )
    receive_workbook(
        application=application,
        file=SimpleUploadedFile(NAME, _sheet()),
        actor=people[effort.author],
    )


def _sheet() -> bytes:
    book = Workbook()
    page = book.worksheets[0]
    page.title = "Budget tkr"
    for row in ROWS:
        page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
