"""The addendum: made of an approved change, signed as the agreement is, out of date with a sum."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.changing import lines_of, set_delegation, submit_change
from applications.models import Application, ChangeKind
from applications.report_plan import effort_period
from boards.addenda import begin_addendum
from boards.agreement_content import signing_parties
from boards.agreement_papers import agreement_source, document_key, write_agreement
from boards.agreement_signing import decline_agreement, sign_agreement
from boards.agreements import content_of, send_agreement, start_effort
from boards.changes import decide_change
from boards.changes_shown import changed_since_signing
from boards.dashboard import dashboard
from boards.models import Agreement, AgreementState, Meeting
from budgets.figures import OutdatedFigures
from budgets.frames import change_grant
from finsam import clock
from finsam.associations.models import Member
from finsam.documents.documents import job_for
from finsam.errors import NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import RoleKind, User
from finsam.registry.models import Event
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def effort(called: Meeting, director: User) -> Application:
    application = make.make_told(called, director)
    make.make_agreed(application, director)
    return make.reread(application)


@kept
def chief(effort: Application) -> User:
    found = make.make_person(RoleKind.DIRECTOR, effort.association)
    set_delegation(
        association=effort.association, kinds=list(ChangeKind.values), basis="4.2", actor=found
    )
    return found


def approved(effort: Application, actor: User, chief: User, **said: object) -> Agreement:
    """The addendum of a change of the effort that the director has approved."""
    change = submit_change(application=effort, reason="Läget är ett annat.", actor=actor, **said)
    settled = decide_change(change=change, approves=True, decision="Skäligt.", actor=chief)
    return Agreement.objects.select_related(
        "change__decided_by", "application__association", "application__grant", "item"
    ).get(change=settled)


def signed(addendum: Agreement, chief: User) -> Agreement:
    """Sent, and signed by the association and all parties."""
    version = send_agreement(agreement=addendum, actor=chief)
    for party in [None, *signing_parties(addendum)]:
        actor = chief
        if party is not None:
            association = addendum.application.association
            actor = make.make_person(RoleKind.SIGNATORY, association, party.member)
        sign_agreement(
            agreement=addendum,
            party=party,
            password=make.PASSWORD,
            seen_hash=version.content_hash,
            actor=actor,
        )
    addendum.refresh_from_db()
    return addendum


def longer(effort: Application) -> dict[str, object]:
    period = effort_period(effort)
    assert period is not None
    day = max(period[1], clock.today()) + timedelta(days=90)
    return {"kind": ChangeKind.TIME, "ends_on": day}


def test_an_approved_change_begins_it_and_the_last_signature_ends_the_warning(
    effort: Application, chief: User, applicant: User
) -> None:
    first = effort.agreements.get(change=None)
    addendum = approved(effort, applicant, chief, **longer(effort))
    assert (addendum.state, addendum.item, str(addendum)) == (
        AgreementState.DRAFT,
        None,
        f"Tilläggsavtal 1 om {effort.title}",
    )
    assert begin_addendum(addendum.change, chief, None) == addendum, "begun twice it is one"
    assert changed_since_signing(effort, first.signed_at) == "tid"
    tasks = [one.text for one in dashboard(effort.association)["tasks"]]
    assert f"Skriv klart tilläggsavtal 1: {effort.title}" in tasks
    signed(addendum, chief)
    assert addendum.state == AgreementState.SIGNED
    assert changed_since_signing(effort, first.signed_at) == ""
    assert make.reread(effort).state == effort.state, "the effort goes on as it was"
    assert Event.objects.filter(action="addendum_agreed").count() == 1
    asked = Message.objects.filter(subject__startswith="Tilläggsavtal 1 att skriva under")
    assert asked.exists()
    with pytest.raises(NotPossible):
        start_effort(agreement=addendum, started_on=clock.today(), actor=chief)
    arguments = job_for(document_key(addendum)).arguments
    assert (arguments["kind"], arguments["case"]) == ("addendum", effort.case_id)
    assert arguments["record"] is not None, "registered when all have signed"


def test_it_says_what_is_changed_by_whom_in_pdf_and_word(
    effort: Application, chief: User, applicant: User
) -> None:
    lines = lines_of(effort, applicant)
    amounts = {lines[0].key: lines[0].amount - 10_000}
    addendum = approved(effort, applicant, chief, kind=ChangeKind.SUMS, amounts=amounts)
    content = content_of(addendum)
    assert content["amount"] == 590_000
    assert content["decision"]["in_words"].startswith(chief.get_full_name())
    assert any("590" in line for line in content["changed"])
    version = send_agreement(agreement=addendum, actor=chief)
    source = agreement_source(version, signed=False)
    assert source["budget_total"] == ["Summa", "600\u00a0000", "590\u00a0000"]
    frozen = job_for(document_key(addendum)).arguments["source"]
    assert write_agreement(frozen).startswith(b"PK")


def test_a_sum_that_changes_makes_it_out_of_date(
    effort: Application, chief: User, applicant: User
) -> None:
    addendum = approved(effort, applicant, chief, **longer(effort))
    version = send_agreement(agreement=addendum, actor=chief)
    change_grant(grant=effort.grant, amount=500_000, key="lowered", actor=chief)
    with pytest.raises(OutdatedFigures):
        sign_agreement(
            agreement=addendum,
            party=None,
            password=make.PASSWORD,
            seen_hash=version.content_hash,
            actor=chief,
        )


def test_who_comes_and_who_leaves_both_sign(
    effort: Application, chief: User, applicant: User
) -> None:
    mine = effort.parties.exclude(member=None).values("member")
    joins = Member.objects.filter(association=effort.association).exclude(pk__in=mine)[0]
    leaves = effort.parties.filter(is_lead=False, member__isnull=False)[0]
    said = {"leaves": leaves, "joins": joins}
    addendum = approved(effort, applicant, chief, kind=ChangeKind.PARTIES, **said)
    names = {one["name"]: one["role"] for one in content_of(addendum)["parties"] if one["signs"]}
    assert (names[leaves.name], names[joins.name]) == ("Lämnar", "Går in")
    assert {leaves.name, joins.name} <= {one.name for one in signing_parties(addendum)}


def test_it_is_declined_as_an_agreement_and_nothing_is_begun_for_a_refusal(
    effort: Application, chief: User, applicant: User
) -> None:
    addendum = approved(effort, applicant, chief, kind=ChangeKind.GOALS, goals="Fler i arbete.")
    version = send_agreement(agreement=addendum, actor=chief)
    with pytest.raises(NotAllowed):
        decline_agreement(
            agreement=addendum,
            party=None,
            seen_hash=version.content_hash,
            reason="Nej.",
            actor=applicant,
        )
    decline_agreement(
        agreement=addendum, party=None, seen_hash=version.content_hash, reason="Fel.", actor=chief
    )
    addendum.refresh_from_db()
    assert addendum.state == AgreementState.DRAFT
    change = submit_change(application=effort, reason="Mer tid.", actor=applicant, **longer(effort))
    assert begin_addendum(change, chief, None) is None, "not decided on"
    decide_change(change=change, approves=False, decision="Nej.", actor=chief)
    assert not Agreement.objects.filter(change=change).exists()


@pytest.mark.anywhere
def test_its_pages_and_where_it_is_listed(
    effort: Application, chief: User, applicant: User, sign_in
) -> None:
    addendum = approved(effort, applicant, chief, **longer(effort))
    args = [effort.association.slug, effort.public_id]
    page = reverse("boards:addendum", args=[*args, 1])
    office = reverse("boards:office_addendum", args=[*args, 1])
    theirs, ours = sign_in(applicant), sign_in(chief)
    assert theirs.get(page).status_code == 404, "a draft is the office's"
    said = {"revision": addendum.revision, "other": "", "do": "send"}
    assert ours.post(office, said, follow=True).status_code == 200
    assert page in theirs.get(reverse("boards:changes", args=args)).content.decode()
    assert office in ours.get(reverse("boards:office_changes", args=args)).content.decode()
    assert "Det här ändras" in theirs.get(page).content.decode()
    addendum.refresh_from_db()
    sent = {
        "party": "0",
        "seen": addendum.current.content_hash,
        "has_read": "on",
        "password": make.PASSWORD,
        "do": "sign",
    }
    done = ours.post(reverse("boards:addendum_sign", args=[*args, 1]), sent, follow=True)
    assert done.redirect_chain[-1][0] == page
    assert addendum.versions.get().signatures.get().user == chief
    back = {"seen": addendum.current.content_hash, "reason": "Fel dag."}
    ours.post(reverse("boards:addendum_take_back", args=[*args, 1]), back)
    addendum.refresh_from_db()
    assert addendum.state == AgreementState.DRAFT
    assert ours.get(reverse("boards:addendum", args=[*args, 7])).status_code == 404
