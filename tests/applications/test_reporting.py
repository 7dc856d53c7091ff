"""Reports of a granted effort: written, handed in once, accepted or sent back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application, Programme, Report, ReportVersion
from applications.programme_definition import PROGRAMMES, as_json, read_programme
from applications.report_plan import owed_by
from applications.report_saving import ReportConflict, mark_of, save_part
from applications.reporting import (
    accept_report,
    begin_report,
    return_report,
    submit_report,
    what_is_missing,
)
from boards.models import Outcome
from boards.reminders import remind
from budgets.payment_use import use_of
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import Conflict, DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.kept import kept

FULL: dict[str, dict[str, Any]] = {
    "answers": {
        "activities": "Samtal och praktik.",
        "staff_division": "Ja, som i budgeten.",
        "deviations": "Inget.",
    },
    "outcomes": {"influence": 92, "readiness": 71, "outcome": 48},
    "participants": {"women": 33, "men": 37, "other": 2},
}

AUTOSAVE = {"X-Autosave": "1"}


@kept
def application(
    association: Association, member: Member, applicant: User, director: User
) -> Application:
    """Granted and told, in a programme that asks for reports."""
    frame = make.make_frame(association, amount=1_000_000)
    round_ = make.make_round(association, frame=frame)
    definition = as_json(read_programme(PROGRAMMES / "blekinge-projekt-2021.toml"))
    programme = Programme.objects.get(pk=round_.programme_id)
    programme.definition = {
        **programme.definition,
        "reports": definition["reports"],
        "goals": definition["goals"],
    }
    programme.save()
    received = make.make_received(round_, member, applicant)
    return make.make_decided_and_told(received, director, outcome=Outcome.GRANTED, amount=500_000)


@kept
def co_applicant(application: Application) -> User:
    party = application.parties.select_related("member").get(is_lead=False)
    return make.make_person(RoleKind.APPLICANT, application.association, party.member)


@kept
def report(application: Application, applicant: User) -> Report:
    return begin_report(application=application, key="interim", occurrence=1, actor=applicant)


def written(report: Report, actor: User, **changes) -> Report:
    for part, values in {**FULL, **changes}.items():
        seen = mark_of(report, part)
        report = save_part(report=report, part=part, values=values, seen=seen, actor=actor)
    return report


def handed_in(report: Report, actor: User) -> Report:
    return submit_report(report=written(report, actor), actor=actor)


def page(name: str, application: Application, *more) -> str:
    return reverse(
        f"applications:{name}", args=[application.association.slug, application.public_id, *more]
    )


def asked(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(url)
    return len(captured)


def at_noon(day: date) -> datetime:
    return clock.from_wall_clock(day, time(12))


def test_what_is_owed_comes_from_the_programme_and_the_period(application: Application) -> None:
    assert [each.name for each in owed_by(application)] == [
        "Delårsrapport",
        "Slutrapport",
        "Uppföljning av implementeringen",
    ]


def test_a_report_is_begun_once(application: Application, report: Report, applicant: User) -> None:
    again = begin_report(application=application, key="interim", occurrence=1, actor=applicant)
    assert again == report
    assert Event.objects.filter(action="report_begun").count() == 1
    for key, occurrence in (("interim", 2), ("unknown", 1)):
        with pytest.raises(NotPossible, match="ska inte lämnas"):
            begin_report(application=application, key=key, occurrence=occurrence, actor=applicant)


def test_nothing_is_owed_before_the_grant(
    association: Association, member: Member, applicant: User
) -> None:
    received = make.make_received(make.make_round(association), member, applicant)
    with pytest.raises(NotPossible, match="beviljad insats"):
        begin_report(application=received, key="final", occurrence=1, actor=applicant)


def test_handed_in_it_is_frozen_registered_and_told_once(report: Report, applicant: User) -> None:
    before = Record.objects.count()
    sent = handed_in(report, applicant)
    assert (sent.state, sent.versions.get().content) == ("submitted", FULL)
    assert sent.versions.get().sha256 == sent.sha256
    assert submit_report(report=sent, actor=applicant).revision == sent.revision
    assert Record.objects.count() == before + 1
    assert Event.objects.filter(action="report_submitted").count() == 1
    with pytest.raises(NotPossible, match="kan inte ändras"):
        written(sent, applicant, participants={"women": 1, "men": 1, "other": 1})
    for change in (
        ReportVersion.objects.all().delete,
        lambda: ReportVersion.objects.update(number=9),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_is_missing_is_named(report: Report, applicant: User) -> None:
    saved = written(
        report,
        applicant,
        answers={"activities": " "},
        outcomes={"influence": 0},
        participants={"women": 0, "men": None, "other": 0},
    )
    missing = what_is_missing(saved)
    assert len(missing) == 6
    assert "utfall för ”Andel deltagare som upplever" not in " ".join(missing)
    with pytest.raises(NotPossible, match="Vad har ni gjort"):
        submit_report(report=saved, actor=applicant)


@pytest.mark.parametrize("value", [101, -1, "nittio", True, 1.5])
def test_an_outcome_is_a_number_within_its_unit(report: Report, applicant: User, value) -> None:
    with pytest.raises(DomainError):
        written(report, applicant, outcomes={"influence": value})


def test_two_who_change_the_same_answer_get_both_texts(
    report: Report, applicant: User, co_applicant: User
) -> None:
    seen = mark_of(report, "outcomes")
    written(report, co_applicant)
    mine = {"influence": 1, "readiness": 71, "outcome": None}
    with pytest.raises(ReportConflict, match="Välj vilken") as caught:
        save_part(report=report, part="outcomes", values=mine, seen=seen, actor=applicant)
    assert [(one.key, one.mine, one.theirs) for one in caught.value.clashes] == [
        ("influence", 1, 92)
    ]
    report.refresh_from_db()
    assert report.content == FULL


def test_what_others_wrote_meanwhile_stays_where_one_did_not_touch_it(
    report: Report, applicant: User, co_applicant: User
) -> None:
    report = written(report, applicant)
    seen = mark_of(report, "answers")
    as_read = FULL["answers"]
    for who, key in ((applicant, "activities"), (co_applicant, "deviations")):
        save_part(report=report, part="answers", values={**as_read, key: ""}, seen=seen, actor=who)
    report.refresh_from_db()
    assert report.content["answers"] == {**as_read, "activities": "", "deviations": ""}


def test_who_writes_in_another_part_is_not_in_the_way(
    report: Report, applicant: User, co_applicant: User
) -> None:
    marks = {part: mark_of(report, part) for part in FULL}
    for part, who in zip(FULL, (applicant, co_applicant, applicant), strict=True):
        save_part(report=report, part=part, values=FULL[part], seen=marks[part], actor=who)
    report.refresh_from_db()
    assert report.content == FULL
    with pytest.raises(NotPossible, match="inget sådant avsnitt"):
        save_part(report=report, part="annat", values={}, seen="", actor=applicant)


def test_who_may(
    report: Report,
    applicant: User,
    co_applicant: User,
    officer: User,
    director: User,
) -> None:
    for who in (officer, director):
        with pytest.raises(NotAllowed):
            written(report, who)
    saved = written(report, co_applicant)
    with pytest.raises(NotAllowed, match="Huvudmannen"):
        submit_report(report=saved, actor=co_applicant)
    sent = submit_report(report=saved, actor=applicant)
    for who in (applicant, co_applicant):
        with pytest.raises(NotAllowed, match="Kansliet"):
            accept_report(report=sent, seen_hash=sent.sha256, actor=who)
        with pytest.raises(NotAllowed, match="Kansliet"):
            return_report(
                report=sent, message="Mer", answer_by=clock.today().replace(year=2090), actor=who
            )


def test_returned_completed_and_accepted(report: Report, applicant: User, officer: User) -> None:
    sent = handed_in(report, applicant)
    later = clock.today().replace(year=clock.today().year + 1, day=1)
    with pytest.raises(DomainError, match="Skriv vad"):
        return_report(report=sent, message=" ", answer_by=later, actor=officer)
    with pytest.raises(DomainError, match="inte har varit"):
        return_report(report=sent, message="Mer", answer_by=clock.today(), actor=officer)
    back = return_report(report=sent, message="Vilka aktiviteter?", answer_by=later, actor=officer)
    assert (back.state, back.answer_by) == ("returned", later)
    with pytest.raises(NotPossible):
        accept_report(report=back, seen_hash=back.sha256, actor=officer)
    again = submit_report(
        report=written(back, applicant, participants={"women": 34, "men": 37, "other": 2}),
        actor=applicant,
    )
    assert [one.number for one in again.versions.all()] == [2, 1]
    with pytest.raises(Conflict, match="ändrats sedan"):
        accept_report(report=again, seen_hash=sent.sha256, actor=officer)
    done = accept_report(report=again, seen_hash=again.sha256, actor=officer)
    assert accept_report(report=done, seen_hash=done.sha256, actor=officer).state == "accepted"
    assert Event.objects.filter(action="report_accepted").count() == 1
    with pytest.raises(NotPossible):
        return_report(report=done, message="Mer", answer_by=later, actor=officer)


@pytest.mark.anywhere
def test_the_pages_from_beginning_to_accepted(
    client: Client, application: Application, applicant: User, officer: User
) -> None:
    client.force_login(applicant)
    assert "Delårsrapport" in client.get(page("reports", application)).content.decode()
    mine = page("report", application, "interim", 1)
    assert client.post(mine, {"gor": "borja"}).status_code == 302
    pieces = {name: f"{mine}{name}/" for name in ("fragor", "utfall", "deltagare")}
    shown = client.get(mine).content.decode()
    assert all(address in shown for address in pieces.values())
    assert "Det här återstår" in shown
    early = client.post(mine, {"gor": "lamna"})
    assert early.status_code == 422
    assert "antal deltagare" in early.content.decode()
    for part, address in zip(FULL, pieces.values(), strict=True):
        form = client.get(address).context["form"]
        said = {f"{part}-{key}": 5 for key in form.keys.values()}
        said |= {f"{part}-{key}": value for key, value in FULL[part].items()}
        sent = {**said, "version": form["version"].value(), "action": "next"}
        assert client.post(address, sent).status_code == 302
        assert client.post(address, sent).status_code == 302  # the same again
    whole = client.get(mine).content.decode()
    assert "Det här återstår" not in whole
    assert [client.post(mine, {"gor": "lamna"}).status_code for _ in range(2)] == [302, 302]
    assert "Kansliet läser rapporten" in client.get(mine).content.decode()
    assert client.get(pieces["utfall"])["Location"] == mine
    assert client.get(f"{mine}annat/").status_code == 302
    assert ReportVersion.objects.count() == 1
    client.force_login(officer)
    theirs = page("office_report", application, "interim", 1)
    shown = client.get(theirs).content.decode()
    assert "92 procent" in shown
    assert "90 procent" in shown
    assert client.post(theirs, {"gor": "ater", "message": "", "answer_by": ""}).status_code == 422
    report = Report.objects.get(key="interim")
    assert client.post(theirs, {"gor": "godkann", "sett": "other"}).status_code == 409
    assert client.post(theirs, {"gor": "godkann", "sett": report.sha256}).status_code == 302
    assert "Godkänd" in client.get(page("office_reports", application)).content.decode()


def test_small_counts_are_hidden_from_the_auditor(
    client: Client, report: Report, application: Application, applicant: User, officer: User
) -> None:
    handed_in(report, applicant)
    theirs = page("office_report", application, "interim", 1)
    auditor = make.make_person(RoleKind.AUDITOR, application.association)
    for who, hidden in ((officer, False), (auditor, True)):
        client.force_login(who)
        shown = client.get(theirs).content.decode()
        assert ("färre än 5" in shown) is hidden
        assert "33" in shown
    assert client.post(theirs, {"gor": "godkann", "sett": "x"}).status_code == 404


def test_a_draft_is_not_shown_to_the_office_nor_anything_to_others(
    client: Client,
    report: Report,
    application: Application,
    officer: User,
    foreign_director: User,
    other_association: Association,
) -> None:
    client.force_login(officer)
    assert client.get(page("office_report", application, "interim", 1)).status_code == 404
    assert "Utkast" not in client.get(page("office_reports", application)).content.decode()
    client.force_login(foreign_director)
    for name, more in (("office_reports", ()), ("office_report", ("interim", 1))):
        theirs = reverse(
            f"applications:{name}", args=[other_association.slug, application.public_id, *more]
        )
        assert client.get(theirs).status_code == 404
    for name, more in (("reports", ()), ("report", ("interim", 1))):
        assert client.get(page(name, application, *more)).status_code in (403, 404)


def test_a_personal_number_is_asked_about_and_not_saved(
    client: Client, report: Report, application: Application, applicant: User
) -> None:
    client.force_login(applicant)
    mine = page("report_part", application, "interim", 1, "fragor")
    said = {"answers-activities": "Hon, 19811218-9876, började.", "version": ""}
    typed = client.post(mine, said, headers=AUTOSAVE)
    answer = client.post(mine, said)
    assert [typed.status_code, answer.status_code] == [422, 422]
    assert "personnummer" in typed.json()["message"]
    assert "personnummer" in answer.content.decode()
    report.refresh_from_db()
    assert report.content == {}
    assert client.post(mine, {**said, "anyway": "on"}).status_code == 302


@pytest.mark.anywhere
def test_a_part_is_saved_while_one_types(
    client: Client, report: Report, application: Application, applicant: User
) -> None:
    client.force_login(applicant)
    mine = page("report_part", application, "interim", 1, "fragor")
    assert f'data-autosave="{mine}"' in client.get(mine).content.decode()
    version = ""
    for text in ("Sam", "Samtal", "Samtal och praktik"):
        said = {"answers-activities": text, "version": version}
        answer = client.post(mine, said, headers=AUTOSAVE).json()
        assert answer["saved"]
        version = answer["version"]
    report.refresh_from_db()
    assert report.content["answers"]["activities"] == "Samtal och praktik"
    assert version == mark_of(report, "answers")
    assert client.get(mine).context["form"]["version"].value() == version


@pytest.mark.anywhere
@pytest.mark.parametrize(
    ("choice", "kept"),
    [("mine", "Mitt"), ("theirs", "Deras"), ("both", "Deras\n\nMitt")],
)
def test_one_chooses_between_two_texts(
    client: Client,
    report: Report,
    application: Application,
    applicant: User,
    co_applicant: User,
    choice: str,
    kept: str,
) -> None:
    save_part(
        report=report, part="answers", values={"activities": "Deras"}, seen="", actor=co_applicant
    )
    client.force_login(applicant)
    mine = page("report_part", application, "interim", 1, "fragor")
    said = {"answers-activities": "Mitt", "answers-deviations": "Inget", "version": ""}
    panel, shown = client.post(mine, said, headers=AUTOSAVE), client.post(mine, said)
    assert [panel.status_code, shown.status_code] == [409, 409]
    for text in ("Deras", "Mitt", "Två texter till samma fråga"):
        assert text in panel.content.decode()
    assert "<html" in shown.content.decode()
    assert "<html" not in panel.content.decode()
    carried = dict(shown.context["hidden"])
    chosen = {**carried, "version": shown.context["version"]}
    client.post(mine, {**chosen, "keep-answers-activities": choice})
    report.refresh_from_db()
    assert report.content["answers"]["activities"] == kept
    assert report.content["answers"]["deviations"] == "Inget"


@pytest.mark.anywhere
def test_a_session_that_ended_costs_no_text(
    client: Client,
    report: Report,
    application: Application,
    applicant: User,
    co_applicant: User,
) -> None:
    mine = page("report_part", application, "interim", 1, "fragor")
    said = {"answers-activities": "Skrivet länge", "version": ""}
    assert client.post(mine, said, headers=AUTOSAVE).status_code == 401
    assert client.post(mine, said)["Location"].endswith(f"?next={mine}")
    save_part(
        report=report, part="answers", values={"activities": "Deras"}, seen="", actor=co_applicant
    )
    client.force_login(applicant)
    shown = client.get(mine)
    assert "Det du skrev finns kvar" in shown.content.decode()
    assert "Skrivet länge" in shown.content.decode()
    # What somebody saved while one was signed out is not written over unseen.
    again = {**said, "version": shown.context["form"]["version"].value()}
    assert client.post(mine, again).status_code == 409
    seen = mark_of(Report.objects.get(pk=report.pk), "answers")
    assert client.post(mine, {**said, "version": seen}).status_code == 302
    assert "Det du skrev finns kvar" not in client.get(mine).content.decode()


@pytest.mark.anywhere
def test_the_pages_ask_at_most_fifteen_questions(
    client: Client, report: Report, application: Application, applicant: User, officer: User
) -> None:
    client.force_login(applicant)
    counts = {}
    for name, more in (
        ("reports", ()),
        ("report", ("interim", 1)),
        ("report", ("final", 1)),
        *(("report_part", ("interim", 1, name)) for name in ("fragor", "utfall", "deltagare")),
    ):
        counts[name, more] = asked(client, page(name, application, *more))
    handed_in(report, applicant)
    counts["report", "read"] = asked(client, page("report", application, "interim", 1))
    client.force_login(officer)
    for name, more in (("office_reports", ()), ("office_report", ("interim", 1))):
        counts[name, more] = asked(client, page(name, application, *more))
    assert {one: count for one, count in counts.items() if count > 15} == {}


def test_money_used_comes_from_approved_requests(application: Application) -> None:
    assert application.grant is not None
    assert use_of(application.grant) == []


@pytest.mark.parametrize(
    ("days_before", "expected"),
    [
        (31, {}),
        (30, {"applicant": 1}),
        (8, {"applicant": 1}),
        (7, {"applicant": 2}),
        (0, {"applicant": 3}),
        (-1, {"applicant": 4, "officer": 1}),
    ],
)
def test_reminders_come_before_the_last_day_and_late_to_the_office_too(
    application: Application, applicant: User, officer: User, days_before: int, expected
) -> None:
    due = owed_by(application)[0].due
    told = at_noon(due - timedelta(days=60))
    Application.objects.filter(pk=application.pk).update(outcome_public_at=told)
    Role.objects.update(valid_from=told.date())
    for left in range(31, days_before - 1, -1):
        with clock.at(at_noon(due - timedelta(days=left))):
            remind(application.association)
            remind(application.association)
    mails = Message.objects.filter(subject__contains="Delårsrapport")
    counts = {
        "applicant": mails.filter(recipient=applicant).count(),
        "officer": mails.filter(recipient=officer).count(),
    }
    assert {who: count for who, count in counts.items() if count} == expected


def test_no_reminder_of_a_report_that_is_handed_in(
    application: Application, report: Report, applicant: User
) -> None:
    handed_in(report, applicant)
    told = at_noon(report.due_on - timedelta(days=60))
    Application.objects.filter(pk=application.pk).update(outcome_public_at=told)
    with clock.at(at_noon(report.due_on)):
        remind(application.association)
    assert not Message.objects.filter(subject__startswith="I dag: Delårsrapport").exists()
