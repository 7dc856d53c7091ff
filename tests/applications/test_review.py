"""The office's review: checklist, comments, completion, and on to preparation or the end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import (
    PointVerdict,
    QualityReview,
    ReviewPoint,
    SectionComment,
    SupplementRequest,
)
from applications.review import (
    begin_review,
    comment_on_section,
    dismiss_application,
    finish_review,
    judge_point,
    request_supplement,
    resume_review,
)
from finsam import clock
from finsam.errors import NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.registry.models import Event, Record
from tests import factories as make
from tests.kept import kept

pytestmark = pytest.mark.django_db


@kept
def application(association, member, applicant):
    return make.make_received(make.make_round(association), member, applicant)


@kept
def review(application, officer):
    return begin_review(application=application, actor=officer)


@kept
def section(application):
    return application.template.sections.get(key="goals")


def ask(application, officer, section, **changes):
    said = {
        "sections": [section],
        "message": "Skriv mer om målen.",
        "last_day": clock.today() + timedelta(days=14),
        **changes,
    }
    return request_supplement(application=application, actor=officer, **said)


def test_the_checklist_says_what_the_portal_itself_sees(review):
    points = {point.key: point for point in review.points.all()}
    assert list(dict.fromkeys(point.group for point in review.points.all())) == [
        "Innehåll", "Parter och underskrifter", "Budget", "Lagens krav",
    ]  # fmt: skip
    assert points["parties"].finding == "Kravet är uppfyllt."
    assert points["signatures"].finding == "Ingen underskrift finns."
    assert "7 § lagen om finansiell samordning" in points["law-joint"].text
    assert {point.verdict for point in points.values()} == {PointVerdict.OPEN}


def test_a_refusal_keeps_what_the_officer_wrote(application, review, section, officer, sign_in):
    office, where = sign_in(officer), [application.association.slug, application.public_id]
    address = reverse("applications:review_supplement", args=where)
    said = {"sections": section.pk, "message": "Skriv mer om målen.", "last_day": "2020-01-01"}
    answer = office.post(address, said)
    assert (answer.status_code, "som inte har passerat" in answer.text) == (422, True)
    assert "Skriv mer om målen." in answer.text
    answer = office.post(reverse("applications:review_finish", args=where), {"summary": "Bra & ny"})
    assert (answer.status_code, "Bra &amp; ny" in answer.text) == (422, True)
    assert not SupplementRequest.objects.exists()
    said["last_day"] = (clock.today() + timedelta(days=9)).isoformat()
    assert {office.post(address, said).status_code for _ in "ab"} == {302}
    assert SupplementRequest.objects.count() == 1


def test_a_complete_application_has_nothing_to_remark_on(association, member, applicant, officer):
    application = make.make_submitted(make.make_round(association), member, applicant)
    points = begin_review(application=application, actor=officer).points.filter(group="Innehåll")
    assert {point.finding for point in points} == {"Alla frågor är besvarade."}


def test_D01_a_review_is_begun_once(application, officer, review):
    assert begin_review(application=application, actor=officer) == review
    assert QualityReview.objects.count() == 1
    assert Event.objects.filter(action="application_begin_review").count() == 1


def test_only_the_office_reviews(application, applicant, chair):
    for user in (applicant, chair):
        with pytest.raises(NotAllowed):
            begin_review(application=application, actor=user)
    assert (QualityReview.objects.count(), ReviewPoint.objects.count()) == (0, 0)


def test_a_review_with_open_points_is_not_finished(application, officer, review):
    review.points.update(verdict=PointVerdict.FINE)
    judge_point(
        point=review.points.first(), verdict=PointVerdict.OPEN, note="Senare", actor=officer
    )
    with pytest.raises(NotPossible) as refusal:
        finish_review(application=application, summary="", actor=officer)
    assert refusal.value.message.startswith("1\u00a0punkt ")


def test_a_finished_review_hands_over_and_is_closed(application, officer, applicant, review):
    review.points.update(verdict=PointVerdict.REMARK)
    finish_review(application=application, summary=" Bra. ", actor=officer)
    again = finish_review(application=application, summary="Annat", actor=officer)

    review.refresh_from_db()
    assert (again.state, review.summary) == ("in_preparation", "Bra.")
    told = Message.objects.filter(event_key__startswith="prepared:")
    assert [message.recipient for message in told] == [applicant]
    with pytest.raises(NotPossible) as refusal:
        judge_point(point=review.points.first(), verdict=PointVerdict.FINE, note="", actor=officer)
    assert refusal.value.code == "review_over"


def test_comments_are_for_the_office_or_for_the_applicant_too(application, officer, section):
    for internal in (True, False):
        comment_on_section(
            application=application, section=section, body=" Mer. ", is_internal=internal,
            actor=officer,
        )  # fmt: skip
    rows = SectionComment.objects.order_by("pk").values_list("body", "is_internal")
    assert list(rows) == [("Mer.", True), ("Mer.", False)]


def test_an_empty_comment_and_another_templates_section_are_refused(
    application, officer, section, other_association
):
    foreign = make.make_template(make.make_programme(other_association)).sections.first()
    for changes, code in (
        ({"body": " "}, "comment_empty"),
        ({"section": foreign}, "wrong_section"),
    ):
        said = {"section": section, "body": "Mer.", **changes}
        with pytest.raises(NotPossible) as refusal:
            comment_on_section(application=application, is_internal=True, actor=officer, **said)
        assert refusal.value.code == code


def test_a_completion_is_asked_for_registered_and_told(
    application, officer, applicant, review, section
):
    request = ask(application, officer, section)

    application.refresh_from_db()
    assert (application.state, list(request.sections.all())) == ("returned", [section])
    record = Record.objects.get(subject__startswith="Begäran om komplettering")
    assert (record.correspondent, record.direction) == ("Ekby kommun", "out")
    told = Message.objects.get(event_key=f"supplement-request:{request.pk}")
    assert told.recipient == applicant
    assert "Skriv mer om målen." in told.body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sections": []}, "sections"),
        ({"message": "  "}, "message"),
        ({"last_day": clock.today() - timedelta(days=1)}, "last_day"),
    ],
)
def test_an_incomplete_request_is_refused(application, officer, review, section, changes, field):
    with pytest.raises(NotPossible) as refusal:
        ask(application, officer, section, **changes)
    assert refusal.value.field == field
    assert SupplementRequest.objects.count() == 0


def test_a_completion_is_asked_for_once_at_a_time(application, officer, review, section):
    ask(application, officer, section)
    with pytest.raises(NotPossible) as refusal:
        ask(application, officer, section)
    assert refusal.value.code == "wrong_state"
    assert SupplementRequest.objects.count() == 1


def test_the_review_may_go_on_without_the_completion(application, officer, review, section):
    request = ask(application, officer, section)
    resumed = resume_review(application=application, actor=officer)
    request.refresh_from_db()
    assert resumed.state == "in_review"
    assert request.answered_at is not None
    assert request.answer_version is None


def test_dismissed_with_a_reason_that_is_told(application, officer, applicant):
    with pytest.raises(NotPossible) as refusal:
        dismiss_application(application=application, reason=" ", actor=officer)
    assert refusal.value.field == "reason"
    for _ in range(2):
        dismiss_application(application=application, reason="Dubblett", actor=officer)
    application.refresh_from_db()
    assert application.state == "dismissed"
    told = Message.objects.get(event_key=f"dismissed:{application.pk}")
    assert "Dubblett" in told.body
