"""Loading the five programmes: once, twice, altered, and into an installation without money."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from applications.models import (
    Application,
    ApplicationTemplate,
    Criterion,
    Invitation,
    Milestone,
    Programme,
    Question,
    Round,
    TemplateState,
)
from applications.programme_definition import PROGRAMMES, DefinitionError, moved, read_programme
from applications.programmes_loading import LoadResult, load_definition, load_programme
from applications.template_versions import content_of, template_content
from applications.year_setup import planned_amounts, set_up_year
from budgets.models import Budget, Frame, Grant
from budgets.verification import verify_ledger
from finsam import clock
from finsam.associations.loading import DEFINITIONS, load_association, read_association
from finsam.associations.models import Association, Member, NoticeBoard
from finsam.definitions import Problem
from finsam.people.models import User
from finsam.registry.models import Event

FILES = {path.stem: path for path in sorted(PROGRAMMES.glob("*.toml"))}
INDIVIDUAL = FILES["blekinge-individinsatser-2024"]
PROJECT = FILES["blekinge-projekt-2021"]
MARCH_2023 = datetime(2023, 3, 1, 8, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[tuple[object, ...]]]:
    models = (Programme, Round, Milestone, Invitation, Criterion, ApplicationTemplate, Question)
    return {model.__name__: list(model.objects.order_by("pk").values_list()) for model in models}


def with_money(path: Path) -> LoadResult:
    first = load_programme(path)
    set_up_year(read_programme(path), association=first.programme.association)
    return load_programme(path)


def altered(path: Path, tmp_path: Path, *pairs: tuple[str, str]) -> Path:
    text = path.read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path / path.name


@pytest.mark.parametrize("slug", list(FILES))
def test_every_programme_loads_into_an_empty_installation(slug):
    result = load_programme(FILES[slug])
    definition = read_programme(FILES[slug])
    assert result.created is True
    assert result.programme.slug == slug
    assert result.programme.association.slug == definition.association
    assert result.template.state == TemplateState.FINAL
    assert content_of(result.template) == template_content(definition)
    assert list(result.programme.rounds.values_list("slug", flat=True)) == [
        round_.slug for round_ in definition.rounds
    ]


def test_loading_twice_changes_nothing():
    for path in FILES.values():
        with_money(path)
    before, events = everything(), Event.objects.count()
    results = [load_programme(path) for path in FILES.values()]
    assert [result.changes for result in results] == [()] * 5
    assert [result.created for result in results] == [False] * 5
    assert everything() == before
    assert Event.objects.count() == events


def test_a_load_is_one_event():
    load_programme(INDIVIDUAL)
    assert list(Event.objects.values_list("action", flat=True)) == ["programme_loaded"]


def test_the_round_has_the_dates_of_the_definition():
    round_ = load_programme(INDIVIDUAL).programme.rounds.get()
    assert clock.stockholm(round_.opens_at).isoformat() == "2023-04-21T00:00:00+02:00"
    assert round_.closes_at is not None
    assert clock.stockholm(round_.closes_at).isoformat() == "2023-09-01T23:59:59+02:00"
    assert (round_.period_from, round_.period_to) == (date(2024, 1, 1), date(2024, 12, 31))
    assert round_.years == [2024]
    assert [m.on.isoformat() for m in round_.milestones.all()] == [
        "2023-03-30",
        "2023-04-04",
        "2023-04-21",
        "2023-04-27",
        "2023-09-01",
        "2023-09-18",
        "2023-09-25",
    ]


def test_a_rolling_round_never_closes():
    round_ = load_programme(FILES["vastmanland-samverkansmedel"]).programme.rounds.get()
    assert round_.closes_at is None
    assert round_.is_open(datetime(2030, 1, 1, tzinfo=UTC)) is True


def test_without_money_the_frame_waits_and_says_so():
    result = load_programme(INDIVIDUAL)
    assert result.notes == (
        "Ramen Ram för individinsatser 2024 sätts när årets pengar är fördelade.",
    )
    assert Frame.objects.count() == 0


def test_with_the_years_money_the_frame_and_its_lots_are_set():
    result = with_money(INDIVIDUAL)
    round_ = result.programme.rounds.get()
    assert round_.frame is not None
    assert round_.frame.amount == 9_000_000
    assert round_.frame.is_example_plan is True
    assert sorted(source.amount for source in round_.frame.sources.all()) == [2_000_000, 7_000_000]
    assert {i.member.name: i.lot.planned_amount for i in round_.invitations.all() if i.lot} == {
        "Karlskrona kommun": 3_784_064,
        "Karlshamns kommun": 1_822_868,
        "Ronneby kommun": 1_653_378,
        "Sölvesborgs kommun": 995_582,
        "Olofströms kommun": 744_108,
    }
    assert verify_ledger().ok


def test_both_years_of_blekinge_are_laid_out_beside_each_other():
    with_money(PROJECT)
    with_money(INDIVIDUAL)
    assert {frame.year: frame.amount for frame in Frame.objects.all()} == {
        2021: 7_000_000,
        2024: 9_000_000,
    }
    assert verify_ledger().ok


def test_contributions_follow_the_law_and_the_population():
    association = load_programme(PROJECT).programme.association
    amounts = {member.name: kr for member, kr in planned_amounts(association, 14_000_000).items()}
    assert amounts["Försäkringskassan"] == 7_000_000
    assert amounts["Region Blekinge"] == 3_500_000
    assert "Arbetsförmedlingen" not in amounts
    assert sum(amounts.values()) == 14_000_000
    assert amounts["Karlskrona kommun"] > amounts["Olofströms kommun"]


def test_laying_out_the_year_twice_moves_nothing():
    with_money(INDIVIDUAL)
    association = Association.objects.get(slug="blekinge")
    events = Event.objects.count()
    set_up_year(read_programme(INDIVIDUAL), association=association)
    assert Event.objects.count() == events


# Versions of the template


def test_before_its_final_day_a_discussed_template_is_a_draft():
    with clock.at(MARCH_2023):
        result = load_programme(INDIVIDUAL)
    assert result.template.state == TemplateState.DRAFT
    assert result.programme.rounds.get().template is None


def test_an_unused_draft_is_rewritten(tmp_path):
    change = ('prompt = "Vad heter insatsen?"', 'prompt = "Vad kallas insatsen?"')
    with clock.at(MARCH_2023):
        load_programme(INDIVIDUAL)
        result = load_programme(altered(INDIVIDUAL, tmp_path, change))
    assert (result.template.version, result.programme.templates.count()) == (1, 1)
    title = Question.objects.get(section__template=result.template, key="title")
    assert title.prompt == "Vad kallas insatsen?"


def test_a_final_template_that_changes_becomes_a_new_version(tmp_path):
    first = load_programme(INDIVIDUAL)
    kept = content_of(first.template)
    change = ('prompt = "Vad heter insatsen?"', 'prompt = "Vad kallas insatsen?"')
    second = load_programme(altered(INDIVIDUAL, tmp_path, change))
    assert (first.template.version, second.template.version) == (1, 2)
    assert content_of(first.template) == kept
    assert second.programme.rounds.get().template == second.template
    assert "Mallen fick version 2" in second.changes


def test_an_application_keeps_the_version_it_was_written_on(tmp_path):
    first = load_programme(INDIVIDUAL)
    round_ = first.programme.rounds.get()
    author = User.objects.create_user("a@karlskrona.exempel.se", name="A")
    application = Application.objects.create(
        association=first.programme.association,
        round=round_,
        template=first.template,
        title="Steget vidare",
        budget=Budget.objects.create(association=first.programme.association),
        created_by=author,
    )
    change = ('heading = "Risker"', 'heading = "Risker och åtgärder"')
    load_programme(altered(INDIVIDUAL, tmp_path, change))
    application.refresh_from_db()
    assert application.template.version == 1


# What is altered in the definition


def test_a_criterion_that_is_gone_stays_unused(tmp_path):
    load_programme(INDIVIDUAL)
    text = INDIVIDUAL.read_text(encoding="utf-8")
    block = text[text.index('[[criteria]]\nkey = "lasting"') :]
    block = block[: block.index("[[criteria]]", 5)]
    result = load_programme(altered(INDIVIDUAL, tmp_path, (block, "")))
    assert result.programme.criteria.get(key="lasting").is_active is False
    assert result.programme.criteria.filter(is_active=True).count() == 6


def test_moved_dates_move_the_round_and_its_milestones_only():
    definition = read_programme(INDIVIDUAL)
    result = load_definition(moved(definition, 365))
    round_ = result.programme.rounds.get()
    assert clock.stockholm(round_.opens_at).date() == date(2024, 4, 20)
    assert round_.milestones.get(key="last_day").on == date(2024, 8, 31)
    assert round_.years == [2024]


def test_an_unknown_member_is_named_with_its_key(tmp_path):
    path = altered(INDIVIDUAL, tmp_path, ("Ronneby kommun", "Rönneby kommun"))
    with pytest.raises(DefinitionError) as caught:
        load_programme(path)
    assert caught.value.problems[0] == Problem(
        "blekinge-individinsatser-2024.toml",
        "rounds[1].invited",
        "en medlem i Samordningsförbundet i Blekinge",
        "”Rönneby kommun”",
    )
    assert Programme.objects.count() == 0


def test_an_unknown_association_is_refused(tmp_path):
    path = altered(INDIVIDUAL, tmp_path, ('association = "blekinge"', 'association = "bleking"'))
    with pytest.raises(DefinitionError, match="association: väntade ett förbund som finns"):
        load_programme(path)


# The command


def test_the_command_loads_all_five_and_tells_in_json():
    out = StringIO()
    call_command("load_programme", *map(str, FILES.values()), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert told["ok"] is True
    assert [programme["slug"] for programme in told["programmes"]] == list(FILES)
    assert Programme.objects.count() == 5


def test_the_command_loads_nothing_when_one_file_is_faulty(tmp_path):
    faulty = altered(PROJECT, tmp_path, ("min_parties = 2", 'min_parties = "två"'))
    out, err = StringIO(), StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("load_programme", str(INDIVIDUAL), str(faulty), stdout=out, stderr=err)
    assert left.value.code == 1
    assert err.getvalue().strip() == (
        "blekinge-projekt-2021.toml: eligibility.min_parties: väntade ett heltal från 1 till 10, "
        "men där står ”två”."
    )
    assert Programme.objects.count() == 0


# The associations


@pytest.mark.parametrize("path", sorted(DEFINITIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_association_is_set_up_once(path):
    association = load_association(read_association(path))
    counted = (Association.objects.count(), Member.objects.count(), NoticeBoard.objects.count())
    load_association(read_association(path))
    assert counted == (
        Association.objects.count(),
        Member.objects.count(),
        NoticeBoard.objects.count(),
    )
    assert association.slug == path.stem


def test_blekinge_has_eight_members_and_six_notice_boards():
    association = load_association(read_association(DEFINITIONS / "blekinge.toml"))
    assert association.members.count() == 8
    assert association.notice_boards.count() == 6


def test_a_unit_stands_under_its_organisation():
    association = load_association(read_association(DEFINITIONS / "landstinget-blekinge.toml"))
    unit = association.members.get(slug="bup")
    assert unit.parent is not None
    assert unit.parent.name == "Landstinget Blekinge"


def test_a_member_of_an_unknown_kind_is_refused(tmp_path):
    text = (DEFINITIONS / "blekinge.toml").read_text(encoding="utf-8")
    (tmp_path / "blekinge.toml").write_text(
        text.replace('kind = "region"', 'kind = "landsting"'), encoding="utf-8"
    )
    with pytest.raises(DefinitionError, match=r"members\[3\]\.kind: väntade ett av orden"):
        read_association(tmp_path / "blekinge.toml")


def test_no_grant_was_made_by_loading():
    with_money(INDIVIDUAL)
    assert Grant.objects.count() == 0
