"""The people and cases of the example installation, by the names the journeys call them by."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from applications.models import Application
from boards.demo.acts import Cast
from boards.demo.content import EffortContent, efforts, people
from boards.demo.loading import MAIN
from boards.models import Body, Meeting
from finsam.associations.models import Association
from finsam.jobs.work import run_waiting
from finsam.people.models import User


class Example:
    """Samordningsförbundet i Blekinge with five efforts at different steps."""

    def __init__(self) -> None:
        self.association = Association.objects.get(slug="blekinge")
        self.content = efforts(MAIN)
        self._addresses = {one.key: one.email for one in people("blekinge").people}

    def person(self, key: str) -> User:
        """By the key of the content, for example nadja_berg."""
        return User.objects.get(email=self._addresses[key])

    def effort(self, key: str) -> EffortContent:
        return self.content.effort(key)

    def application(self, key: str) -> Application:
        """By the effort's key: karlskrona, karlshamn, ronneby, solvesborg or olofstrom."""
        return Application.objects.select_related("association", "round").get(
            association=self.association, title=self.effort(key).title
        )

    def sought(self, key: str) -> int:
        """What the effort's application asks for, in kronor."""
        rows = self.effort(key).financing
        return sum(row.amount for row in rows if row.source == "sought")

    def meeting(self, kind: str, state: str) -> Meeting:
        """The coming meeting of the board or the council."""
        return Meeting.objects.get(
            association=self.association, body__kind=kind, state=state, body__in=Body.objects.all()
        )

    @property
    def cast(self) -> Cast:
        """What the acts of the story need, to bring a case to where a journey begins."""
        applications = {one.key: self.application(one.key) for one in self.content.efforts}
        return Cast(
            self.association,
            applications["karlskrona"].round,
            self.content,
            {key: self.person(key) for key in self._addresses},
            applications,
        )

    def work(self) -> None:
        """What the worker beside the site does: documents and mails."""
        run_waiting()


def fill_in(page: Page, answers: dict[str, Any]) -> None:
    """Answer the questions of the section that is open, as far as they are there."""
    for key, value in answers.items():
        name = f"q-{key}"
        if page.locator(f"[name^='{name}']").count():
            _answer(page, name, value)


def _answer(page: Page, name: str, value: Any) -> None:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        for at, row in enumerate(value):
            for column, cell in row.items():
                control = page.locator(f"[name='{name}-{at}-{column}']:not([type=hidden])")
                if control.count():
                    control.fill(str(cell))
    elif isinstance(value, list):
        for one in value:
            page.locator(f"[name='{name}'][value='{one}']").check()
    elif isinstance(value, dict):
        for part, cell in value.items():
            page.locator(f"[name='{name}-{part}']").fill(str(cell))
    elif isinstance(value, bool):
        page.locator(f"#{name}").set_checked(value)
    elif page.locator(f"[name='{name}'][type=radio]").count():
        page.locator(f"[name='{name}'][value='{value}']").check()
    else:
        page.locator(f"#{name}").fill(str(value).strip())
