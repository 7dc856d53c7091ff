"""The form of a report: a field for each question, outcome and count that it asks for."""

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
from applications.report_words import PEOPLE
from applications.reporting import MOST
from budgets.forms import RefusableForm
from finsam import clock
from finsam.associations.models import Association
from finsam.fields import DayField, LongText, LongTextField
from finsam.personal_numbers import masked, personal_numbers


class ReportForm(RefusableForm):
    """Nothing is required while one writes; what is missing is said when it is handed in."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        report: Report,
        definition: ReportDefinition,
        measures: Sequence[Measure],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.definition, self.measures = definition, measures
        self.fields["revision"].initial = report.revision
        for name, (field, _) in self._fields(report.content).items():
            self.fields[name] = field
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

    def _fields(self, content: Mapping[str, Any]) -> dict[str, tuple[forms.Field, tuple[str, str]]]:
        """Each field by its name, with its place in the content."""
        found: dict[str, tuple[forms.Field, tuple[str, str]]] = {}
        answers = content.get("answers", {})
        for question in self.definition.questions:
            said: dict[str, Any] = {
                "label": question.prompt,
                "help_text": question.help,
                "required": False,
                "initial": answers.get(question.key),
            }
            field: forms.Field
            if question.answer is ReportAnswer.NUMBER:
                field = _count(**said)
            elif question.answer is ReportAnswer.CONFIRM:
                field = forms.BooleanField(**said)
            else:
                field = LongTextField(**said, max_length=5000, widget=LongText({"rows": "5"}))
            found[f"svar-{question.key}"] = field, ("answers", question.key)
        for measure in self.measures:
            field = _count(
                label=f"Utfall: {measure.text}",
                help_text=f"{measure.indicator.rstrip('. ')}. Mål: {measure.target}.".lstrip(". "),
                initial=content.get("outcomes", {}).get(measure.key),
                most=100 if measure.is_percent else MOST,
            )
            found[f"utfall-{measure.key}"] = field, ("outcomes", measure.key)
        if self.definition.asks_participants:
            for key, label in PEOPLE.items():
                count = content.get("participants", {}).get(key)
                field = _count(label=f"Antal deltagare: {label.lower()}", initial=count)
                found[f"antal-{key}"] = field, ("participants", key)
        return found

    @property
    def content(self) -> dict[str, dict[str, Any]]:
        """What was written, as the report keeps it."""
        made: dict[str, dict[str, Any]] = {"answers": {}, "outcomes": {}, "participants": {}}
        for name, (_, (part, key)) in self._fields({}).items():
            made[part][key] = self.cleaned_data.get(name)
        return made

    def differing(self, kept: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """What is kept now where something else was written here, by the field's label."""
        found = []
        for name, (_, (part, key)) in self._fields({}).items():
            theirs = kept.get(part, {}).get(key)
            if (theirs if theirs is not None else "") != (self.cleaned_data.get(name) or ""):
                shown = "tomt" if theirs in (None, "", False) else theirs
                found.append((str(self.fields[name].label), shown))
        return found


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
