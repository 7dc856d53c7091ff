"""`make mutations`: the rules are changed bit by bit, and a test must fail for each change.

mutmut makes the changes. Tried in its own way, each would wait for a database and for the people
and meetings of its tests, a day in all. Here a test is set up once, by the code as it is, and when
its body is about to begin the process is copied, once for each change that the body meets. The
database lies in memory, so that every copy has its own.

Killed is what lets a body fail. To break no more than the setting up, to take too long or to end
the process is not counted so. Every body must pass unchanged too, both in a copy of its own and
after all copies; else the run says so and has no figures.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name
from pytest_django import DjangoDbBlocker

WANTED = 90
PLACE = Path("mutants")
VERDICTS, MET = "verdicts.json", "met.json"
# As mutmut numbers what became of a change.
SURVIVED, KILLED, NO_TESTS, TOO_SLOW = 0, 1, 33, 36


# --- the run ----------------------------------------------------------------------------------


def main(only: list[str]) -> int:
    """Change the modules (paths, all when none is named) and tell how many changes were killed.

    Gives 1 when a test does not pass unchanged, or when less than WANTED percent were killed in
    one of the modules.
    """
    shutil.rmtree(PLACE, ignore_errors=True)
    PLACE.mkdir()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        copy_src_dir()
        copy_also_copy_files()
        create_mutants(1)
    modules = {}
    for path in walk_mutatable_files():
        if not only or str(path) in only:
            modules[path] = SourceFileMutationData(path=path)
            modules[path].load()
    changes = [name for data in modules.values() for name in data.exit_code_by_key]
    (PLACE / VERDICTS).write_text(json.dumps(dict.fromkeys(changes, NO_TESTS)))

    tests = config().pytest_add_cli_args_test_selection
    run = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "tests.mutations", *tests]
    if subprocess.run(run, cwd=PLACE, check=False).returncode:
        print("No figures: a test does not pass unchanged, or the run was stopped.")
        return 1
    verdicts = json.loads((PLACE / VERDICTS).read_text())
    for data in modules.values():
        data.exit_code_by_key = {name: verdicts[name] for name in data.exit_code_by_key}
        data.save()
    return _told(modules)


def _told(modules: dict[Path, SourceFileMutationData]) -> int:
    """A line for each change that was not killed, and the figures of each module."""
    lines, is_low = [], False
    for path, data in sorted(modules.items()):
        became = Counter(status_by_exit_code[code] for code in data.exit_code_by_key.values())
        killed, tried = became.pop("killed", 0), len(data.exit_code_by_key)
        rest = ", ".join(f"{count} {what}" for what, count in became.most_common())
        share = 100 * killed / tried if tried else 100
        is_low = is_low or share < WANTED
        lines.append(f"{path!s:30} {killed:4} of {tried:4} killed {share:6.1f} %   {rest}")
        for name, code in data.exit_code_by_key.items():
            if code != KILLED:
                print(f"{status_by_exit_code[code]:10} {name}")
    print("See one: mutmut show NAME", *lines, sep="\n")
    return int(is_low)


# --- the plugin of pytest that tries them -----------------------------------------------------


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks no database is tried first: most changes end there."""
    items.sort(key=_asks_database)


def _asks_database(item: pytest.Item) -> bool:
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or "db" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def _database_in_memory(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A copy of the migrated database that each copy of the process has for itself."""
    with django_db_blocker.unblock():
        made = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = ":memory:"
        connection.ensure_connection()
        source = sqlite3.connect(made)
        source.backup(connection.connection)
        source.close()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(_Trial())


class _Trial:
    """The verdict so far on each change, kept where the run was started from."""

    def __init__(self) -> None:
        self.verdicts: dict[str, int] = json.loads(Path(VERDICTS).read_text())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> None:
        if all(verdict in (KILLED, TOO_SLOW) for verdict in self.verdicts.values()):
            return
        began = time.monotonic()
        met = _met(item)
        patience = math.ceil(20 + 20 * (time.monotonic() - began))
        for name, verdict in self.verdicts.items():
            if verdict in (NO_TESTS, SURVIVED) and mangled_name_from_mutant_name(name) in met:
                self.verdicts[name] = _in_a_copy(item.runtest, name, patience)
        Path(VERDICTS).write_text(json.dumps(self.verdicts))


def _met(item: pytest.Item) -> set[str]:
    """The functions that the body goes through; raises when it does not pass unchanged."""

    def body() -> None:
        item.runtest()
        Path(MET).write_text(json.dumps(sorted(state()._stats)))

    if _in_a_copy(body, "stats", 600) != SURVIVED:
        raise AssertionError("The test does not pass in a copy of the process.")
    return set(json.loads(Path(MET).read_text()))


def _in_a_copy(body: Callable[[], object], change: str, patience: int) -> int:
    """How the body ends with the change, as mutmut numbers it; `patience` in seconds."""
    copy = os.fork()
    if copy:
        code = os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1])
        return TOO_SLOW if code == -signal.SIGALRM else code
    verdict = KILLED
    try:
        signal.alarm(patience)
        set_mutant_under_test(change)
        body()
        verdict = SURVIVED
    finally:
        os._exit(verdict)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
