"""Every event that the code can write has a Swedish name in the list of events."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from applications.transitions import TRANSITIONS
from budgets.payment_states import STEPS
from finsam.registry.wording import action_is_named, action_name, private_until_registered

HOUSE = Path(__file__).parents[2]
ROOMS = ("finsam", "budgets", "applications", "boards")


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be: a text, or one of two by a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from literals(node.body)
        yield from literals(node.orelse)


def name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def action_of(call: ast.Call, parameters: list[str], positional: list[str]) -> Iterator[ast.expr]:
    """What a call gives for one of `parameters`, by name or by place."""
    yield from (each.value for each in call.keywords if each.arg in parameters)
    yield from (
        given for name, given in zip(positional, call.args, strict=False) if name in parameters
    )


def written_by(module: ast.Module) -> Iterator[str]:
    """Actions of record_event, and of the module's own functions that pass one on to it."""
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
    for call in calls:
        if name_of(call) == "record_event":
            for given in action_of(call, ["action"], []):
                yield from literals(given)
    for function in [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]:
        positional = [argument.arg for argument in function.args.args]
        names = {*positional, *(argument.arg for argument in function.args.kwonlyargs)}
        passed_on = [
            given.id
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and name_of(call) == "record_event"
            for given in action_of(call, ["action"], [])
            if isinstance(given, ast.Name) and given.id in names
        ]
        for call in calls:
            if passed_on and name_of(call) == function.name:
                for given in action_of(call, passed_on, positional):
                    yield from literals(given)


def all_actions() -> set[str]:
    found = {f"application_{transition.action}" for transition in TRANSITIONS}
    found |= {f"payment_{step.action}" for step in STEPS}
    for room in ROOMS:
        for path in sorted((HOUSE / room).rglob("*.py")):
            found.update(written_by(ast.parse(path.read_text())))
    return found


def test_L02_every_action_has_a_swedish_name() -> None:
    actions = all_actions()

    assert len(actions) > 60, "the search must find what is written"
    assert sorted(action for action in actions if not action_is_named(action)) == []


@pytest.mark.parametrize(
    "kind", ["applications.application", "budgets.budget", "budgets.paymentrequest"]
)
def test_drafts_are_private_until_registered(kind: str) -> None:
    assert kind in private_until_registered()


def test_a_name_is_plain_swedish() -> None:
    assert action_name("application_submit") == "Ansökan inlämnad"
