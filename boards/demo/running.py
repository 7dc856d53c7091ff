"""An effort that runs, to its end: paid, reported, closed, and followed up a year after.

Nothing here knows a programme: which reports there are, and when, follows from its file.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

from applications.closing import close_effort
from applications.programme_definition.values import ReportKind
from applications.report_dates import DueReport
from applications.report_plan import effort_period, owed_by
from applications.returning import due_day, plan_rows
from boards.demo import acts, paying, reporting
from boards.demo.acts import Cast
from finsam.typography import kronor

Step = Callable[..., AbstractContextManager[list[str]]]
SHARE = 90
"""Claimed of each budget line in the final request, per cent; the rest goes back."""


class RunningEffort:
    """The way of one effort; `tell` tells of each step, under the effort's `name`."""

    def __init__(self, cast: Cast, key: str, tell: Step, name: str) -> None:
        self.cast, self.key, self.tell, self.name = cast, key, tell, name
        self.owed = owed_by(acts.fresh(cast, key))

    def run(self) -> None:
        """Interim reports, the final claim and report, closing, the follow-up."""
        application = acts.fresh(self.cast, self.key)
        period = effort_period(application)
        if period is None:
            raise LookupError(f"{application.title} har ingen period.")
        for owed in self._of(ReportKind.INTERIM):
            self._report(owed)
        self._claim(*period)
        for owed in self._of(ReportKind.FINAL):
            self._report(owed)
        self._close()
        for owed in self._of(ReportKind.FOLLOW_UP):
            self._report(owed)
        self._return()

    def step(self, title: str, day: date, hour: int = 9) -> AbstractContextManager[list[str]]:
        return self.tell(f"{self.name}: {title}", day, hour)

    def _of(self, kind: ReportKind) -> list[DueReport]:
        return [one for one in self.owed if one.definition.kind is kind]

    def _claim(self, first: date, last: date) -> None:
        day = last + timedelta(days=6)
        with self.step("slutrekvisitionen attesteras och skickas", day) as notes:
            author = self.cast.people[self.cast.content.effort(self.key).author]
            extract = paying.receive_extract(self.cast.association, author, f"Huvudbok {last}.xlsx")
            request = paying.claim(
                self.cast, self.key, (first, last), SHARE, extract, is_final=True
            )
            notes.append(kronor(request.amount))
        with self.step("slutrekvisitionen kontrolleras, godkänns av en annan, betalas", day, 13):
            paying.pay(self.cast, request)

    def _report(self, owed: DueReport) -> None:
        name = owed.name[:1].lower() + owed.name[1:]
        with self.step(f"{name} lämnas", owed.due - timedelta(days=10)):
            report = reporting.hand_in(self.cast, self.key, owed)
        with self.step(f"{name} godkänns", owed.due - timedelta(days=3)):
            reporting.accept(self.cast, report)

    def _return(self) -> None:
        """Where the money comes back: each year of the plan is settled."""
        application = acts.fresh(self.cast, self.key)
        last = max(one.due for one in self.owed)
        for year in sorted({row.year for row in plan_rows(application)}):
            day = max(due_day(application, year), last)
            with self.step(f"återföringen {year} stäms av", day) as notes:
                notes.append(kronor(acts.settle_returns(self.cast, self.key, year)))

    def _close(self) -> None:
        day = max(one.due for one in self._of(ReportKind.FINAL))
        with self.step("insatsen avslutas", day) as notes:
            close_effort(application=acts.fresh(self.cast, self.key), actor=self.cast.officer)
            found = acts.fresh(self.cast, self.key)
            notes.append(f"{found.title}: {found.get_state_display().lower()}")
