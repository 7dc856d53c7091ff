"""Takes the pictures of the README from the example installation, with the machine's Chromium.

    .venv/bin/python docs/make_pictures.py

It works in a temporary installation of its own; yours is not touched.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import Browser, Page

if TYPE_CHECKING:
    from tests.journeys.story import Example

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
PICTURES = HERE / "pictures"
COLOURS = 96
WIDE, PHONE = (1280, 900), (390, 780)


def set_up(folder: str) -> None:
    os.environ |= {
        "DEBUG": "1",
        "VAR_DIR": folder,
        "DATABASE_URL": f"sqlite:///{folder}/portal.sqlite3",
        "STORAGE_URL": f"file://{folder}/files",
        "DJANGO_SETTINGS_MODULE": "finsam.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
        "LOG_LEVEL": "ERROR",
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("demo", stdout=io.StringIO())


@contextmanager
def site() -> Iterator[str]:
    """The portal itself, on an address that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{found.getsockname()[1]}"
    command = [sys.executable, "manage.py", "runserver", address, "--noreload", "--nothreading"]
    process = subprocess.Popen(command, cwd=HERE.parent, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        for _ in range(100):
            with socket.socket() as asking:
                if asking.connect_ex(("127.0.0.1", int(address.split(":")[1]))) == 0:
                    break
            time.sleep(0.2)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(10)


def signed_in(browser: Browser, base: str, email: str, size: tuple[int, int] = WIDE) -> Page:
    from boards.demo.settling import DEMO_PASSWORD

    page = browser.new_page(
        base_url=base,
        viewport={"width": size[0], "height": size[1]},
        locale="sv-SE",
        timezone_id="Europe/Stockholm",
    )
    if email:
        page.goto("/konto/login/")
        page.get_by_label("E-post").fill(email)
        page.get_by_label("Lösenord").fill(DEMO_PASSWORD)
        page.get_by_role("button", name="Logga in").click()
    return page


def take(page: Page, path: str, name: str) -> None:
    """The part of a page that one sees first, with few colours so that it is light."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(
        PICTURES / f"{name}.png", optimize=True
    )


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pictures-") as folder:
        set_up(folder)
        from tests.journeys.browser import chromium
        from tests.journeys.story import Example

        example = Example()
        with site() as base, chromium() as browser:
            photograph(example, browser, base)


def photograph(example: Example, browser: Browser, base: str) -> None:
    from boards.demo import acts

    draft = example.application("olofstrom").get_absolute_url()
    review = example.application("ronneby").public_id
    frame = example.cast.round.frame_id
    meeting = example.meeting("board", "called")
    address = {
        key: example.person(key).email
        for key in ("nadja_berg", "oskar_lindh", "helena_brandt", "per_olof_granath")
    }

    take(signed_in(browser, base, ""), "/blekinge/", "1-landing")
    applicant = signed_in(browser, base, address["nadja_berg"])
    take(applicant, draft, "2-application")
    acts.write_budget(example.cast, example.effort("olofstrom"))
    take(applicant, f"{draft}budget/", "3-budget")
    director = signed_in(browser, base, address["helena_brandt"])
    take(director, "/blekinge/kansli/", "4-overview")
    take(director, f"/blekinge/kansli/ansokningar/{review}/", "5-review")
    take(director, f"/blekinge/ekonomi/ram/{frame}/prova/?utga=andel", "6-distribution")

    acts.send_documents(example.cast, meeting)
    example.work()
    from boards import dispatch

    dispatch.send_packet(packet=meeting.packets.all()[0], actor=example.cast.officer)
    member = signed_in(browser, base, address["per_olof_granath"], PHONE)
    take(member, "/blekinge/styrelse/", "7-board-on-a-phone")
    acts.gather(example.cast, meeting)
    acts.settle_formal(example.cast, meeting)
    office = signed_in(browser, base, address["oskar_lindh"])
    take(office, f"/blekinge/moten/{meeting.pk}/rum/", "8-meeting")


if __name__ == "__main__":
    main()
