"""The example's efforts after the board's decision, each further on its way than the one before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from applications.closing import close_effort
from applications.report_plan import effort_period, owed_by
from boards.demo import acts, paying, reporting
from boards.demo.acts import Cast, at_time
from boards.demo.others import give_frame
from finsam import clock
from finsam.documents.models import Upload


def tell_efforts(cast: Cast, began: date, extracts: list[Upload]) -> None:
    """Five efforts: granted, agreed, running (two of them reported), and closed.

    The first has been paid once; its next claim and its interim report wait for the office.
    """
    first, _granted, agreed, accepted, closed = (one.key for one in cast.content.efforts)
    day = _grant(
        cast, began, "Karlskrona, Blekingesalen", [one.key for one in cast.content.efforts]
    )
    with clock.at(at_time(day + timedelta(days=2), 9)):
        for key in (first, agreed, accepted, closed):
            agreement = acts.send_agreement(cast, key)
            acts.sign_agreement(cast, agreement)
            if key != agreed:
                acts.start_effort(cast, agreement)
    _claim(cast, first, day, extracts)
    with clock.at(at_time(day + timedelta(days=4), 9)):
        _report(cast, accepted, 1)
        _close(cast, closed, extracts[2])
    with clock.at(at_time(day + timedelta(days=6), 13)):
        reporting.hand_in(cast, first, owed_by(acts.fresh(cast, first))[0])


def _claim(cast: Cast, key: str, day: date, extracts: list[Upload]) -> None:
    with clock.at(at_time(day + timedelta(days=2), 10)):
        begun = day - timedelta(days=60)
        period = begun, begun + timedelta(days=30)
        paying.pay(cast, paying.claim(cast, key, period, 8, extracts[0]))
    with clock.at(at_time(day + timedelta(days=6), 11)):
        begun = day - timedelta(days=29)
        paying.claim(cast, key, (begun, begun + timedelta(days=30)), 10, extracts[1])


def _report(cast: Cast, key: str, count: int) -> None:
    """The first reports of an effort, handed in and accepted."""
    for owed in owed_by(acts.fresh(cast, key))[:count]:
        reporting.accept(cast, reporting.hand_in(cast, key, owed))


def _close(cast: Cast, key: str, extract: Upload) -> None:
    """The last claim paid, both reports accepted, and the effort closed; the follow-up remains."""
    application = acts.fresh(cast, key)
    period = effort_period(application)
    if period is None:
        raise LookupError(f"{application.title} har ingen period.")
    paying.pay(cast, paying.claim(cast, key, period, 90, extract, is_final=True))
    _report(cast, key, 2)
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


def _grant(cast: Cast, began: date, place: str, keys: Iterable[str]) -> date:
    """The board grants the efforts, and they are told; gives the day of the meeting."""
    with clock.at(at_time(began + timedelta(days=27), 9)):
        for key in keys:
            acts.review_application(cast, key)
            acts.write_memo(cast, key)
    day = began + timedelta(days=32)
    with clock.at(at_time(began + timedelta(days=28), 9)):
        meeting = acts.plan(cast, "board", at_time(day, 9), place)
        acts.put_on_agenda(cast, meeting, keys)
        meeting = acts.call(cast, meeting)
    with clock.at(at_time(day, 9, 2)):
        record = acts.decide_all(cast, acts.gather(cast, meeting))
    with clock.at(at_time(day + timedelta(days=1), 14)):
        acts.post_everywhere(cast, acts.attest_by_all(cast, record))
    return day
