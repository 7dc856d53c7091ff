"""Form fields as people here write: sums with spaces and kr, dates, long texts with a counter."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date

from finsam import typography

GREATEST_AMOUNT = 999_999_999_999
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009']+")
_AMOUNT = re.compile(r"[-\u2212]?[0-9]{1,15}")


class MoneyInput(forms.TextInput):
    """Right-aligned digits with "kr" after."""

    control = "money"
    suffix = "kr"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        base = {"inputmode": "numeric", "autocomplete": "off", "size": "14"}
        super().__init__({**base, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        return typography.number(value) if isinstance(value, int) else super().format_value(value)


class MoneyField(forms.Field):
    """Whole kronor; takes 1 850 000, 1850000 kr and 1.850.000, refuses öre with a sentence."""

    widget = MoneyInput
    default_error_messages = {
        "required": "Skriv beloppet i hela kronor.",
        "invalid": "Skriv beloppet i hela kronor med siffror, till exempel 1 850 000.",
        "least": "Beloppet får inte vara mindre än %(limit)s.",
        "greatest": "Beloppet får inte vara större än %(limit)s.",
    }

    def __init__(self, *, least: int = 0, greatest: int = GREATEST_AMOUNT, **kwargs: Any) -> None:
        self.least, self.greatest = least, greatest
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        text = _SPACES.sub("", str(value if value is not None else ""))
        if not text:
            return None
        text = re.sub(r"(?i)(kr|kronor|:-|,00)$", "", text)
        if re.fullmatch(r"\d{1,3}(\.\d{3})+", text):
            text = text.replace(".", "")
        if not _AMOUNT.fullmatch(text):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(text.replace("\u2212", "-"))

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        for code, limit, wrong in (
            ("least", self.least, value < self.least),
            ("greatest", self.greatest, value > self.greatest),
        ):
            if wrong:
                raise ValidationError(
                    self.error_messages[code], code=code, params={"limit": typography.kronor(limit)}
                )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class DayInput(forms.DateInput):
    """The browser's own date control; a plain text field where there is none."""

    control = "date"
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        base = {"placeholder": "åååå-mm-dd", "size": "12", "autocomplete": "off"}
        super().__init__({**base, **(attrs or {})}, format="%Y-%m-%d")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """What is no date is shown as it was written; a date control would drop it."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        shown = context["widget"]["value"]
        if shown and _read_day(shown) is None:
            context["widget"]["type"] = "text"
        return context

    def format_value(self, value: Any) -> str | None:
        """A day that was written in another way is given back as the control takes it."""
        day = _read_day(" ".join(value.split()).lower()) if isinstance(value, str) else value
        return super().format_value(day or value)


class DayField(forms.Field):
    """A day: 2023-09-25, 20230925, 25/9 2023 or 25 september 2023."""

    widget = DayInput
    default_error_messages = {
        "required": "Välj en dag.",
        "invalid": "Skriv dagen som år-månad-dag, till exempel 2023-09-25.",
    }

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        day = _read_day(" ".join(str(value).split()).lower())
        if day is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class LongText(forms.Textarea):
    """A text area that grows with its text; the counter stands below it."""

    control = "textarea"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": "6", "cols": None, **(attrs or {})})


class LongTextField(forms.CharField):
    """A long text: line breaks count as one sign, no text is cut while it is written."""

    widget = LongText

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No maxlength: a browser would cut pasted text without a word."""
        attrs: dict[str, Any] = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs

    def to_python(self, value: Any) -> str:
        text = str(value if value not in self.empty_values else "")
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return str(super().to_python(unicodedata.normalize("NFC", text)) or "")


def _read_day(text: str) -> date | None:
    try:
        if re.fullmatch(r"\d{8}", text):
            text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
        if (plain := parse_date(text)) is not None:
            return plain
        if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})[ -](\d{4})", text):
            return date(int(found[3]), int(found[2]), int(found[1]))
        if found := re.fullmatch(r"(?:den )?(\d{1,2}) ([a-zåäö]+) (\d{4})", text):
            months = [name[:3] for name in typography.MONTHS]
            return date(int(found[3]), months.index(found[2][:3]) + 1, int(found[1]))
    except ValueError:
        return None
    return None
