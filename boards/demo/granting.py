"""The example's efforts after the board's decision, each further on its way than the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from applications.closing import close_effort
from applications.report_plan import effort_period, owed_by
from applications.revising import begin_revision, file_revision, save_revision
from boards.demo import acts, paying, reporting
from boards.demo.acts import Cast, at_time
from boards.demo.others import give_frame
from boards.demo.present import Projects
from finsam import clock
from finsam.documents.models import Upload

PARTLY = 700_000
MOVED = 10_000
WHY_REVISED = (
    "Vi börjar med en grupp i stället för två. Tjänsterna minskar lika mycket hos parterna, men "
    "samordningen behöver något mer tid än dess del av bidraget."
)


def tell_efforts(cast: Cast, projects: Projects, extracts: list[Upload]) -> None:
    """Six efforts: granted a part, agreed, running (three of them), and closed.

    The revised budget of the one granted a part waits for the office. Of those that run the first
    has been paid once, and its next claim and its interim report wait for the office; the report
    of another is late; the third's final report is due soon.
    """
    first, granted, late, agreed, accepted, closed = (one.key for one in cast.content.efforts)
    running = (first, late, accepted, closed)
    day = _grant(cast, projects.began, "Karlskrona, Blekingesalen", running)
    for key in running:
        _agree(cast, key, day + timedelta(days=2))
        start = max(projects.period(key)[0], day + timedelta(days=3))
        with clock.at(at_time(start, 9)):
            acts.start_effort(cast, acts.fresh(cast, key).agreements.get())
    _claim(cast, first, projects, extracts)
    with clock.at(at_time(projects.ago(70), 9)):
        for key in (accepted, closed):
            _report(cast, key, 0)
    with clock.at(at_time(projects.ago(20), 9)):
        _close(cast, closed, extracts[2])
    with clock.at(at_time(projects.ago(4), 13)):
        reporting.hand_in(cast, first, owed_by(acts.fresh(cast, first))[0])
    began = projects.ago(40 + (projects.ago(40).weekday() - 3) % 7)
    efforts = (granted, agreed)
    day = _grant(cast, began, "Ronneby, Kallingesalen", efforts, partly={granted: PARTLY})
    with clock.at(at_time(day + timedelta(days=2), 8)):
        _revise(cast, granted)
    _agree(cast, agreed, day + timedelta(days=2))


def _agree(cast: Cast, key: str, day: date) -> None:
    """The agreement of an effort is sent, and signed by all."""
    with clock.at(at_time(day, 9)):
        acts.sign_agreement(cast, acts.send_agreement(cast, key))


def _claim(cast: Cast, key: str, projects: Projects, extracts: list[Upload]) -> None:
    begun, _ended = projects.period(key)
    with clock.at(at_time(begun + timedelta(days=40), 10)):
        period = begun, begun + timedelta(days=30)
        paying.pay(cast, paying.claim(cast, key, period, 8, extracts[0]))
    with clock.at(at_time(projects.ago(4), 11)):
        begun = projects.ago(39)
        paying.claim(cast, key, (begun, begun + timedelta(days=30)), 10, extracts[1])


def _report(cast: Cast, key: str, at: int) -> None:
    """One of the reports of an effort, handed in and accepted."""
    owed = owed_by(acts.fresh(cast, key))[at]
    reporting.accept(cast, reporting.hand_in(cast, key, owed))


def _close(cast: Cast, key: str, extract: Upload) -> None:
    """The last claim paid, the final report accepted, and the effort closed."""
    application = acts.fresh(cast, key)
    period = effort_period(application)
    if period is None:
        raise LookupError(f"{application.title} har ingen period.")
    paying.pay(cast, paying.claim(cast, key, period, 90, extract, is_final=True))
    _report(cast, key, 1)
    close_effort(application=application, actor=cast.officer)


def tell_waiting_agreement(cast: Cast, began: date) -> None:
    """An effort is granted, and its agreement waits for all but the first to sign."""
    with clock.at(at_time(began + timedelta(days=26), 9)):
        give_frame(cast)
    key = cast.content.efforts[0].key
    day = _grant(cast, began, "Mötesrummet", [key])
    with clock.at(at_time(day + timedelta(days=2), 8)):
        agreement = acts.send_agreement(cast, key)
    with clock.at(at_time(day + timedelta(days=3), 9)):
        acts.sign_agreement(cast, agreement, only_first=True)


def _revise(cast: Cast, key: str) -> None:
    """The lead party moves money between two lines, says why, and files the revised budget."""
    application, author = acts.fresh(cast, key), cast.people[cast.content.effort(key).author]
    revised = begin_revision(application=application, actor=author)
    giving, taking = sorted(revised.rows, key=lambda row: row["amount"])[-2:]
    saved = save_revision(
        application=application,
        revised=revised,
        amounts={
            giving["key"]: giving["amount"] - MOVED,
            taking["key"]: taking["amount"] + MOVED,
        },
        note=WHY_REVISED,
        expected_revision=revised.revision,
        actor=author,
    )
    file_revision(application=application, revised=saved, actor=author)


def _grant(
    cast: Cast,
    began: date,
    place: str,
    keys: Iterable[str],
    partly: Mapping[str, int] = MappingProxyType({}),
) -> date:
    """The board grants the efforts, some of them in part, and they are told; gives its day."""
    with clock.at(at_time(began + timedelta(days=27), 9)):
        for key in keys:
            acts.review_application(cast, key)
            acts.write_memo(cast, key, amount=partly.get(key))
    day = began + timedelta(days=32)
    with clock.at(at_time(began + timedelta(days=28), 9)):
        meeting = acts.plan(cast, "board", at_time(day, 9), place)
        acts.put_on_agenda(cast, meeting, keys)
        meeting = acts.call(cast, meeting)
    with clock.at(at_time(day, 9, 2)):
        record = acts.decide_all(cast, acts.gather(cast, meeting))
    with clock.at(at_time(day + timedelta(days=1), 14)):
        record = acts.attest_by_all(cast, record)
        acts.post_everywhere(cast, record)
    taken_down = day + timedelta(days=30)
    if taken_down < clock.today():
        with clock.at(at_time(taken_down, 9)):
            acts.take_down_everywhere(cast, record)
    return day
