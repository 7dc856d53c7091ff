"""Sign-in as this portal means it: accounts are given by an administrator, not taken."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "E-postadressen eller lösenordet stämmer inte. Försök igen.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
