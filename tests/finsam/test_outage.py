"""Redis away: who would sign in is told to wait, and who only reads does not notice."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from finsam.people.models import RoleKind
from tests.factories import PASSWORD, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.anywhere]


@pytest.fixture
def _redis_is_away(settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }


@pytest.mark.usefixtures("_redis_is_away")
def test_who_signs_in_is_told_to_wait(association):
    person = make_person(RoleKind.OFFICER, association)
    client = Client(raise_request_exception=False)

    answer = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})

    assert answer.status_code == 503
    assert answer["Retry-After"] == "120"
    assert "om några minuter" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("_redis_is_away")
def test_who_only_reads_goes_on_reading(association):
    page = Client().get(reverse("applications:landing", args=[association.slug]))
    assert page.status_code == 200
