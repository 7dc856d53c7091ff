"""Setting up a programme in the portal: a working copy is altered part by part, then put in force.

A part is named by its place in the definition: "steps.council" is a table, "rounds" a list of
tables, "template.sections.2.questions.1" one of them, counted from one.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any, get_args, get_origin

from django.db import transaction
from django.db.models import Max

from applications.models import Application, Programme, ProgrammeDraft, ProgrammeRevision, Round
from applications.programme_definition import (
    DIGEST,
    DefinitionError,
    ProgrammeDefinition,
    definition_of,
)
from applications.programmes_loading import LoadResult, load_definition
from finsam import clock
from finsam.definitions import UNIONS, hints_of, present
from finsam.errors import Conflict, DomainError, NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event

KEEPERS = (RoleKind.DIRECTOR, RoleKind.ADMINISTRATOR)
WEEK = 7
Definition = dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Part:
    """A place in a definition: its shape, and what stands there. `rows` where it is a list."""

    place: str
    shape: Any
    value: Any
    is_list: bool

    @property
    def steps(self) -> list[str]:
        return self.place.split(".") if self.place else []


@dataclasses.dataclass(frozen=True)
class Fault:
    """What keeps the working copy from being put in force, and the part where it is mended."""

    place: str
    text: str


def working_copy(programme: Programme) -> tuple[Definition, int]:
    """The definition being worked on with its number, or the one in force with number 0."""
    draft = ProgrammeDraft.objects.filter(programme=programme).first()
    if draft is not None:
        return draft.definition, draft.revision
    return {key: value for key, value in programme.definition.items() if key != DIGEST}, 0


def part_of(definition: Definition, place: str) -> Part:
    """The part at a place. Raises LookupError where there is none."""
    shape: Any = ProgrammeDefinition
    value: Any = definition
    is_list = False
    for step in place.split(".") if place else []:
        if is_list:
            at = int(step) - 1 if step.isdecimal() and len(step) < 5 else -1
            if not 0 <= at < len(value):
                raise LookupError(place)
            value, is_list = value[at], False
            continue
        hint = hints_of(shape).get(step)
        shape, is_list = _inner(hint)
        if shape is None:
            raise LookupError(place)
        value = value.get(step)
        if is_list:
            value = value or []
        elif value is None:
            value = {}
    return Part(place, shape, value, is_list)


def save_part(
    *, programme: Programme, place: str, values: Mapping[str, Any], seen: int, actor: User
) -> ProgrammeDraft:
    """Set plain values of the table at a place; the others stay. `seen` is the number read."""

    def change(definition: Definition) -> None:
        table = _table_at(definition, place)
        table.update(values)

    return change_copy(programme, change, seen, actor)


def add_row(*, programme: Programme, place: str, seen: int, actor: User) -> tuple[int, int]:
    """Add an empty row to the list at a place; gives its number, and the copy's new one."""
    numbers: list[int] = []

    def change(definition: Definition) -> None:
        part = part_of(definition, place)
        if not part.is_list:
            raise LookupError(place)
        rows = _list_at(definition, place)
        rows.append({})
        numbers.append(len(rows))

    draft = change_copy(programme, change, seen, actor)
    return numbers[0], draft.revision


def remove_part(*, programme: Programme, place: str, seen: int, actor: User) -> ProgrammeDraft:
    """Take a row out of its list, or a table that need not be there."""

    def change(definition: Definition) -> None:
        above, _, last = place.rpartition(".")
        part = part_of(definition, above)
        if part.is_list:
            rows = _list_at(definition, above)
            _require_free(programme, above, rows[int(last) - 1])
            del rows[int(last) - 1]
        elif is_optional(part.shape, last):
            _table_at(definition, above)[last] = None
        else:
            raise DomainError("must_stay", "Den här delen måste finnas i programmet.")

    return change_copy(programme, change, seen, actor)


def move_row(
    *, programme: Programme, place: str, up: bool, seen: int, actor: User
) -> ProgrammeDraft:
    """Let a row of a list change places with the one before or after."""

    def change(definition: Definition) -> None:
        above, _, last = place.rpartition(".")
        rows, here = _list_at(definition, above), int(last) - 1
        there = here - 1 if up else here + 1
        if 0 <= there < len(rows):
            rows[here], rows[there] = rows[there], rows[here]

    return change_copy(programme, change, seen, actor)


