"""Writing in a conversation."""

from __future__ import annotations

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Submit

from finsam.fields import LongTextField
from finsam.forms import SaysNoPersonalNumber
from finsam.messages.threads import LONGEST_POST


class PostForm(SaysNoPersonalNumber):
    body = LongTextField(
        label="Skriv ett inlägg",
        max_length=LONGEST_POST,
        error_messages={"required": "Skriv något innan du skickar."},
    )

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.add_input(Submit("send", "Skicka"))
        return helper
