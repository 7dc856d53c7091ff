"""What was sent from a page that could not be answered leads back to that page."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory

from finsam.associations.models import Association
from finsam.people.access import SIGNED_OUT
from finsam.people.models import User
from finsam.way_back import came_from, page_above

pytestmark = pytest.mark.django_db
PAGE = "/sjo/avtal/0b9f2f0e-5b1a-4d0c-9a51-3f0f6a1c7c11/"
ACT = f"{PAGE}skriv-under/"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        (f"http://testserver{PAGE}?sida=2", f"{PAGE}?sida=2"),
        ("http://testserver//phishing.example/x", "/phishing.example/x"),
        ("https://phishing.example/sjo/", ACT),
        ("javascript:alert(1)", ACT),
        ("http://testserver", ACT),
        ("", ACT),
    ],
)
def test_only_a_page_of_the_portal_is_gone_back_to(
    rf: RequestFactory, referer: str, back: str
) -> None:
    assert came_from(rf.post(ACT, headers={"referer": referer})) == back


@pytest.mark.anywhere
def test_a_session_that_ended_leads_to_the_page_and_says_that_nothing_was_done(
    client: Client, association: Association
) -> None:
    said = {"do": "sign", "body": "Vi ber om <mer> tid.", "password": "ett hemligt ord"}
    answer = client.post(ACT, said, headers={"referer": f"http://testserver{PAGE}"})
    assert (answer.status_code, answer["Location"]) == (302, f"/konto/login/?next={PAGE}")
    assert [str(one) for one in get_messages(answer.wsgi_request)] == [SIGNED_OUT]
    page = client.get(answer["Location"], secure=True).content.decode()
    assert "Vi ber om &lt;mer&gt; tid.</textarea>" in page, "what was typed is given back"
    assert "hemligt" not in page
    assert "Vi ber om" not in client.get(answer["Location"], secure=True).content.decode()


@pytest.mark.anywhere
def test_the_address_of_a_button_is_a_page_that_leads_on(
    client: Client, association: Association
) -> None:
    answer = client.get(ACT, headers={"accept": "text/html"})
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert f'<a class="ds-button" href="{PAGE}">' in answer.content.decode()
    assert client.get(ACT).content == b"", "programs get what they got"
    assert page_above("/sjo/kansli/underlag/") == "/sjo/kansli/"
    assert page_above("/") == "/"


def test_a_form_gone_stale_leads_back_to_the_page_with_the_form(
    association: Association, director: User
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(director, backend=settings.AUTHENTICATION_BACKENDS[0])
    said: dict[str, Any] = {"headers": {"referer": f"https://testserver{PAGE}"}, "secure": True}
    html = client.post(ACT, {"do": "sign"}, **said).content.decode()
    assert re.findall(r'href="([^"]+)">Öppna sidan på nytt', html) == [PAGE]
