"""HTML to PDF that everyone can read (PDF/UA-1) and that can be kept (PDF/A-3a), in one file."""

from __future__ import annotations

import atexit
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pikepdf
import structlog
from django.conf import settings

from finsam.documents.pdf_bytes import describe, written
from finsam.documents.pdf_claims import written_with_true_claims
from finsam.documents.pdf_tags import mark_running_matter
from finsam.errors import DomainError

log = structlog.get_logger(__name__)
T = TypeVar("T")

SECONDS, SECONDS_TO_START = 60, 240
MEGABYTES = 1_400
RENDERINGS_PER_PROCESS = 150
_RENDERER = Path(__file__).with_name("renderer.py")


class RenderFailed(DomainError):
    """A document could not be made of its text."""

    @property
    def may_pass(self) -> bool:
        """Whether it may be the machine's fault, not the text's."""
        return self.code in {"render_timeout", "render_crashed"}


def render_pdf(
    html: str,
    *,
    title: str,
    language: str = "sv",
    subject: str = "",
    author: str = "",
    created: datetime | None = None,
    tagged: bool = True,
    seconds: int = SECONDS,
) -> bytes:
    """The PDF of a whole HTML page; the same arguments give the same bytes.

    Nothing outside the text is read: pictures, style and fonts come as data. Raises RenderFailed
    when the text cannot be laid out, or takes more than `seconds` or the memory allowed.
    """
    made = _laid_out(html, title=title, language=language, tagged=tagged, seconds=seconds)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        about: dict[str, Any] = {
            "title": " ".join(title.split()),
            "language": language,
            "author": author,
            "subject": subject,
            "created": created,
        }
        if tagged:
            mark_running_matter(pdf)
            return written_with_true_claims(pdf, **about)
        describe(pdf, **about, claims_a="U", claims_ua=False)
        return written(pdf)


def render_section(html: str, *, title: str) -> bytes:
    """Tagged pages that become part of a larger file, which is validated as a whole.

    They are no document: they claim nothing and bear no author or date. Raises as render_pdf.
    """
    made = _laid_out(html, title=title, language="sv", tagged=True, seconds=SECONDS)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        mark_running_matter(pdf)
        describe(pdf, title=" ".join(title.split()), language="sv")
        return written(pdf)


def _laid_out(html: str, *, title: str, language: str, tagged: bool, seconds: int) -> bytes:
    if not title.strip():
        raise RenderFailed("title_missing", "Handlingen behöver en rubrik.")
    request = {"html": html, "title": title, "language": language, "tagged": tagged}
    return _process.render(request, seconds)


@dataclass
class RenderProcess:
    """The one rendering process of this process: started when needed, ended with it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    child: subprocess.Popen[bytes] | None = None
    owner: int = 0
    renderings: int = 0

    def render(self, request: dict[str, Any], seconds: int) -> bytes:
        with self.lock:
            child, is_new = self._ready()
            if is_new:
                self._within(SECONDS_TO_START, child, lambda: _greeting(child))
            header, made = self._within(seconds, child, lambda: self._exchange(child, request))
            if not header["ok"]:
                self.end()
        for complaint in header["complaints"]:
            log.warning("pdf_complaint", title=request["title"], complaint=complaint)
        if not header["ok"]:
            log.error("pdf_failed", title=request["title"], error=header["error"])
            raise RenderFailed("render_failed", "Handlingen kunde inte göras av den här texten.")
        return made

    def _within(self, seconds: int, child: subprocess.Popen[bytes], ask: Callable[[], T]) -> T:
        """What the child answers, if it does in time; else it is ended and RenderFailed raised."""
        clock_ran_out = threading.Event()
        timer = threading.Timer(seconds, self._give_up, (child, clock_ran_out))
        timer.daemon = True
        timer.start()
        try:
            return ask()
        except (OSError, EOFError) as fault:
            self.end()
            if clock_ran_out.is_set():
                raise RenderFailed(
                    "render_timeout",
                    "Handlingen tog för lång tid att göra. Dela upp långa texter och försök igen.",
                ) from fault
            raise RenderFailed(
                "render_crashed",
                "Handlingen kunde inte göras: texten är för stor eller för invecklad.",
            ) from fault
        finally:
            timer.cancel()

    def _ready(self) -> tuple[subprocess.Popen[bytes], bool]:
        """The child, and whether it is a new one: after a fork, a crash or many renderings."""
        if self.owner != os.getpid():
            self.child, self.owner = None, os.getpid()
        if self.renderings >= RENDERINGS_PER_PROCESS:
            self.end()
        is_new = self.child is None or self.child.poll() is not None
        if self.child is None or is_new:
            self.end()
            self.child, self.renderings = _start(), 0
        self.renderings += 1
        return self.child, is_new

    def _exchange(
        self, child: subprocess.Popen[bytes], request: dict[str, Any]
    ) -> tuple[dict[str, Any], bytes]:
        if child.stdin is None or child.stdout is None:
            raise EOFError
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        line = child.stdout.readline()
        if not line:
            raise EOFError
        header: dict[str, Any] = json.loads(line)
        size = header.get("size", 0)
        made = child.stdout.read(size) if size else b""
        if len(made) != size:
            raise EOFError
        return header, made

    def _give_up(self, child: subprocess.Popen[bytes], clock_ran_out: threading.Event) -> None:
        clock_ran_out.set()
        child.kill()

    def end(self) -> None:
        """End the child and wait for it; harmless when there is none of ours."""
        child, self.child = self.child, None
        if child is None or self.owner != os.getpid():
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        child.wait()


def _greeting(child: subprocess.Popen[bytes]) -> None:
    """Wait until the child has its fonts: the first of an installation cuts them."""
    if child.stdout is None or not child.stdout.readline():
        raise EOFError


def _start() -> subprocess.Popen[bytes]:
    fonts = Path(settings.BASE_DIR) / "node_modules/@fontsource-variable/inter/files"
    cuts = Path(settings.VAR) / "fonts"
    environment = {
        "PATH": os.defpath,
        "HOME": os.environ.get("HOME", "/nonexistent"),
        "LANG": "C.UTF-8",
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),  # noqa: S108 - where fonts are unpacked
        "SOURCE_DATE_EPOCH": "0",  # fonts are stamped with it: same text, same bytes
    }
    return subprocess.Popen(  # noqa: S603 - our own script, no user's words in the command
        [sys.executable, "-P", str(_RENDERER), str(fonts), str(cuts), str(MEGABYTES)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    )


_process = RenderProcess()
atexit.register(_process.end)
