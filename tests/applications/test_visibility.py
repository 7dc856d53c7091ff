"""The rule of who may read, asked as a queryset and as a question: they always agree."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.models import Application, ApplicationParty, IdeaSketch, PartyMember
from applications.progress import Journey, steps_of
from applications.queries import is_on_applicants_side, may_read, may_read_idea
from finsam.people.access import Visitor, visitor_for
from finsam.people.models import Role, RoleKind
from tests.conftest import found_association
from tests.factories import LONG_AGO, make_draft, make_person, make_round, make_submitted
from tests.kept import kept

pytestmark = pytest.mark.django_db

KINDS = list(RoleKind)
STATES = ["draft", "submitted", "in_review", "granted", "withdrawn"]


@kept
def town(db):
    """Two associations, and applications of every party and state in both."""
    sjo = found_association("sjo", "Sjö", "SFS")
    berg = found_association("berg", "Berg", "SBE")
    for association in (sjo, berg):
        lead = association.members.get(slug="kommunen")
        person = make_person(RoleKind.APPLICANT, association, lead)
        round_ = make_round(association)
        make_draft(round_, lead, person)
        make_draft(round_, lead, person, with_party=False)
        make_submitted(round_, lead, person)
        programme = round_.programme
        for state in ("draft", "sent"):
            IdeaSketch.objects.create(
                association=association, programme=programme, member=lead, author=person,
                title="Idé", state=state, sent_at=round_.opens_at if state == "sent" else None,
            )  # fmt: skip
    return sjo, berg


def people_with(association, roles, writes_in):
    """A new person with the roles drawn, who may also write in some of the applications."""
    from finsam.people.models import User

    user = User.objects.create_user(f"p{User.objects.count()}@x.exempel.se", name="P")
    members = list(association.members.order_by("pk"))
    for kind, at in roles:
        needs_member = kind in (RoleKind.APPLICANT, RoleKind.SIGNATORY)
        Role.objects.get_or_create(
            user=user, association=association, kind=kind,
            member=members[at % len(members)] if needs_member else None,
            valid_from=LONG_AGO,
        )  # fmt: skip
    parties = list(ApplicationParty.objects.order_by("pk"))
    for at in writes_in:
        PartyMember.objects.get_or_create(party=parties[at % len(parties)], user=user)
    return user


@given(
    roles=st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 4)), max_size=4),
    writes_in=st.lists(st.integers(0, 20), max_size=2),
    here=st.booleans(),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_predicate_and_queryset_agree(town, roles, writes_in, here):
    sjo, berg = town
    user = people_with(sjo, roles, writes_in)
    visitor = visitor_for(sjo if here else berg, user)
    applications = Application.objects.prefetch_related("parties__people")
    seen = set(Application.objects.visible_to(visitor).values_list("pk", flat=True))
    assert seen == {a.pk for a in applications if may_read(visitor, a)}
    mine = set(Application.objects.of_applicant(visitor).values_list("pk", flat=True))
    assert mine == {a.pk for a in applications if is_on_applicants_side(visitor, a)}
    ideas = set(IdeaSketch.objects.visible_to(visitor).values_list("pk", flat=True))
    assert ideas == {idea.pk for idea in IdeaSketch.objects.all() if may_read_idea(visitor, idea)}
    other = berg if here else sjo
    assert not Application.objects.visible_to(visitor).filter(association=other).exists()


def test_nobody_sees_nothing(town):
    visitor = Visitor(town[0], None, ())
    assert not Application.objects.visible_to(visitor).exists()
    assert not IdeaSketch.objects.visible_to(visitor).exists()


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("applicant", "signatory")])
def test_a_draft_is_seen_by_no_role_but_the_applicants_side(draft, association, sign_in, kind):
    person = make_person(kind, association)
    assert not Application.objects.visible_to(visitor_for(association, person)).exists()
    client = sign_in(person)
    for name in ("application", "read", "print", "word", "budget", "annexes", "parties",
                 "signatures", "submit", "messages", "budget_workbook"):  # fmt: skip
        url = reverse(f"applications:{name}", args=["sjo", draft.public_id])
        assert client.get(url).status_code == 404, name


def test_a_superuser_does_not_see_drafts_either(draft, association, sign_in):
    from finsam.people.models import User

    root = User.objects.create_superuser("root@exempel.se", "ett långt lösenord", name="Root")
    assert sign_in(root).get(draft.get_absolute_url()).status_code == 404


def test_the_address_of_another_association_finds_nothing(draft, applicant, other_association,
                                                          sign_in):  # fmt: skip
    url = reverse("applications:application", args=["berg", draft.public_id])
    assert sign_in(applicant).get(url).status_code == 404


def test_an_applicant_of_a_party_sees_the_draft(draft, association, region, sign_in):
    person = make_person(RoleKind.APPLICANT, association, region)
    assert sign_in(person).get(draft.get_absolute_url()).status_code == 200


def test_anonymous_is_sent_to_sign_in(client, draft):
    answer = client.get(draft.get_absolute_url())
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("state", "now"), [("submitted", 1), ("in_preparation", 1), ("to_board", 2), ("running", None)]
)
def test_the_way_is_behind_an_effort_under_way_also_without_a_council(
    state: str, now: int | None
) -> None:
    round_ = SimpleNamespace(milestones=SimpleNamespace(all=list), setting=lambda *_path: "absent")
    application = SimpleNamespace(
        state=state, round=round_, association=SimpleNamespace(council_name="Rådet")
    )
    steps = steps_of(Journey(application, {}, is_hidden=False))
    assert [step.state for step in steps].count("now") == (now is not None)
    assert all(step.state == "done" for step in steps[: now if now is not None else None])
