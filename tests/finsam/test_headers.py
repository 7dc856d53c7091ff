"""Headers on every answer, whoever gives it, and cookies that stay on this host."""

from __future__ import annotations

import logging
from http.cookies import Morsel

import pytest
from django.conf import settings
from django.http import HttpResponseBase
from django.test import Client

from finsam.people.models import User

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("tests.finsam.faulty_urls"),
    pytest.mark.anywhere,
]

EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    # Designsystemet draws ticks and arrows, and the second factor its code, as data.
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
}


def policy_of(answer: HttpResponseBase) -> dict[str, str]:
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def assert_headers(answer: HttpResponseBase) -> None:
    assert {name: answer.headers.get(name) for name in EXACTLY} == EXACTLY
    assert policy_of(answer) == POLICY
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "geolocation=()" in answer.headers["Permissions-Policy"]
    assert "X-Powered-By" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/halsa/", 200),
        ("/konto/login/", 200),
        ("/prov/400/", 400),
        ("/prov/403/", 403),
        ("/finns-inte/", 404),
        ("/sjo/finns-inte/", 404),
        ("/prov/500/", 500),
        ("/prov/503/", 503),
        ("/static/portal.css", 200),
        ("/static/saknas.css", 404),
    ],
)
def test_H01_every_answer_carries_the_headers(
    address: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)

    answer = Client(raise_request_exception=False).get(address, secure=True)

    assert answer.status_code == status
    assert_headers(answer)
    assert b"".join(answer)


@pytest.mark.parametrize(("address", "status"), [("/drift/", 302), ("/konto/login", 301)])
def test_H01_an_answer_that_sends_on_carries_the_headers(address: str, status: int) -> None:
    answer = Client().get(address, secure=True)

    assert answer.status_code == status
    assert_headers(answer)


def test_H01_a_strange_host_is_refused_with_the_headers(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    answer = Client(raise_request_exception=False).get(
        "/", secure=True, headers={"host": "elak.exempel.se"}
    )

    assert answer.status_code == 400
    assert_headers(answer)


def test_H01_a_form_without_its_token_is_refused_with_the_headers() -> None:
    answer = Client(enforce_csrf_checks=True).post("/konto/login/", {"login": "a"}, secure=True)

    assert answer.status_code == 403
    assert_headers(answer)


def test_H01_plain_http_is_sent_to_https_with_the_headers(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    answer = Client().get("/konto/login/")

    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://testserver/konto/login/"
    assert policy_of(answer) == POLICY
    assert answer.headers["Permissions-Policy"]


def test_the_health_check_is_answered_over_plain_http(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get("/halsa/").status_code == 200


def test_H01_a_page_that_fails_tells_nothing_of_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)

    answer = Client(raise_request_exception=False).get("/prov/500/", secure=True)

    text = answer.content.decode()
    assert "Meant to fail" not in text
    assert "RuntimeError" not in text
    assert "Traceback" not in text


def cookie(client: Client, name: str) -> Morsel[str]:
    found: Morsel[str] = client.cookies[name]
    return found


def test_H05_cookies_stay_on_this_host_and_away_from_scripts(client: Client, auditor: User) -> None:
    client.get("/konto/login/", secure=True)
    answer = client.post(
        "/konto/login/", {"login": auditor.email, "password": "ett långt lösenord"}, secure=True
    )

    assert answer.status_code == 302
    assert set(client.cookies) == {"__Host-session", "__Host-csrf"}
    for name in client.cookies:
        morsel = cookie(client, name)
        assert morsel["secure"] is True, name
        assert morsel["httponly"] is True, name
        assert morsel["samesite"] == "Lax", name
        assert morsel["path"] == "/", name
        assert morsel["domain"] == "", name


def test_H05_the_session_ends_after_a_working_day() -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600
