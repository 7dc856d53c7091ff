"""Hints through files arrive whole, however fast they are sent and read."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from kombu.connection import Connection
from kombu.exceptions import ChannelError

from finsam.file_broker import Transport

MESSAGES = 1_500
SEND = """
import sys
from kombu import Connection
names = ("data_folder_in", "data_folder_out", "control_folder")
folders = dict(zip(names, (sys.argv[1], sys.argv[1], sys.argv[2])))
with Connection(transport="finsam.file_broker:Transport", transport_options=folders) as connection:
    queue = connection.SimpleQueue("celery")
    for number in range(int(sys.argv[3])):
        queue.put({"job": number})
"""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    queue, control = tmp_path / "queue", tmp_path / "control"
    queue.mkdir()
    control.mkdir()
    # Kombu remembers in the process which queues it has announced; these folders are new.
    Transport.global_state.clear()
    return queue, control


def connect(folders: tuple[Path, Path]) -> Connection:
    queue, control = (str(folder) for folder in folders)
    options = {"data_folder_in": queue, "data_folder_out": queue, "control_folder": control}
    return Connection(transport="finsam.file_broker:Transport", transport_options=options)


def test_all_that_is_sent_while_reading_is_read_whole(folders: tuple[Path, Path]) -> None:
    sender = subprocess.Popen(
        [sys.executable, "-c", SEND, *(str(folder) for folder in folders), str(MESSAGES)]
    )
    read: list[int] = []
    deadline = time.monotonic() + 60
    with connect(folders) as connection:
        queue = connection.SimpleQueue("celery")
        while len(read) < MESSAGES and time.monotonic() < deadline:
            try:
                message = queue.get(block=False)
            except queue.Empty:
                time.sleep(0.001)
                continue
            message.ack()
            read.append(message.payload["job"])

    assert sender.wait(timeout=20) == 0
    assert sorted(read) == list(range(MESSAGES))
    assert list(folders[0].iterdir()) == []


def test_messages_are_read_in_the_order_they_were_sent(folders: tuple[Path, Path]) -> None:
    with connect(folders) as connection:
        queue = connection.SimpleQueue("celery")
        for number in range(20):
            queue.put({"job": number})
        read = [queue.get(block=False).payload["job"] for _ in range(20)]

    assert read == list(range(20))


def test_a_folder_that_is_gone_is_an_error_of_the_broker(folders: tuple[Path, Path]) -> None:
    with connect(folders) as connection:
        queue = connection.SimpleQueue("celery")
        folders[0].rmdir()
        with pytest.raises(ChannelError):
            queue.put({"job": 1}, retry=False)
