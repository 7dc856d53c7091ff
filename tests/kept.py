"""Rows that many tests begin with, made once for the tests of a file that stand beside each other.

A fixture marked `kept` is called within a savepoint around the tests, not in each of them; the
next test that asks for the same fixtures finds the rows as they were before the last one began.
Each test gets copies of what the fixtures returned, so nothing that it does reaches another.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple, TypeVar, cast

import pytest
from django.db import transaction
from django.db.transaction import Atomic
from pytest_django import DjangoDbBlocker

F = TypeVar("F", bound=Callable[..., Any])
Function = Callable[..., Any]
# What is asked for: each function with those behind its arguments; None is the database itself.
Wanted = dict[Function, dict[str, Function | None]]
Made = dict[Function | None, Any]
Askers = dict[Path, Counter[Function]]

_of_this_test: Made = {}


def kept(function: F) -> F:
    """A fixture that only makes rows, out of `db` and of others of its kind."""

    @functools.wraps(function)
    def taken(**arguments: Any) -> Any:
        if function in _of_this_test:
            return _of_this_test[function]
        return function(**arguments)

    taken.kept = function  # type: ignore[attr-defined]
    return cast(F, pytest.fixture(taken))


class Layer(NamedTuple):
    """What one function has made upon those before it, and the savepoint that takes it back."""

    function: Function
    arguments: dict[str, Function | None]
    made: Made
    savepoint: Atomic


class Layers:
    """The functions whose rows are in the database now, one upon the other."""

    def __init__(self) -> None:
        self._stack: list[Layer] = []

    def bring_to(self, wanted: Wanted) -> Made:
        """Have exactly these functions' rows, made in this order; give copies of what they gave."""
        same = 0
        for layer, pair in zip(self._stack, wanted.items(), strict=False):
            if (layer.function, layer.arguments) != pair:
                break
            same += 1
        while len(self._stack) > same:
            _take_back(self._stack.pop().savepoint)
        for function, arguments in list(wanted.items())[same:]:
            self._add(function, arguments)
        return self._copies()

    def _add(self, function: Function, arguments: dict[str, Function | None]) -> None:
        made = self._copies()
        savepoint = transaction.atomic()
        # As Django's own tests have it: what must be outermost is so as far as the test goes.
        savepoint._from_testcase = True  # type: ignore[attr-defined]
        savepoint.__enter__()
        try:
            made[function] = function(**{name: made[of] for name, of in arguments.items()})
        except BaseException:
            _take_back(savepoint)
            raise
        self._stack.append(Layer(function, arguments, made, savepoint))

    def _copies(self) -> Made:
        """Copies of all at once: they know each other as what they are copied from does."""
        return copy.deepcopy(self._stack[-1].made) if self._stack else {None: None}


def _take_back(savepoint: Atomic) -> None:
    transaction.set_rollback(True)
    savepoint.__exit__(None, None, None)


@pytest.fixture(scope="module")
def _layers(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Layers]:
    layers = Layers()
    yield layers
    with django_db_blocker.unblock():
        layers.bring_to({})


@pytest.fixture(scope="session")
def _askers(request: pytest.FixtureRequest) -> Askers:
    """How many tests of each file ask for each function."""
    found: Askers = defaultdict(Counter)
    for test in request.session.items:
        found[test.path].update(filter(None, _functions(test).values()))
    return found


@pytest.fixture
def _rows_kept(
    request: pytest.FixtureRequest,
    _layers: Layers,
    _askers: Askers,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    wanted = {} if _is_transactional(request) else _wanted(request.node, _askers[request.path])
    with django_db_blocker.unblock():
        _of_this_test.update(_layers.bring_to(wanted))
    yield
    _of_this_test.clear()


@pytest.fixture
def _django_db_helper(_rows_kept: None, _django_db_helper: None) -> None:
    """The transaction of one test, within the savepoints of what is kept."""


def _is_transactional(request: pytest.FixtureRequest) -> bool:
    marker = request.node.get_closest_marker("django_db")
    asked = bool(marker and marker.kwargs.get("transaction"))
    return asked or not {"transactional_db", "live_server"}.isdisjoint(request.fixturenames)


def _functions(test: pytest.Item) -> dict[str, Function | None]:
    """The kept functions that a test asks for, itself or through another, by the fixture's name."""
    known = test._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    found = {name: getattr(known[name][-1].func, "kept", None) for name in known}
    return {name: function for name, function in found.items() if function or name == "db"}


def _wanted(test: pytest.Item, askers: Counter[Function]) -> Wanted:
    """What a test asks for: first what most of its file ask for, each after those it needs itself.

    What needs anything that is not kept is left to the test.
    """
    functions = _functions(test)
    wanted: Wanted = {}

    def add(name: str) -> bool:
        function = functions.get(name)
        if function is None or function in wanted:
            return name in functions
        arguments = list(inspect.signature(function).parameters)
        if all([add(argument) for argument in arguments]):  # noqa: C419 - each is added
            wanted[function] = {argument: functions[argument] for argument in arguments}
        return function in wanted

    def place(name: str) -> tuple[int, str, int]:
        function = cast(FunctionType, functions[name])
        return -askers[function], function.__code__.co_filename, function.__code__.co_firstlineno

    for name in sorted(filter(functions.get, functions), key=place):
        add(name)
    return wanted
