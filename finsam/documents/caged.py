"""Running the machine's own tools on strangers' files: without network, within limits."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

MEGABYTE = 1024 * 1024


def run_caged(
    program: str,
    arguments: Sequence[str],
    *,
    folder: Path,
    seconds: int,
    megabytes: int,
    needs_cage: bool = True,
) -> bool:
    """Run a tool in `folder`; whether it was there, could be shut in, and ended well.

    It runs in a network of its own that leads nowhere. Where the machine allows no such thing, a
    tool that never fetches anything (`needs_cage=False`) runs within its limits alone.
    """
    found, limits, cage = shutil.which(program), shutil.which("prlimit"), network_cage()
    if found is None or limits is None or (cage is None and needs_cage):
        return False
    command = [
        *(cage or []),
        *(limits, f"--as={megabytes * MEGABYTE}", f"--cpu={seconds}", "--core=0"),
        *(found, *arguments),
    ]
    environment = {
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
    }
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, the files' names are ours
            command, cwd=folder, env=environment, capture_output=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        log.warning("tool_timeout", program=program, seconds=seconds)
        return False
    if done.returncode != 0:
        said = done.stderr[-300:].decode(errors="replace")
        log.warning("tool_failed", program=program, code=done.returncode, said=said)
    return done.returncode == 0


@lru_cache(maxsize=1)
def network_cage() -> list[str] | None:
    """The command that starts a program without network, or None when that is not allowed here."""
    unshare = shutil.which("unshare")
    if unshare is None:
        return None
    cage = [unshare, "--net", "--map-root-user", "--kill-child"]
    tried = subprocess.run(  # noqa: S603 - fixed words
        [*cage, "true"], capture_output=True, check=False, timeout=10
    )
    if tried.returncode != 0:
        log.info("no_network_cage")
        return None
    return cage
