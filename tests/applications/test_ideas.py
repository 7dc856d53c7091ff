from __future__ import annotations

import pytest
from django.urls import reverse

from applications.completeness import overview_of
from applications.drafting import start_application
from applications.ideas import (
    IdeaConflict,
    answer_idea,
    save_idea,
    send_idea,
    start_idea,
    write_to_idea,
)
from applications.models import Answer, IdeaMode, IdeaSketch
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message, Post
from finsam.registry.models import Case, Event, Record
from tests.factories import make_programme, make_round
from tests.kept import kept

pytestmark = pytest.mark.django_db

TEXTS = {"working_title": "Gröna stegen", "background": "Många väntar.\n\n- länge\n- ofta"}


@kept
def programme(association):
    return make_programme(association)


@kept
def sketch(programme, member, applicant):
    return start_idea(programme=programme, member=member, actor=applicant)


@kept
def sent(sketch, applicant, officer):
    written = save_idea(sketch=sketch, texts=TEXTS, expected_revision=0, actor=applicant)
    return send_idea(sketch=written, actor=applicant)


def test_a_sketch_takes_its_name_from_the_working_title(sketch, applicant):
    saved = save_idea(sketch=sketch, texts=TEXTS, expected_revision=0, actor=applicant)
    assert (saved.title, saved.revision) == ("Gröna stegen", 1)


def test_a_sketch_is_private_until_sent(sketch, officer, sign_in):
    client = sign_in(officer)
    url = reverse("applications:office_idea", args=["sjo", sketch.public_id])
    assert client.get(url).status_code == 404
    listed = client.get(reverse("applications:office_ideas", args=["sjo"]))
    assert listed.status_code == 200
    assert sketch.title not in listed.content.decode()


def test_a_sketch_that_lacks_an_answer_is_not_sent(sketch, applicant):
    with pytest.raises(NotPossible) as refusal:
        send_idea(sketch=sketch, actor=applicant)
    assert refusal.value.field == "q-working_title"


def test_sending_registers_it_and_tells_the_office(sent, officer):
    assert sent.state == "sent"
    assert Record.objects.get(case=sent.case).direction == "in"
    assert Message.objects.filter(recipient=officer, subject__startswith="Ny idéskiss").count() == 1
    assert Event.objects.filter(action="idea_sent").count() == 1


def test_D01_sending_twice_is_once(sent, applicant):
    for _ in range(3):
        assert send_idea(sketch=sent, actor=applicant).case == sent.case
    assert Case.objects.count() == 1


def test_O01_another_window_does_not_overwrite(sketch, applicant):
    save_idea(sketch=sketch, texts={"background": "Ett"}, expected_revision=0, actor=applicant)
    with pytest.raises(IdeaConflict) as conflict:
        save_idea(sketch=sketch, texts={"background": "Två"}, expected_revision=0, actor=applicant)
    (clash,) = conflict.value.clashes
    assert (clash.mine, clash.theirs) == ("Två", "Ett")


def test_a_sent_sketch_is_not_changed(sent, applicant):
    with pytest.raises(NotPossible):
        save_idea(sketch=sent, texts={"background": "Nytt"}, expected_revision=1, actor=applicant)


def test_the_office_answers_with_an_assessment(sent, officer, applicant):
    answered = answer_idea(sketch=sent, assessment="suitable", text="Gå vidare.", actor=officer)
    assert (answered.state, answered.preliminary_assessment) == ("answered", "suitable")
    assert Post.objects.filter(thread=sent.thread, body="Gå vidare.").count() == 1
    assert Record.objects.filter(case=sent.case, direction="out").count() == 1
    answer_idea(sketch=sent, assessment="suitable", text="Gå vidare.", actor=officer)
    assert Event.objects.filter(action="idea_answered").count() == 1


def test_only_the_office_answers(sent, applicant):
    with pytest.raises(NotAllowed):
        answer_idea(sketch=sent, assessment="", text="Ja", actor=applicant)


def test_an_answer_has_words(sent, officer):
    with pytest.raises(DomainError) as refusal:
        answer_idea(sketch=sent, assessment="suitable", text=" ", actor=officer)
    assert refusal.value.field == "text"


def test_the_author_writes_back(sent, applicant):
    write_to_idea(sketch=sent, body="Tack!", actor=applicant)
    assert sent.thread.posts.get().body == "Tack!"


def test_a_stranger_does_not_write(sent, other_applicant):
    with pytest.raises(NotAllowed):
        write_to_idea(sketch=sent, body="Hej", actor=other_applicant)


def test_a_sketch_becomes_an_application_that_starts_from_it(
    association, sent, programme, member, applicant
):
    round_ = make_round(association, programme=programme)
    application = start_application(round=round_, member=member, actor=applicant, idea=sent)
    values = dict(
        Answer.objects.filter(application=application).values_list("question__key", "value")
    )
    assert values["title"] == "Gröna stegen"
    assert values["summary"] == "<p>Många väntar.</p><ul><li>länge</li><li>ofta</li></ul>"
    begun = overview_of(application).of("basics")
    assert begun.progress == "started", "what came from the sketch is a beginning"
    assert "Frivilligt" not in begun.note
    sent.refresh_from_db()
    assert sent.state == "turned"
    with pytest.raises(NotPossible):
        start_application(round=round_, member=member, actor=applicant, idea=sent)


def test_where_the_sketch_is_required_one_begins_there(association, member, applicant, sign_in):
    programme = make_programme(association, idea_mode=IdeaMode.MANDATORY)
    round_ = make_round(association, programme=programme)
    with pytest.raises(NotPossible) as refusal:
        start_application(round=round_, member=member, actor=applicant)
    assert refusal.value.code == "idea_first"
    sketch = reverse("applications:new_idea", args=[association.slug, programme.slug])
    for name in ("round", "begin"):
        page = sign_in(applicant).get(
            reverse(f"applications:{name}", args=[association.slug, round_.slug])
        )
        assert f'href="{sketch}"' in page.text, "the way on is where one stands"
        assert "Börja en ansökan" not in page.text


def test_a_programme_without_sketches_takes_none(association, member, applicant):
    programme = make_programme(association, idea_mode=IdeaMode.ABSENT)
    with pytest.raises(NotPossible):
        start_idea(programme=programme, member=member, actor=applicant)


@pytest.mark.anywhere
def test_the_whole_way_on_its_pages(programme, association, applicant, officer, member, sign_in):
    writer, office = sign_in(applicant), sign_in(officer)
    new = reverse("applications:new_idea", args=["sjo", programme.slug])
    key = writer.get(new).context["form"].initial["key"]
    for _ in range(2):
        answer = writer.post(new, {"member": member.pk, "key": key})
    sketch = IdeaSketch.objects.get()
    assert answer.url == reverse("applications:idea", args=["sjo", sketch.public_id])
    sent = {f"q-{name}": text for name, text in TEXTS.items()}
    writer.post(answer.url, {**sent, "version": "0", "action": "send"})
    sketch.refresh_from_db()
    assert sketch.state == "sent"
    place = reverse("applications:office_idea", args=["sjo", sketch.public_id])
    assert "Gröna stegen" in office.get(place).content.decode()
    office.post(place, {"assessment": "suitable", "text": "Bra idé."})
    page = writer.get(answer.url).content.decode()
    assert "Bra idé." in page
    assert "Lämplig för medlen" in page
