"""U-03: whatever happens to the child that reads a file, the portal lives and says so."""

from __future__ import annotations

import time

import pytest

from finsam.documents import sandbox

READERS = "tests.hostile.bad_readers"


def fault(name: str, **given: object) -> sandbox.Unreadable:
    with pytest.raises(sandbox.Unreadable) as raised:
        sandbox.call(f"{READERS}.{name}", data=b"data", **given)
    return raised.value


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        ("segfault", "crashed"),
        ("abort", "crashed"),
        ("take_memory_bit_by_bit", "memory"),
        ("killed_for_memory", "timeout"),
        ("raise_error", "error"),
        ("leave", "crashed"),
        ("talk_too_much", "too_much"),
        ("does_not_exist", "error"),
    ],
)
def test_U03_a_reader_that_fails_becomes_a_sentence(reader, reason):
    found = fault(reader)
    assert (found.code, found.reason, found.message) == (
        "unreadable_file",
        reason,
        sandbox.SENTENCE,
    )


def test_U03_a_reader_that_takes_one_large_piece_of_memory():
    assert fault("take_memory", arguments={"megabytes": 400}).reason == "memory"


def test_U03_the_memory_a_reader_was_given_is_its_to_use():
    taken = sandbox.call(f"{READERS}.take_memory", data=b"", arguments={"megabytes": 200})
    assert taken == 200 * 1024 * 1024


@pytest.mark.parametrize("reader", ["spin", "sleep"])
def test_U03_a_reader_that_never_ends_is_stopped(reader):
    begun = time.monotonic()
    assert fault(reader, seconds=1).reason == "timeout"
    assert time.monotonic() - begun < 4


def test_U03_the_caller_chooses_the_code():
    assert fault("abort", code="unreadable_workbook").code == "unreadable_workbook"


def test_U03_the_child_cannot_write_files(tmp_path):
    target = tmp_path / "written"
    with pytest.raises(sandbox.Unreadable):
        sandbox.call(f"{READERS}.write_file", data=b"data", arguments={"path": str(target)})
    assert not target.exists() or target.read_bytes() == b""


def test_U03_the_child_has_no_secrets_and_no_django(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "marker-of-a-secret")
    found = sandbox.call(f"{READERS}.surroundings", data=b"")
    assert found["environment"] == ["LANG", "LC_CTYPE"] or found["environment"] == ["LANG"]
    assert (found["django"], found["core"]) == (False, 0)


def test_U03_what_a_library_prints_does_not_spoil_the_answer():
    counted = sandbox.call(f"{READERS}.print_and_count", data=b"abc", arguments={"times": 3})
    assert counted == 9


def test_U03_the_detail_is_for_the_log_and_not_for_the_user():
    found = fault("raise_error")
    assert found.detail == "ValueError: bad tag at 7"
    assert "bad tag" not in found.message
