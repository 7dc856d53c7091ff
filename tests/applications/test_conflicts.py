"""O-01: a draft open in two windows. Nobody's words are overwritten unseen."""

from __future__ import annotations

import itertools

import pytest
from django.urls import reverse

from applications.drafting import SectionConflict, save_section
from applications.models import Answer

pytestmark = pytest.mark.django_db

FIELDS = ("title", "summary", "period")
BASE = {
    "title": "Grund",
    "summary": "<p>Grund</p>",
    "period": {"from": "2024-01-01", "to": "2024-06-30"},
}
FIRST = {
    "title": "Ett",
    "summary": "<p>Ett</p>",
    "period": {"from": "2024-01-01", "to": "2024-07-31"},
}
SECOND = {
    "title": "Två",
    "summary": "<p>Två</p>",
    "period": {"from": "2024-01-01", "to": "2024-08-31"},
}
SUBSETS = [
    set(chosen)
    for count in range(len(FIELDS) + 1)
    for chosen in itertools.combinations(FIELDS, count)
]
# Every way in which two people may change some of three fields: 64, of which 7 × 7 both write.
COMBINATIONS = list(itertools.product(SUBSETS, SUBSETS))


def stored(application):
    rows = Answer.objects.filter(application=application, question__section__key="basics")
    return dict(rows.values_list("question__key", "value"))


def save(application, values, revision, actor):
    section = application.template.sections.get(key="basics")
    return save_section(
        application=application,
        section=section,
        values=values,
        expected_revision=revision,
        actor=actor,
    )


@pytest.mark.parametrize(("first", "second"), COMBINATIONS)
def test_O01_no_combination_of_fields_is_overwritten_unseen(draft, applicant, first, second):
    opened = save(draft, BASE, 0, applicant).revision
    save(draft, BASE | {name: FIRST[name] for name in first}, opened, applicant)
    mine = BASE | {name: SECOND[name] for name in second}
    both = first & second
    if both:
        with pytest.raises(SectionConflict) as conflict:
            save(draft, mine, opened, applicant)
        assert {clash.question.key for clash in conflict.value.clashes} == both
        for clash in conflict.value.clashes:
            assert clash.mine == SECOND[clash.question.key]
            assert clash.theirs == FIRST[clash.question.key]
        assert stored(draft) == BASE | {name: FIRST[name] for name in first}
    else:
        save(draft, mine, opened, applicant)
        kept = {name: FIRST[name] for name in first}
        written = {name: SECOND[name] for name in second}
        assert stored(draft) == BASE | kept | written


def test_O01_the_same_words_are_no_conflict(draft, applicant):
    save(draft, FIRST, 0, applicant)
    assert save(draft, FIRST, 0, applicant).revision == 1


def test_O01_an_answer_that_was_there_from_the_start_is_guarded_too(draft, applicant):
    section = draft.template.sections.get(key="goals")
    given = Answer.objects.get(application=draft, question__key="goals").value
    changed = [given[0] | {"target": "80 %"}]
    other = [given[0] | {"target": "70 %"}]
    sent = {"application": draft, "section": section, "actor": applicant, "expected_revision": 0}
    save_section(values={"goals": changed}, **sent)
    with pytest.raises(SectionConflict) as conflict:
        save_section(values={"goals": other}, **sent)
    assert conflict.value.clashes[0].theirs == changed


@pytest.mark.anywhere
def test_O01_the_page_shows_both_texts_and_lets_one_choose(draft, applicant, sign_in):
    client = sign_in(applicant)
    url = reverse("applications:section", args=["sjo", draft.public_id, "basics"])
    save(draft, {"summary": "<p>Deras ord</p>"}, 0, applicant)
    mine = {"version": "0", "q-title": "", "q-summary": "Mina ord", "action": "save"}
    answer = client.post(url, mine)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "Deras ord" in page
    assert "Mina ord" in page
    assert stored(draft)["summary"] == "<p>Deras ord</p>"
    for choice, expected in (
        ("theirs", "<p>Deras ord</p>"),
        ("both", "<p>Deras ord</p><p>Mina ord</p>"),
    ):
        client.post(url, mine | {"version": "1", "keep-summary": choice})
        assert stored(draft)["summary"] == expected
    client.post(url, mine | {"version": "2", "keep-summary": "mine"})
    assert stored(draft)["summary"] == "<p>Mina ord</p>"


@pytest.mark.anywhere
def test_O01_the_saving_script_gets_409_with_a_fragment(draft, applicant, sign_in):
    client = sign_in(applicant)
    url = reverse("applications:section", args=["sjo", draft.public_id, "basics"])
    save(draft, {"title": "Deras"}, 0, applicant)
    answer = client.post(url, {"version": "0", "q-title": "Mitt"}, headers={"X-Autosave": "1"})
    assert answer.status_code == 409
    assert "<html" not in answer.content.decode()
    assert "Deras" in answer.content.decode()


@pytest.mark.anywhere
def test_the_saving_script_gets_the_moment_and_the_next_version(draft, applicant, sign_in):
    client = sign_in(applicant)
    url = reverse("applications:section", args=["sjo", draft.public_id, "basics"])
    answer = client.post(url, {"version": "0", "q-title": "Mitt"}, headers={"X-Autosave": "1"})
    assert answer.status_code == 200
    assert answer.json()["version"] == 1
    assert stored(draft)["title"] == "Mitt"
