"""A form for one table of a programme's definition, made of the shape's own types and bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin

from django import forms

from applications.programme_labels import WORDS, label_of
from applications.programme_patterns import patterns
from finsam.definitions import UNIONS, Between, Length, Pattern, hints_of, present
from finsam.fields import DayField, LongText, LongTextField
from finsam.forms import DomainForm

FIXED = {"association"}
ONE_LINE = 200


class NewProgrammeForm(DomainForm):
    """A programme begun from one that the portal comes with."""

    name = forms.CharField(label="Programmets namn", max_length=120)
    pattern = forms.ChoiceField(
        label="Förlaga",
        choices=lambda: [(one.key, one.name) for one in patterns()],
        widget=forms.RadioSelect,
    )


class PartForm(forms.Form):
    """The plain values of a table; tables inside it have pages of their own.

    What is missing is not refused here: the working copy may be half done, and what is left is
    listed until it is put in force.
    """

    hide_optional = True
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, shape: Any, value: Mapping[str, Any], fixed: set[str], **kwargs: Any
    ) -> None:
        self.shape = shape
        unset = {
            field.name: field.default
            for field in dataclasses.fields(shape)
            if field.default is not dataclasses.MISSING
        }
        said = {**unset, **value}
        start = {
            f"v-{name}": _shown(hints_of(shape)[name], said.get(name))
            for name in plain_names(shape)
        }
        kwargs["initial"] = {**start, **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        for name in plain_names(shape):
            made = _field(hints_of(shape)[name])
            made.label, made.required = label_of(name), False
            if name in fixed:
                made.disabled = True
            self.fields[f"v-{name}"] = made

    def values(self) -> dict[str, Any]:
        """The values as the definition's JSON keeps them."""
        return {
            name: _kept(hints_of(self.shape)[name], self.cleaned_data.get(f"v-{name}"))
            for name in plain_names(self.shape)
        }


def plain_names(shape: Any) -> Iterator[str]:
    """The fields that hold no tables, in the order of the shape."""
    for field in dataclasses.fields(shape):
        if not _holds_tables(hints_of(shape)[field.name]):
            yield field.name


def table_names(shape: Any) -> Iterator[str]:
    """The fields that hold a table or a list of tables."""
    for field in dataclasses.fields(shape):
        if _holds_tables(hints_of(shape)[field.name]):
            yield field.name


def _holds_tables(hint: Any) -> bool:
    origin = get_origin(hint)
    if origin in UNIONS:
        return _holds_tables(present(hint))
    if origin is tuple:
        return _holds_tables(get_args(hint)[0])
    return dataclasses.is_dataclass(hint)


def _field(hint: Any) -> forms.Field:
    origin = get_origin(hint)
    if origin in UNIONS:
        return _field(present(hint))
    if origin is Annotated:
        return _bounded(hint)
    if origin is tuple and _is_words(get_args(hint)[0]):
        choices = _choices(get_args(hint)[0])
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple)
    if _is_words(hint):
        return forms.ChoiceField(choices=[("", "Välj"), *_choices(hint)])
    simple = {bool: forms.BooleanField, date: DayField, int: forms.IntegerField}
    return simple[hint]() if hint in simple else LongTextField(widget=LongText({"rows": "3"}))


def _bounded(hint: Any) -> forms.Field:
    inner, *bounds = get_args(hint)
    if inner is int:
        between = next((one for one in bounds if isinstance(one, Between)), None)
        return forms.IntegerField(
            min_value=between.low if between else None, max_value=between.high if between else None
        )
    longest = next((one.longest for one in bounds if isinstance(one, Length)), ONE_LINE)
    form = next((one for one in bounds if isinstance(one, Pattern)), None)
    if longest > ONE_LINE:
        return LongTextField(max_length=longest, widget=LongText({"rows": "3"}))
    made = forms.CharField(max_length=longest)
    if form is not None:
        made = forms.RegexField(
            rf"^{form.regex}\Z",
            max_length=longest,
            error_messages={"invalid": f"Skriv {form.words}."},
        )
    return made


def _choices(hint: type[StrEnum]) -> list[tuple[str, str]]:
    words = WORDS[hint.__name__]
    return [(str(one), words[str(one)]) for one in hint]


def _is_words(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, StrEnum)


def _shown(hint: Any, value: Any) -> Any:
    """A value of the definition's JSON as its field shows it: lists of texts one per line."""
    if isinstance(value, (list, tuple)) and not _is_words(get_args(hint)[0]):
        return "\n".join(map(str, value))
    return value


def _kept(hint: Any, value: Any) -> Any:
    if get_origin(hint) in UNIONS:
        return _kept(present(hint), value)
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        if _is_words(inner):
            return list(value or [])
        lines = [line.strip() for line in str(value or "").splitlines() if line.strip()]
        whole = get_args(inner)[0] if get_origin(inner) is Annotated else inner
        return [int(line) if whole is int and line.isdecimal() else line for line in lines]
    if isinstance(value, date):
        return value.isoformat()
    return value
