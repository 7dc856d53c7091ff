"""Founding an association, its first programme, and the list that leads to the first round."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Programme, Round
from applications.programme_editing import faults_of, put_in_force, working_copy
from applications.programme_patterns import begin_programme, patterns
from boards.getting_started import getting_started
from finsam import clock
from finsam.administration.founding import Founding, found_association
from finsam.associations.models import Association, AssociationKind, NoticeBoard
from finsam.errors import DomainError, NotAllowed
from finsam.messages.models import Message
from finsam.people.models import Role, RoleKind, User
from finsam.registry.models import Event

pytestmark = pytest.mark.django_db
TYPED = {
    "name": "Samordningsförbundet Älvdalen",
    "short_name": "Älvdalen",
    "slug": "alvdalen",
    "kind": "coordination",
    "register_prefix": "ÄLV",
    "email": "kansli@alvdalen.exempel.se",
    "regions": "Region Norr",
    "municipalities": "Norrby kommun; 12 300\nSöderby kommun",
    "administrator_name": "Alva Norrman",
    "administrator_email": "alva@alvdalen.exempel.se",
}
SAID = Founding(
    **{
        **TYPED,
        "kind": AssociationKind.COORDINATION,
        "regions": ["Region Norr"],
        "municipalities": [("Norrby kommun", 12_300), ("Söderby kommun", None)],
    }
)


@pytest.fixture
def operator():
    return User.objects.create_superuser("drift@exempel.se", "x" * 12, name="Drift")


@pytest.fixture
def founded(operator):
    return found_association(said=SAID, actor=operator)


@pytest.fixture
def keeper(founded):
    return Role.objects.get(association=founded).user


def refused(kind, act, **said):
    with pytest.raises(kind) as caught:
        act(**said)
    return caught.value.code


def test_it_is_founded_once_with_its_members_and_administrator(founded, operator):
    assert found_association(said=SAID, actor=operator) == founded
    assert [member.name for member in founded.members.order_by("position")] == [
        "Försäkringskassan",
        "Arbetsförmedlingen",
        "Region Norr",
        "Norrby kommun",
        "Söderby kommun",
    ]
    assert NoticeBoard.objects.filter(association=founded).count() == 3
    role = Role.objects.get(association=founded)
    assert (role.kind, role.user.email) == (RoleKind.ADMINISTRATOR, "alva@alvdalen.exempel.se")
    assert Message.objects.filter(association=founded).count() == 1
    assert [
        event.action for event in Event.objects.filter(association=founded).order_by("sequence")
    ] == [
        "association_founded",
        "role_given",
    ]


def test_only_an_operator_founds(director, administrator):
    for actor in (director, administrator):
        assert refused(NotAllowed, found_association, said=SAID, actor=actor) == "not_operator"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"slug": "konto"}, "slug_reserved"),
        ({"slug": "sjo"}, "slug_taken"),
        ({"regions": []}, "party_missing"),
        ({"municipalities": []}, "party_missing"),
        ({"regions": ["Norrby kommun"]}, "member_twice"),
    ],
)
def test_what_cannot_be_founded_is_refused(association, operator, changed, code):
    said = Founding(**{**SAID.__dict__, **changed})
    assert refused(DomainError, found_association, said=said, actor=operator) == code
    assert list(Association.objects.all()) == [association]


def test_a_taken_prefix_is_refused(association, operator):
    said = Founding(**{**SAID.__dict__, "register_prefix": association.register_prefix})
    assert refused(DomainError, found_association, said=said, actor=operator) == "prefix_taken"


@pytest.mark.anywhere
def test_the_operator_founds_in_the_portal(operator, sign_in):
    page = reverse("administration:new_association")
    client = sign_in(operator)
    assert client.get(page).status_code == 200
    answer = client.post(page, {**TYPED, "municipalities": "Norrby kommun; många"})
    assert answer.status_code == 422
    assert "skriv antalet invånare med siffror" in answer.text
    answer = client.post(page, TYPED)
    assert answer["Location"] == "/alvdalen/"
    assert Association.objects.get(slug="alvdalen").members.get(population=12_300)


@pytest.mark.parametrize(
    "changed",
    [{"municipalities": "Norrby kommun"}, {"administrator_email": "b@alvdalen.exempel.se"}],
)
def test_the_same_address_with_something_else_is_no_repetition(founded, operator, sign_in, changed):
    page = reverse("administration:new_association")
    client = sign_in(operator)
    assert client.post(page, TYPED)["Location"] == "/alvdalen/"
    answer = client.post(page, {**TYPED, **changed})
    assert answer.status_code == 422
    assert "Samordningsförbundet Älvdalen finns redan i portalen" in answer.text
    assert founded.members.count() == 5


@pytest.mark.anywhere
def test_what_was_typed_when_the_session_ended_is_there_after_signing_in(operator, client):
    page = reverse("administration:new_association")
    answer = client.post(page, TYPED)
    assert answer["Location"].endswith(f"?next={page}")
    client.force_login(operator)
    shown = client.get(page).text
    assert "Det du skrev finns kvar" in shown
    assert "Norrby kommun; 12 300" in shown
    assert not Association.objects.filter(slug="alvdalen").exists()
    assert client.post(page, TYPED).status_code == 302
    assert "Det du skrev finns kvar" not in client.get(page).text


def test_nobody_else_comes_in(client, director, sign_in):
    page = reverse("administration:new_association")
    assert client.get(page).status_code == 302
    refused = sign_in(director).get(page)
    assert (refused.status_code, "den som driver portalen" in refused.text) == (403, True)


@pytest.mark.parametrize("pattern", [one.key for one in patterns()])
def test_every_programme_of_the_portal_is_a_pattern(founded, keeper, pattern):
    said = {"association": founded, "pattern": pattern, "name": "Våra insatser", "actor": keeper}
    made = begin_programme(**said)
    assert begin_programme(**said) == made
    assert not Round.objects.filter(programme=made).exists()
    definition, seen = working_copy(made)
    assert faults_of(made, definition) == []
    assert definition["rounds"][0]["opens"] >= clock.today().isoformat()
    put_in_force(programme=made, seen=seen, actor=keeper)
    assert Round.objects.get(programme=made).opens_at.date() >= clock.today()


def test_a_taken_name_is_refused_and_so_is_who_may_not(founded, keeper, director):
    said = {"association": founded, "name": "Våra insatser", "actor": keeper}
    first, second = [one.key for one in patterns()][:2]
    begin_programme(pattern=first, **said)
    assert refused(DomainError, begin_programme, pattern=second, **said) == "name_taken"
    said["actor"] = director
    assert refused(NotAllowed, begin_programme, pattern=first, **said) == "role_missing"


def test_the_list_leads_from_a_new_association_to_its_first_round(founded, keeper, sign_in):
    client = sign_in(keeper)
    listed = client.get(reverse("boards:getting_started", args=[founded.slug])).text
    assert "1 av 7 klara" in listed
    assert "Ordnas av förbundschefen" in listed
    page = reverse("applications:programmes", args=[founded.slug])
    answer = client.post(page, {"name": "Våra insatser", "pattern": patterns()[0].key})
    made = Programme.objects.get(association=founded)
    assert answer["Location"] == reverse("applications:programme", args=[founded.slug, made.slug])
    last = getting_started(founded)[-1]
    assert (last.text, last.is_done) == ("Programmet Våra insatser", False)
    put_in_force(programme=made, seen=working_copy(made)[1], actor=keeper)
    assert getting_started(founded)[-1].is_done