def copy_round(
    *, programme: Programme, slug: str, seen: int, actor: User
) -> tuple[ProgrammeDraft, int]:
    """A new round like an earlier one with every day a year later; gives its number in the list.

    Days keep their weekday (52 weeks), years of the efforts go up by one, and periods keep their
    day of the month.
    """
    numbers: list[int] = []

    def change(definition: Definition) -> None:
        rounds = definition["rounds"]
        source = next((one for one in rounds if one.get("slug") == slug), None)
        if source is None:
            raise LookupError(slug)
        made = a_year_later(source)
        taken = {one.get("slug") for one in rounds}
        wanted = made["slug"]
        count = 2
        while made["slug"] in taken:
            made["slug"], count = f"{wanted}-{count}", count + 1
        rounds.append(made)
        numbers.append(len(rounds))

    draft = change_copy(programme, change, seen, actor)
    return draft, numbers[0]


def faults_of(programme: Programme, definition: Definition) -> list[Fault]:
    """Everything that keeps a working copy from being put in force, by the part it is in."""
    try:
        definition_of(definition, file=f"{programme.slug}.toml")
    except DefinitionError as error:
        return [
            Fault(place_of(one.key), _sentence(f"{one.key}: {one.expected}", one.found))
            for one in error.problems
        ]
    return []


def put_in_force(*, programme: Programme, seen: int, actor: User) -> LoadResult:
    """Let the working copy hold: it is checked like a file, kept as a version, and loaded.

    Rounds that somebody writes in keep the rules and the template that they were opened with.
    Raises DefinitionError with every fault, and Conflict when the copy has changed since `seen`.
    """
    with transaction.atomic():
        locked, draft = _locked(programme, seen, actor)
        if draft is None:
            raise DomainError("nothing_changed", "Det finns inga ändringar att sätta i kraft.")
        before = {key: value for key, value in locked.definition.items() if key != DIGEST}
        definition = definition_of(
            _with_fresh_criteria(locked, draft.definition), file=f"{locked.slug}.toml"
        )
        _require_same_programme(locked, definition)
        last = locked.revisions.aggregate(last=Max("number"))["last"]
        if last is None:
            ProgrammeRevision.objects.create(programme=locked, number=1, definition=before)
            last = 1
        result = load_definition(definition, actor=actor)
        kept = Programme.objects.get(pk=locked.pk).definition
        ProgrammeRevision.objects.create(
            programme=locked,
            number=last + 1,
            definition={key: value for key, value in kept.items() if key != DIGEST},
            changes=list(result.changes),
            made_at=clock.now(),
            made_by=actor,
        )
        draft.delete()
    return result


def discard_changes(*, programme: Programme, seen: int, actor: User) -> None:
    """Throw the working copy away; what is in force stays."""
    with transaction.atomic():
        locked, draft = _locked(programme, seen, actor)
        if draft is None:
            return
        draft.delete()
        record_event(
            association=locked.association,
            actor=actor,
            action="programme_draft_discarded",
            obj=locked,
            payload={"revision": seen},
        )


def is_optional(shape: Any, name: str) -> bool:
    """Whether a table may be left out of the shape."""
    field = next((one for one in dataclasses.fields(shape) if one.name == name), None)
    return field is not None and field.default is None


def place_of(key: str) -> str:
    """The part that a fault's key names: "rounds[2].last_day" is in "rounds.2"."""
    steps = key.replace("[", ".").replace("]", "").split(" ")[0].split(".")
    found: list[str] = []
    shape: Any = ProgrammeDefinition
    for step in steps:
        if step.isdecimal():
            found.append(step)
            continue
        inner, _ = _inner(hints_of(shape).get(step))
        if inner is None:
            break
        shape = inner
        found.append(step)
    return ".".join(found)


def change_copy(
    programme: Programme, change: Callable[[Definition], None], seen: int, actor: User
) -> ProgrammeDraft:
    """Change the working copy, begun where there is none. Raises Conflict when it is not `seen`."""
    with transaction.atomic():
        locked, draft = _locked(programme, seen, actor)
        if draft is None:
            draft = ProgrammeDraft(programme=locked, definition=working_copy(locked)[0])
        definition = copy.deepcopy(draft.definition)
        change(definition)
        draft.definition = definition
        draft.revision += 1
        draft.updated_at, draft.updated_by = clock.now(), actor
        draft.save()
    return draft


