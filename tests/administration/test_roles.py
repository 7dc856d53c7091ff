"""Roles are given and ended by an administrator, and somebody can always give the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from finsam import clock
from finsam.administration.roles import end_role, give_role
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Event
from tests.factories import make_person

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=-1)


def place(name, *more):
    return reverse(f"administration:{name}", args=["sjo", *more])


def given(association, actor, **values):
    facts = {
        "email": "Ny.Person@exempel.se", "name": "Ny Person", "kind": RoleKind.OFFICER,
        "member": None, "valid_from": clock.today(), "valid_to": None,
    }  # fmt: skip
    return give_role(association=association, actor=actor, **(facts | values))


def actions():
    kinds = ("role_given", "role_ended", "role_taken_back")
    rows = Event.objects.filter(action__in=kinds).order_by("sequence")
    return list(rows.values_list("action", flat=True))


def test_who_has_no_account_gets_one_and_a_mail_on_how_to_choose_a_password(
    association, administrator
):
    role = given(association, administrator)
    person = User.objects.get(email="ny.person@exempel.se")
    assert (role.user, person.name, person.has_usable_password()) == (person, "Ny Person", False)
    sent = Message.objects.get(recipient=person)
    assert sent.subject == "Du är handläggare i Samordningsförbundet Sjö"
    assert reverse("account_reset_password") in sent.body
    assert actions() == ["role_given"]


def test_the_new_person_chooses_a_password_by_mail_and_comes_in(association, administrator, client):
    given(association, administrator)
    client.post(reverse("account_reset_password"), {"email": "ny.person@exempel.se"})
    [letter] = mail.outbox
    link = next(word for word in letter.body.split() if "/konto/password/reset/key/" in word)
    page = client.get(link, follow=True)
    chosen = {"password1": "korrekt-häst-batteri", "password2": "korrekt-häst-batteri"}
    client.post(page.request["PATH_INFO"], chosen)
    account = {"login": "ny.person@exempel.se", "password": chosen["password1"]}
    client.post(reverse("account_login"), account)
    assert client.get(reverse("boards:dashboard", args=["sjo"])).status_code == 200


def test_who_has_an_account_gets_the_role_alone(association, administrator, officer):
    role = given(association, administrator, email=officer.email, name="", kind=RoleKind.AUDITOR)
    assert (role.user, User.objects.filter(email=officer.email).count()) == (officer, 1)


def test_the_same_role_given_twice_is_given_once(association, administrator):
    first, second = given(association, administrator), given(association, administrator)
    assert (first, Message.objects.count(), actions()) == (second, 1, ["role_given"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": RoleKind.APPLICANT}, "member_missing"),
        ({"kind": RoleKind.SIGNATORY}, "member_missing"),
        ({"valid_to": clock.today() - timedelta(days=9)}, "ends_before"),
        ({"name": " "}, "name_missing"),
    ],
)
def test_what_is_missing_is_said(association, administrator, change, code):
    with pytest.raises(DomainError) as refused:
        given(association, administrator, **change)
    assert (refused.value.code, Role.objects.filter(kind=RoleKind.OFFICER).count()) == (code, 0)


def test_p_05_nobody_but_an_administrator_of_the_association_gives_or_ends_roles(
    association, administrator, director, officer, foreign_director
):
    role = given(association, administrator)
    for person in (director, officer, foreign_director):
        with pytest.raises(NotAllowed):
            given(association, person, kind=RoleKind.DIRECTOR)
        with pytest.raises(NotAllowed):
            end_role(role=role, last_day=clock.today(), actor=person)


def test_a_06_a_role_that_is_ended_now_opens_nothing_in_the_next_request(
    association, administrator, officer, sign_in
):
    client, dashboard = sign_in(officer), reverse("boards:dashboard", args=["sjo"])
    assert client.get(dashboard).status_code == 200
    end_role(role=officer.roles.get(), last_day=clock.today() + YESTERDAY, actor=administrator)
    assert client.get(dashboard).status_code == 403
    assert actions() == ["role_ended"]


def test_a_role_ends_with_its_last_day(association, administrator, officer):
    last = clock.today() + timedelta(days=3)
    end_role(role=officer.roles.get(), last_day=last, actor=administrator)
    held = Role.objects.filter(user=officer)
    days = [last, last + timedelta(days=1)]
    assert [held.held_on(day).count() for day in days] == [1, 0]


def test_a_role_given_by_mistake_today_is_taken_back(association, administrator):
    role = given(association, administrator)
    for _ in range(2):
        end_role(role=role, last_day=clock.today() + YESTERDAY, actor=administrator)
    assert not Role.objects.filter(pk=role.pk).exists()
    assert actions() == ["role_given", "role_taken_back"]


def test_the_last_administrator_stays(association, administrator):
    own = administrator.roles.get()
    with pytest.raises(NotPossible) as refused:
        end_role(role=own, last_day=clock.today() + YESTERDAY, actor=administrator)
    assert refused.value.code == "last_administrator"
    second = make_person(RoleKind.ADMINISTRATOR, association)
    end_role(role=own, last_day=clock.today() + YESTERDAY, actor=second)
    with pytest.raises(NotPossible):
        end_role(role=second.roles.get(), last_day=clock.today() + YESTERDAY, actor=second)


def test_an_administrator_whose_own_role_ends_soon_does_not_count(association, administrator):
    second = make_person(RoleKind.ADMINISTRATOR, association)
    end_role(
        role=second.roles.get(), last_day=clock.today() + timedelta(days=5), actor=administrator
    )
    with pytest.raises(NotPossible):
        end_role(
            role=administrator.roles.get(),
            last_day=clock.today() + timedelta(days=9),
            actor=administrator,
        )


@pytest.mark.anywhere
def test_the_page_gives_a_role_and_ends_it(association, administrator, member, sign_in):
    client = sign_in(administrator)
    sent = {
        "email": "ny@exempel.se", "name": "Ny Person", "kind": "signatory",
        "member": member.pk, "valid_from": clock.today().isoformat(), "delegation": "KS § 4",
    }  # fmt: skip
    answer = client.post(place("new_role"), sent, follow=True)
    role = Role.objects.get(user__email="ny@exempel.se")
    assert "Ny Person" in answer.content.decode()
    assert (role.member, role.delegation) == (member, "KS § 4")
    assert client.get(place("end_role", role.pk)).status_code == 200
    assert client.post(place("end_role", role.pk), {"when": "day"}).status_code == 422
    last = (clock.today() + timedelta(days=4)).isoformat()
    client.post(place("end_role", role.pk), {"when": "day", "last_day": last})
    role.refresh_from_db()
    assert role.valid_to == clock.today() + timedelta(days=4)


def test_p_02_a_role_of_another_association_is_not_found(administrator, foreign_director, sign_in):
    foreign = foreign_director.roles.get()
    answer = sign_in(administrator).post(place("end_role", foreign.pk), {"when": "now"})
    assert (answer.status_code, answer.url) == (302, place("people"))
    foreign.refresh_from_db()
    assert foreign.valid_to is None


def test_the_list_is_narrowed_by_name_and_role(administrator, officer, auditor, sign_in):
    client = sign_in(administrator)
    found = client.get(place("people"), {"q": officer.name})
    assert [row["role"].user for row in found.context["rows"]] == [officer]
    found = client.get(place("people"), {"roll": "auditor"})
    assert [row["role"].user for row in found.context["rows"]] == [auditor]
    assert "Ingen roll passar" in client.get(place("people"), {"q": "zzz"}).content.decode()


@pytest.mark.anywhere
@pytest.mark.slow
def test_the_list_asks_the_same_with_ten_and_a_thousand(
    association, administrator, sign_in, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = sign_in(administrator), []
    for more in (9, 990):
        people = User.objects.bulk_create(
            User(email=f"{more}-{n}@exempel.se", name=f"Person {n}") for n in range(more)
        )
        Role.objects.bulk_create(
            Role(user=one, association=association, kind="officer", valid_from=clock.today())
            for one in people
        )
        with CaptureQueriesContext(connection) as captured:
            client.get(place("people"))
        counts.append(len(captured))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 15
