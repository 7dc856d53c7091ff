"""What the sign-in page says when it says no."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_wrong_password_is_told_in_plain_words_and_the_address_is_kept(client: Client) -> None:
    answer = client.post(
        "/konto/login/", {"login": "nora@example.com", "password": "fel"}, secure=True
    )
    form = answer.context["form"]
    assert form.non_field_errors() == ["E-postadressen eller lösenordet stämmer inte. Försök igen."]
    assert form["login"].value() == "nora@example.com"