def _locked(
    programme: Programme, seen: int, actor: User
) -> tuple[Programme, ProgrammeDraft | None]:
    locked = (
        Programme.objects.select_for_update(of=("self",))
        .select_related("association")
        .get(pk=programme.pk)
    )
    if not visitor_for(locked.association, actor).has(*KEEPERS):
        raise NotAllowed("role_missing", "Bara förbundschef och administratör ändrar program.")
    draft = ProgrammeDraft.objects.filter(programme=locked).first()
    if seen != (draft.revision if draft else 0):
        raise Conflict(
            "programme_changed",
            "Någon annan har ändrat programmet medan du skrev. Läs om sidan och gör om det sista; "
            "inget har skrivits över.",
        )
    return locked, draft


def _require_same_programme(programme: Programme, definition: ProgrammeDefinition) -> None:
    if (definition.association, definition.slug) != (programme.association.slug, programme.slug):
        raise DomainError(
            "another_programme", "Programmets adressnamn och förbund kan inte ändras."
        )


def _require_free(programme: Programme, above: str, row: Mapping[str, Any]) -> None:
    """A round that is there already stays in the definition with what hangs on it."""
    if above != "rounds":
        return
    slug = row.get("slug")
    if Round.objects.filter(programme=programme, slug=slug).exists():
        raise DomainError(
            "round_there", f"Omgången {row.get('name')} finns redan och kan inte tas bort."
        )


def _with_fresh_criteria(programme: Programme, definition: Definition) -> Definition:
    """A reworded criterion gets a key of its own where somebody is assessed by the old wording."""
    if not Application.objects.filter(round__programme=programme).exists():
        return definition
    said = {one.key: one.text for one in programme.criteria.all()}
    made = copy.deepcopy(definition)
    for one in made.get("criteria", ()):
        key = one.get("key", "")
        count = 2
        while one["key"] in said and said[one["key"]] != one.get("name"):
            one["key"], count = f"{key}_{count}", count + 1
    return made


def a_year_later(source: Mapping[str, Any]) -> dict[str, Any]:
    """A round with every day a year later: the same weekday, and no frame."""
    weeks = timedelta(days=52 * WEEK)

    def later(text: str | None) -> str | None:
        return (date.fromisoformat(text) + weeks).isoformat() if text else text

    def next_year(text: str | None) -> str | None:
        if not text:
            return text
        day = date.fromisoformat(text)
        last = day.replace(day=28) if (day.month, day.day) == (2, 29) else day
        return last.replace(year=day.year + 1).isoformat()

    made = copy.deepcopy(dict(source))
    years = sorted(made.get("years") or [])
    made["years"] = [year + 1 for year in years]
    for name in ("slug", "name"):
        for year in reversed(years):
            made[name] = str(made[name]).replace(str(year), str(year + 1))
    made["opens"], made["last_day"] = later(made.get("opens")), later(made.get("last_day"))
    for one in made.get("dates") or []:
        one["last_day"] = later(one.get("last_day"))
        one["board_meeting"] = later(one.get("board_meeting"))
    for one in made.get("milestones") or []:
        one["day"] = later(one.get("day"))
    made["effort_from"] = next_year(made.get("effort_from"))
    made["effort_to"] = next_year(made.get("effort_to"))
    made["frame"] = None
    return made


def _table_at(definition: Definition, place: str) -> dict[str, Any]:
    """The table at a place itself, to write in; made where a table that may be absent is."""
    table: Any = definition
    for step in place.split(".") if place else []:
        if isinstance(table, list):
            table = table[int(step) - 1]
            continue
        if table.get(step) is None:
            table[step] = {}
        table = table[step]
    found: dict[str, Any] = table
    return found


def _list_at(definition: Definition, place: str) -> list[dict[str, Any]]:
    above, _, last = place.rpartition(".")
    table = _table_at(definition, above)
    if table.get(last) is None:
        table[last] = []
    rows: list[dict[str, Any]] = table[last]
    return rows


def _inner(hint: Any) -> tuple[Any, bool]:
    """The dataclass that a field holds, and whether it holds a list of them."""
    if hint is None:
        return None, False
    origin = get_origin(hint)
    if origin in UNIONS:
        return _inner(present(hint))
    if origin is tuple:
        return _inner(get_args(hint)[0])[0], True
    if origin is Annotated:
        return None, False
    return (hint, False) if dataclasses.is_dataclass(hint) else (None, False)


def _sentence(text: str, found: str) -> str:
    return f"{text}{f', men där står {found}' if found else ''}."
