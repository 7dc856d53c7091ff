"""The forms of a report, a part each: a field for every question, outcome or count asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Q

from applications.models import Programme, Report, ReportState
from applications.programme_definition.shape import ReportDefinition
from applications.programme_definition.values import ReportAnswer
from applications.queries import ReportQuerySet
from applications.report_measures import Measure
from applications.report_saving import MOST, mark_of
from applications.report_words import PEOPLE
from budgets.forms import RefusableForm
from finsam import clock
from finsam.associations.models import Association
from finsam.fields import DayField, LongText, LongTextField
from finsam.personal_numbers import masked, personal_numbers


class ReportPartForm(RefusableForm):
    """One part of a report. Nothing is required while one writes; what is missing is said when
    it is handed in.
    """

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        report: Report,
        part: str,
        definition: ReportDefinition,
        measures: Sequence[Measure],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = mark_of(report, part)
        content = report.content.get(part, {})
        made = _answer_fields(definition, content)
        if part == "outcomes":
            made = _outcome_fields(measures, content)
        elif part == "participants":
            made = _people_fields(content)
        self.keys = {f"{part}-{key}": key for key in made}
        self.fields.update({f"{part}-{key}": field for key, field in made.items()})
        self.numbers = self._personal_numbers()
        if self.numbers:
            self.fields["anyway"] = forms.BooleanField(
                label="Spara ändå: det är inget personnummer", required=False
            )

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("anyway"):
            for name, numbers in self.numbers.items():
                shown = ", ".join(masked(number) for number in dict.fromkeys(numbers))
                self.add_error(
                    name,
                    f"Det ser ut att stå ett personnummer i texten ({shown}). Ta bort det: "
                    "en rapport säger inget om enskilda.",
                )
        return said

    def _personal_numbers(self) -> dict[str, list[str]]:
        """What looks like a personal identity number in the texts written, by field."""
        found = {name: personal_numbers(str(self.data.get(name, ""))) for name in self.fields}
        return {name: numbers for name, numbers in found.items() if numbers}

    @property
    def values(self) -> dict[str, Any]:
        """What was written, as the part keeps it."""
        return {key: self.cleaned_data.get(name) for name, key in self.keys.items()}

    def field_of(self, key: str) -> tuple[str, forms.Field]:
        """The name and the field of an answer."""
        name = next(name for name, known in self.keys.items() if known == key)
        return name, self.fields[name]

    @property
    def first_error(self) -> str:
        """The first fault in a sentence, for the script that saves while one writes."""
        for name, texts in self.errors.items():
            field = self.fields.get(name)
            return f"{field.label}: {texts[0]}" if field is not None else str(texts[0])
        return ""


def _answer_fields(
    definition: ReportDefinition, content: Mapping[str, Any]
) -> dict[str, forms.Field]:
    found: dict[str, forms.Field] = {}
    for question in definition.questions:
        said: dict[str, Any] = {
            "label": question.prompt,
            "help_text": question.help,
            "required": False,
            "initial": content.get(question.key),
        }
        if question.answer is ReportAnswer.NUMBER:
            found[question.key] = _count(**said)
        elif question.answer is ReportAnswer.CONFIRM:
            found[question.key] = forms.BooleanField(**said)
        else:
            widget = LongText({"rows": "5"})
            found[question.key] = LongTextField(**said, max_length=5000, widget=widget)
    return found


def _outcome_fields(
    measures: Sequence[Measure], content: Mapping[str, Any]
) -> dict[str, forms.Field]:
    return {
        one.key: _count(
            label=f"Utfall: {one.text}",
            help_text=f"{one.indicator.rstrip('. ')}. Mål: {one.target}.".lstrip(". "),
            initial=content.get(one.key),
            most=100 if one.is_percent else MOST,
        )
        for one in measures
    }


def _people_fields(content: Mapping[str, Any]) -> dict[str, forms.Field]:
    return {
        key: _count(label=f"Antal deltagare: {label.lower()}", initial=content.get(key))
        for key, label in PEOPLE.items()
    }


class ReportFilterForm(forms.Form):
    """Search and filters of a list of reports."""

    q = forms.CharField(label="Sök", required=False, max_length=80)
    lage = forms.ChoiceField(
        label="Läge",
        required=False,
        choices=[
            ("", "Alla lägen"),
            ("lamnas", "Ska lämnas"),
            ("forsenad", "Försenade"),
            ("inlamnad", "Inlämnade"),
            ("godkand", "Godkända"),
        ],
    )
    program = forms.ModelChoiceField(
        label="Program", required=False, queryset=Programme.objects.none(), empty_label="Alla"
    )
    hide_optional = True

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = Programme.objects.filter(association=association)
        self.fields["program"].queryset = programmes  # type: ignore[attr-defined]

    def narrow(self, found: ReportQuerySet) -> ReportQuerySet:
        """Only what the form asks for."""
        said = self.cleaned_data
        if said["q"]:
            named = Q(application__title__icontains=said["q"]) | Q(name__icontains=said["q"])
            found = found.filter(named | Q(application__case__number__icontains=said["q"]))
        if said["program"]:
            found = found.filter(application__round__programme=said["program"])
        if said["lage"] == "lamnas":
            return found.open()
        if said["lage"] == "forsenad":
            return found.overdue(clock.today())
        states = {"inlamnad": ReportState.SUBMITTED, "godkand": ReportState.ACCEPTED}
        return found.filter(state=states[said["lage"]]) if said["lage"] else found


class ReturnForm(RefusableForm):
    """What is to be completed, and until when."""

    message = LongTextField(
        label="Vad behöver kompletteras?", max_length=2000, widget=LongText({"rows": "3"})
    )
    answer_by = DayField(label="Svar senast")


def _count(*, most: int = MOST, **said: Any) -> forms.IntegerField:
    said = {"required": False, **said}
    return forms.IntegerField(min_value=0, max_value=most, **said)
