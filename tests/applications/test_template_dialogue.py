"""The dialogue about a template: who takes part, what is kept, and that final is final."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from applications.models import ApplicationTemplate, Question, Round, TemplateComment, TemplateState
from applications.programme_definition import PROGRAMMES
from applications.programmes_loading import load_programme
from applications.template_dialogue import (
    answer_comment,
    comment_on_question,
    finalise_template,
    may_discuss,
    propose_template,
    reword_question,
)
from applications.template_versions import content_of
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.canonical import digest
from finsam.registry.models import Event
from tests.conftest import person_with_role

FILE = PROGRAMMES / "blekinge-individinsatser-2024.toml"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def march() -> Iterator[None]:
    """The day the proposal is sent."""
    with clock.at(datetime(2023, 3, 30, 8, tzinfo=UTC)):
        yield


@pytest.fixture
def draft() -> ApplicationTemplate:
    return load_programme(FILE).template


@pytest.fixture
def blekinge(draft: ApplicationTemplate) -> Association:
    return draft.programme.association


@pytest.fixture
def director(blekinge: Association) -> User:
    return person_with_role(RoleKind.DIRECTOR, blekinge)


@pytest.fixture
def owner(blekinge: Association) -> User:
    return person_with_role(
        RoleKind.APPLICANT, blekinge, member=blekinge.members.get(slug="ronneby")
    )


@pytest.fixture
def outsider(blekinge: Association) -> User:
    """Writes for a member that is not invited."""
    return person_with_role(
        RoleKind.APPLICANT, blekinge, member=blekinge.members.get(slug="region-blekinge")
    )


@pytest.fixture
def proposed(draft: ApplicationTemplate, director: User, owner: User) -> ApplicationTemplate:
    return propose_template(template=draft, actor=director)


def asked(template: ApplicationTemplate, key: str = "goals") -> Question:
    return Question.objects.get(section__template=template, key=key)


def address(template: ApplicationTemplate, name: str = "template", *more: object) -> str:
    place = [template.programme.association.slug, template.programme.slug, template.version]
    return reverse(f"applications:{name}", args=[*place, *more])


# The way of a proposal


def test_a_proposal_is_mailed_to_the_invited_alone(draft, director, owner, outsider):
    found = propose_template(template=draft, actor=director)
    assert (found.state, found.proposed_at) == (TemplateState.PROPOSED, clock.now())
    assert [message.address for message in Message.objects.all()] == [owner.email]


def test_proposed_twice_it_is_proposed_once(proposed, director):
    events, mails = Event.objects.count(), Message.objects.count()
    propose_template(template=proposed, actor=director)
    assert (Event.objects.count(), Message.objects.count()) == (events, mails)


def test_an_owner_comments_and_the_office_answers(proposed, owner, director):
    comment = comment_on_question(
        question=asked(proposed), body=" Kan det vara lägre? ", actor=owner
    )
    assert (comment.body, comment.member.name) == ("Kan det vara lägre?", "Ronneby kommun")
    answered = answer_comment(comment=comment, answer="Ja.", actor=director)
    assert (answered.answer, answered.answered_by) == ("Ja.", director)


def test_D01_the_same_comment_again_is_one_comment(proposed, owner):
    first = comment_on_question(question=asked(proposed), body="Samma", actor=owner)
    assert comment_on_question(question=asked(proposed), body="Samma", actor=owner) == first
    assert TemplateComment.objects.count() == 1


def test_a_question_is_reworded_and_the_hash_follows(proposed, director):
    question = reword_question(
        question=asked(proposed), prompt="Vilka mål?", help="Tre räcker.", actor=director
    )
    proposed.refresh_from_db()
    assert (question.prompt, question.help) == ("Vilka mål?", "Tre räcker.")
    assert proposed.content_hash == digest(content_of(proposed))


def test_final_is_the_template_of_the_round(proposed, director):
    round_ = Round.objects.get()
    assert round_.template is None
    finalise_template(template=proposed, actor=director)
    round_.refresh_from_db()
    assert round_.template == proposed
    proposed.refresh_from_db()
    assert (proposed.state, proposed.finalised_at) == (TemplateState.FINAL, clock.now())


def test_final_is_never_changed(proposed, owner, director):
    comment = comment_on_question(question=asked(proposed), body="Hej", actor=owner)
    final = finalise_template(template=proposed, actor=director)
    assert finalise_template(template=final, actor=director).state == TemplateState.FINAL
    for act in (
        lambda: comment_on_question(question=asked(final), body="Till", actor=owner),
        lambda: answer_comment(comment=comment, answer="Nej", actor=director),
        lambda: reword_question(question=asked(final), prompt="Ny", help="", actor=director),
        lambda: propose_template(template=final, actor=director),
    ):
        with pytest.raises(NotPossible) as caught:
            act()
        assert caught.value.code == "template_final"


def test_loading_again_keeps_what_was_reworded(proposed, director):
    reword_question(question=asked(proposed), prompt="Vilka mål?", help="", actor=director)
    result = load_programme(FILE)
    assert result.changes == ()
    assert asked(result.template).prompt == "Vilka mål?"


def test_each_step_is_an_event(proposed, owner, director):
    comment = comment_on_question(question=asked(proposed), body="Hej", actor=owner)
    answer_comment(comment=comment, answer="Hej", actor=director)
    reword_question(question=asked(proposed), prompt="Vilka mål?", help="", actor=director)
    finalise_template(template=proposed, actor=director)
    assert list(Event.objects.order_by("sequence").values_list("action", flat=True)) == [
        "programme_loaded",
        "template_proposed",
        "template_commented",
        "comment_answered",
        "question_reworded",
        "template_finalised",
    ]


# Who may


@pytest.mark.parametrize("kind", [RoleKind.COUNCIL, RoleKind.BOARD, RoleKind.AUDITOR])
def test_others_may_neither_comment_nor_decide(proposed, blekinge, kind):
    other = person_with_role(kind, blekinge)
    for act in (
        lambda: comment_on_question(question=asked(proposed), body="Hej", actor=other),
        lambda: finalise_template(template=proposed, actor=other),
        lambda: reword_question(question=asked(proposed), prompt="x", help="", actor=other),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_who_is_not_invited_may_not_comment(proposed, outsider):
    with pytest.raises(NotAllowed):
        comment_on_question(question=asked(proposed), body="Hej", actor=outsider)


def test_an_owner_may_not_make_it_final(proposed, owner):
    with pytest.raises(NotAllowed):
        finalise_template(template=proposed, actor=owner)


def test_nothing_is_said_about_a_draft(draft, owner, director):
    with pytest.raises(NotPossible) as caught:
        comment_on_question(question=asked(draft), body="Hej", actor=owner)
    assert caught.value.code == "template_not_proposed"


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 4001])
def test_an_empty_or_too_long_comment_is_refused(proposed, owner, body):
    with pytest.raises(DomainError):
        comment_on_question(question=asked(proposed), body=body, actor=owner)


def test_invited_and_office_may_discuss(proposed, blekinge, owner, outsider, director):
    who = {
        user: may_discuss(visitor_for(blekinge, user), proposed)
        for user in (owner, outsider, director)
    }
    assert who == {owner: True, outsider: False, director: True}


# The pages


@pytest.mark.anywhere
def test_the_owner_reads_and_comments_on_the_page(proposed, owner, sign_in):
    browser = sign_in(owner)
    assert "Tyck till om frågorna" in browser.get(address(proposed)).content.decode()
    place = address(proposed, "template_question", "goals")
    response = browser.post(place, {"body": "Kan det vara lägre?"})
    assert response.status_code == 302
    assert "Kan det vara lägre?" in browser.get(place).content.decode()
    assert TemplateComment.objects.get().author == owner


@pytest.mark.anywhere
def test_an_empty_comment_is_told_on_the_page(proposed, owner, sign_in):
    response = sign_in(owner).post(address(proposed, "template_question", "goals"), {"body": " "})
    assert response.status_code == 422
    assert "felsammanfattning" in response.content.decode()


@pytest.mark.anywhere
def test_the_office_answers_rewords_and_makes_final_on_pages(proposed, owner, director, sign_in):
    comment = comment_on_question(question=asked(proposed), body="Hej", actor=owner)
    office = sign_in(director)
    office.post(address(proposed, "template_answer", comment.pk), {"answer": "Tack"})
    comment.refresh_from_db()
    assert comment.answer == "Tack"
    office.post(
        address(proposed, "template_question", "goals"), {"prompt": "Vilka mål?", "help": "Tre."}
    )
    assert asked(proposed).prompt == "Vilka mål?"
    office.post(address(proposed, "template_final"))
    proposed.refresh_from_db()
    assert proposed.state == TemplateState.FINAL


@pytest.mark.anywhere
def test_the_office_sends_the_draft_on_the_page(draft, director, owner, sign_in):
    office = sign_in(director)
    assert "Skicka förslaget" in office.get(address(draft)).content.decode()
    office.post(address(draft, "template_propose"))
    draft.refresh_from_db()
    assert draft.state == TemplateState.PROPOSED


def test_P07_an_owner_cannot_reword_by_sending_more_fields(proposed, owner, sign_in):
    before = asked(proposed).prompt
    sign_in(owner).post(
        address(proposed, "template_question", "goals"), {"prompt": "Annat", "help": "x"}
    )
    assert asked(proposed).prompt == before


@pytest.mark.parametrize("name", ["template_propose", "template_final"])
def test_an_owner_cannot_change_the_state_by_address(proposed, owner, sign_in, name):
    assert sign_in(owner).post(address(proposed, name)).status_code == 403
    proposed.refresh_from_db()
    assert proposed.state == TemplateState.PROPOSED


def test_a_draft_is_not_found_by_the_invited(draft, owner, sign_in):
    assert sign_in(owner).get(address(draft)).status_code == 404


def test_who_is_not_invited_or_not_signed_in_sees_nothing(proposed, outsider, client, sign_in):
    assert sign_in(outsider).get(address(proposed)).status_code == 403
    assert client.get(address(proposed)).status_code == 302


def test_another_associations_people_do_not_find_it(proposed, foreign_director, sign_in):
    browser = sign_in(foreign_director)
    assert browser.get(address(proposed)).status_code == 403
    foreign = foreign_director.roles.get().association.slug
    path = reverse("applications:template", args=[foreign, proposed.programme.slug, 1])
    assert browser.get(path).status_code == 404


def test_a_comment_of_another_template_is_not_answered_here(proposed, owner, director, sign_in):
    comment = comment_on_question(question=asked(proposed), body="Hej", actor=owner)
    other = ApplicationTemplate.objects.create(
        programme=proposed.programme, version=2, content_hash="-", state=TemplateState.PROPOSED
    )
    response = sign_in(director).post(
        address(other, "template_answer", comment.pk), {"answer": "Tack"}
    )
    assert response.status_code == 404


@pytest.mark.anywhere
def test_the_page_asks_as_much_with_many_comments_as_with_one(
    proposed, owner, director, sign_in, django_assert_max_num_queries
):
    browser = sign_in(director)
    counts = []
    for number in range(2):
        for text in range(1 + 9 * number):
            comment_on_question(question=asked(proposed), body=f"{number} {text}", actor=owner)
        for place in (address(proposed), address(proposed, "template_question", "goals")):
            with django_assert_max_num_queries(15) as seen:
                assert browser.get(place).status_code == 200
            counts.append(len(seen.captured_queries))
    assert counts[:2] == counts[2:]
