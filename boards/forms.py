"""The forms of meetings, memos and recommendations."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms

from boards.council import View
from boards.memos import HEADINGS
from boards.models import (
    AgendaItem,
    AssessmentVerdict,
    Body,
    DecisionMemo,
    MeetingMode,
    Outcome,
    RecommendationKind,
)
from budgets.models import Frame
from finsam import clock
from finsam.associations.models import Association
from finsam.fields import DayField, LongTextField, MoneyField

ON_APPLICATIONS = (
    Outcome.GRANTED,
    Outcome.PARTLY_GRANTED,
    Outcome.REJECTED,
    Outcome.REFERRED_BACK,
    Outcome.TABLED,
)


class TimeField(forms.TimeField):
    """A time of day, written 09.00 or 09:00."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"invalid": "Skriv tiden som 09.00."}  # noqa: RUF012

    def to_python(self, value: Any) -> time | None:
        return super().to_python(value.replace(".", ":") if isinstance(value, str) else value)


class MeetingForm(forms.Form):
    body = forms.ModelChoiceField(label="Organ", queryset=Body.objects.none(), empty_label=None)
    day = DayField(label="Dag")
    starts = TimeField(label="Börjar")
    ends = TimeField(label="Beräknas sluta", required=False)
    place = forms.CharField(label="Plats", max_length=160)
    mode = forms.ChoiceField(
        label="Form", choices=MeetingMode.choices, initial=MeetingMode.IN_PERSON
    )
    is_public = forms.BooleanField(label="Allmänheten får närvara", required=False)

    def __init__(self, *args: Any, association: Association, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["body"].queryset = association.bodies.exclude(kind="consultation")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day, starts, ends = data.get("day"), data.get("starts"), data.get("ends")
        if day and starts:
            data["starts_at"] = self._moment(day, starts)
        if starts and ends and ends <= starts:
            self.add_error("ends", "Sluttiden ska ligga efter starttiden.")
        data["ends_at"] = self._moment(day, ends) if day and ends else None
        return data

    def _moment(self, day: Any, wall: time) -> datetime | None:
        try:
            return clock.from_wall_clock(day, wall)
        except ValueError as error:
            self.add_error("starts", str(error))
            return None


class ItemForm(forms.Form):
    title = forms.CharField(label="Rubrik", max_length=240)
    kind = forms.ChoiceField(
        label="Slag",
        choices=[("decision", "Beslut"), ("information", "Information"), ("report", "Anmälan")],
    )
    presenter = forms.CharField(label="Föredragande", max_length=160, required=False)
    background = LongTextField(label="Bakgrund", max_length=4000, required=False)
    proposal = LongTextField(label="Förslag till beslut", max_length=4000, required=False)


class MotionForm(forms.Form):
    seat = forms.ChoiceField(label="Vem yrkar")
    outcome = forms.ChoiceField(
        label="Yrkandet innebär", choices=[(one.value, one.label) for one in ON_APPLICATIONS]
    )
    amount = MoneyField(label="Belopp", required=False)
    text = LongTextField(label="Yrkande", max_length=2000)

    def __init__(self, *args: Any, seats: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, prefix="motion", **kwargs)
        self.fields["seat"].choices = seats  # type: ignore[attr-defined]


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label="Utfall",
        choices=[(one.value, one.label) for one in ON_APPLICATIONS],
        widget=forms.RadioSelect,
    )
    amount = MoneyField(label="Belopp som beviljas", required=False)
    frame = forms.ModelChoiceField(
        label="Finansieras ur",
        queryset=Frame.objects.none(),
        required=False,
        empty_label="Välj ram",
    )
    reason = forms.CharField(
        label="Skäl vid avslag eller återremiss",
        required=False,
        max_length=400,
        help_text="Står efter ”med hänvisning till” eller ”för” i beslutet.",
    )
    conditions = LongTextField(label="Villkor", required=False, max_length=4000)
    proposition_order = LongTextField(label="Propositionsordning", required=False, max_length=2000)
    vote = forms.BooleanField(label="Omröstning har begärts", required=False)
    immediate_attestation = forms.BooleanField(
        label="Paragrafen justeras omedelbart", required=False
    )

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        frames = Frame.objects.filter(association=item.meeting.association_id)
        self.fields["frame"].queryset = frames  # type: ignore[attr-defined]

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])


class RecommendationForm(forms.Form):
    kind = forms.ChoiceField(
        label="Rekommendation", choices=RecommendationKind.choices, widget=forms.RadioSelect
    )
    amount = MoneyField(label="Belopp som tillstyrks", required=False)
    text = LongTextField(label="Gemensam motivering", required=False, max_length=4000)
    differing_views = LongTextField(label="Avvikande meningar", required=False, max_length=4000)

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assert item.application is not None
        self.criteria = list(item.application.round.programme.criteria.filter(is_active=True))
        add_criterion_fields(self, self.criteria)

    def clean_kind(self) -> RecommendationKind:
        return RecommendationKind(self.cleaned_data["kind"])

    def views(self) -> dict[int, View]:
        return criterion_views(self, self.criteria)


class AssessmentForm(forms.Form):
    """A council member's own view, criterion by criterion."""

    def __init__(self, *args: Any, criteria: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        add_criterion_fields(self, criteria, required=False)

    def views(self) -> dict[int, View]:
        return criterion_views(self, self.criteria)


def add_criterion_fields(form: forms.Form, criteria: list[Any], *, required: bool = True) -> None:
    """Two fields for each criterion: the verdict and its reasons."""
    for criterion in criteria:
        form.fields[f"verdict-{criterion.pk}"] = forms.ChoiceField(
            label=criterion.text,
            choices=AssessmentVerdict.choices,
            widget=forms.RadioSelect,
            required=required,
            error_messages={"required": f"Bedöm kriteriet ”{criterion.text}”."},
        )
        form.fields[f"text-{criterion.pk}"] = LongTextField(
            label="Skäl", required=False, max_length=2000
        )


def criterion_views(form: forms.Form, criteria: list[Any]) -> dict[int, View]:
    """What the two fields of each criterion say, for those that were answered."""
    found = {}
    for criterion in criteria:
        verdict = form.cleaned_data.get(f"verdict-{criterion.pk}")
        if verdict:
            found[criterion.pk] = View(
                AssessmentVerdict(verdict), form.cleaned_data.get(f"text-{criterion.pk}", "")
            )
    return found


class MemoForm(forms.Form):
    """The director's memo: proposal first, then a text under each heading."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    proposed_outcome = forms.ChoiceField(
        label="Föreslaget beslut",
        choices=[(one.value, one.label) for one in ON_APPLICATIONS[:3]],
        widget=forms.RadioSelect,
    )
    proposed_amount = MoneyField(label="Föreslaget belopp", required=False)
    conditions = LongTextField(label="Villkor", required=False, max_length=4000)

    def __init__(self, *args: Any, memo: DecisionMemo | None = None, **kwargs: Any) -> None:
        if memo is not None:
            kwargs["initial"] = {
                "version": memo.revision,
                "proposed_outcome": memo.proposed_outcome,
                "proposed_amount": memo.proposed_amount,
                "conditions": memo.conditions,
                **{f"text-{key}": memo.texts.get(key, "") for key, _ in HEADINGS},
            }
        super().__init__(*args, **kwargs)
        for key, heading in HEADINGS:
            self.fields[f"text-{key}"] = LongTextField(
                label=heading, required=False, max_length=8000
            )

    def texts(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"text-{key}"] for key, _ in HEADINGS}

    def clean_proposed_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["proposed_outcome"])
