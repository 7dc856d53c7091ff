"""What the machine must have before the portal's own packages: looks, installs, or says what to do.

Run by make with the machine's own Python before there is a virtual environment, so it imports
nothing but the standard library: python3 -I finsam/machine.py run|test
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

APT = ["apt-get", "-qq", "-o=Dpkg::Use-Pty=0"]


@dataclass(frozen=True)
class Need:
    """Something the machine must have, how to see it, and what brings it on Debian."""

    what: str
    there: Callable[[], bool]
    packages: tuple[str, ...]
    # Without it, only the tests that say so are left out.
    optional: bool = False


def command(*names: str) -> Callable[[], bool]:
    """Whether all the commands are found."""
    return lambda: all(shutil.which(name) for name in names)


def one_of(*names: str) -> Callable[[], bool]:
    """Whether one of the commands is found; daemons may stand outside the path."""
    folders = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/opt/homebrew/bin"])
    return lambda: any(shutil.which(name, path=folders) for name in names)


def library(*names: str) -> Callable[[], bool]:
    """Whether one of the names can be loaded."""

    def loads() -> bool:
        for name in names:
            try:
                ctypes.CDLL(name)
            except OSError:
                continue
            return True
        return False

    return loads


def module(name: str) -> Callable[[], bool]:
    return lambda: importlib.util.find_spec(name) is not None


RUN = (
    Need("Python's venv", module("ensurepip"), ("python3-venv",)),
    Need("Node.js with npm", command("node", "npm"), ("nodejs", "npm")),
    Need(
        "Pango",
        library("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0"),
        ("libpango-1.0-0",),
    ),
    Need(
        "PangoFT2",
        library("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib", "libpangoft2-1.0-0"),
        ("libpangoft2-1.0-0",),
    ),
    Need(
        "HarfBuzz with subsetting",
        library("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib", "libharfbuzz-subset-0"),
        ("libharfbuzz-subset0",),
    ),
)
TEST = (
    *RUN,
    Need(
        "Chromium",
        one_of("chromium-headless-shell", "chromium"),
        ("chromium-headless-shell",),
    ),
    Need("Poppler's tools", command("pdftoppm", "pdftotext"), ("poppler-utils",)),
    Need(
        "LibreOffice without windows",
        one_of("soffice", "libreoffice"),
        ("libreoffice-calc-nogui", "libreoffice-writer-nogui"),
        optional=True,
    ),
    Need("ClamAV's daemon", one_of("clamd"), ("clamav-daemon",), optional=True),
)


def missing(needs: Sequence[Need]) -> list[Need]:
    return [need for need in needs if not need.there()]


def install(packages: Sequence[str]) -> bool:
    """Install Debian packages where this may be done; whether it went well."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    order = ["install", "--yes", "--no-install-recommends", *packages]
    print(f"Installing {' '.join(packages)} …", flush=True)
    # A new machine has no lists of packages yet, and an old one may have lists that are too old.
    fault = _apt(order)
    if fault:
        fault = _apt(["update"]) or _apt(order)
    if fault:
        print(fault, file=sys.stderr)
    return not fault


def _apt(order: Sequence[str]) -> str:
    """What apt-get said when it failed; empty when all went well."""
    done = subprocess.run(
        [*APT, *order],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return ""
    return done.stdout[-2_000:] or f"apt-get ended with {done.returncode}"


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in {"run", "test"}:
        print(__doc__, file=sys.stderr)
        return 2
    needs = TEST if arguments[0] == "test" else RUN
    lacking = missing(needs)
    if lacking:
        # One by one when together fails: one that cannot be had must not take the others along.
        packages = [package for need in lacking for package in need.packages]
        if not install(packages) and len(lacking) > 1:
            for need in lacking:
                install(need.packages)
        importlib.invalidate_caches()
        lacking = missing(needs)
    for need in lacking:
        consequence = "the tests that need it are left out" if need.optional else "it is needed"
        print(
            f"{need.what} was not found: {consequence}. "
            f"On Debian or Ubuntu: sudo apt-get install {' '.join(need.packages)}",
            file=sys.stderr,
        )
    return 1 if any(not need.optional for need in lacking) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
