"""The forms of meetings, memos and recommendations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, ClassVar

from django import forms
from django.db.models import Exists, OuterRef, QuerySet

from applications.models import Round
from boards import effort_memo_texts
from boards.council import View
from boards.effort_decisions import outcomes_of
from boards.memos import HEADINGS
from boards.models import (
    AgendaItem,
    AssessmentVerdict,
    Body,
    DecisionMemo,
    MeetingMode,
    Outcome,
    RecommendationKind,
    Seat,
    VoteChoice,
)
from boards.outcomes import FREE_OUTCOMES
from boards.quorum import Presence
from budgets.models import Frame
from finsam import clock
from finsam.associations.models import Association
from finsam.fields import DayField, LongText, LongTextField, MoneyField

ON_APPLICATIONS = (
    Outcome.GRANTED,
    Outcome.PARTLY_GRANTED,
    Outcome.REJECTED,
    Outcome.REFERRED_BACK,
    Outcome.TABLED,
)


class ShortText(LongText):
    """A text area for a sentence or two; it grows with its text, and nobody has to count."""

    control = "short"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": "2", "class": "short", **(attrs or {})})


def named(seat: Seat) -> tuple[str, str]:
    """A seat as a choice: the person and the member organisation."""
    return str(seat.pk), f"{seat.user.name}, {seat.member}" if seat.member else seat.user.name


def seat_choices(present: Presence) -> list[tuple[str, str]]:
    return [named(one.seat) for one in present.serving]


def outcomes_without_grant(item: AgendaItem) -> list[tuple[str, str]]:
    """What can be decided on an item that grants nothing: an effort's own, or a free item's."""
    found = FREE_OUTCOMES if item.effort is None else outcomes_of(item)
    return [(one.value, one.label) for one in found]


def set_choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


class TimeField(forms.TimeField):
    """A time of day, written 09.00 or 09:00."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages = {"invalid": "Skriv tiden som 09.00."}

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
    seat = forms.ChoiceField(label="Vem yrkar?")
    outcome = forms.ChoiceField(
        label="Yrkandet innebär", choices=[(one.value, one.label) for one in ON_APPLICATIONS]
    )
    amount = MoneyField(label="Belopp", required=False)
    text = LongTextField(label="Yrkande", max_length=2000, widget=ShortText)

    def __init__(self, *args: Any, present: Presence, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "motion", **kwargs})
        set_choices(self, "seat", seat_choices(present))
        if item.application_id is None:
            set_choices(self, "outcome", outcomes_without_grant(item))
            del self.fields["amount"]

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])


class DissentForm(forms.Form):
    seat = forms.ChoiceField(label="Vem reserverar sig?")
    text = LongTextField(label="Motivering", required=False, max_length=4000, widget=ShortText)

    def __init__(self, *args: Any, present: Presence, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "dissent", **kwargs})
        set_choices(self, "seat", seat_choices(present))


class RecusalForm(forms.Form):
    seat = forms.ChoiceField(label="Vem anmäler jäv?")
    served_by = forms.ChoiceField(
        label="Ersättare som går in",
        required=False,
        initial="next",
        help_text="Från samma medlem som den jävige, i den ordning som är bestämd.",
    )
    reason = forms.CharField(label="Skäl", required=False, max_length=240)

    def __init__(
        self, *args: Any, present: Presence, substitutes: list[Seat], **kwargs: Any
    ) -> None:
        super().__init__(*args, **{"prefix": "recusal", **kwargs})
        recused = {one.pk for one in present.recused}
        rows = [*present.seats, *(one.seat for one in present.serving if one.serves_for)]
        offered = {one.pk: one for one in rows if one.pk not in recused}
        set_choices(self, "seat", [named(one) for one in offered.values()])
        choices = [named(one) for one in substitutes]
        set_choices(
            self, "served_by", [("next", "Nästa i tur som är här"), ("", "Ingen"), *choices]
        )


class GuestForm(forms.Form):
    name = forms.CharField(label="Namn", max_length=120)
    function = forms.CharField(label="Roll", max_length=160, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "guest", **kwargs})


class DecisionForm(forms.Form):
    """What the board decided on an item, with the votes by name when a vote was asked for."""

    outcome = forms.ChoiceField(
        label="Beslut",
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
    reason = LongTextField(
        label="Skäl vid avslag eller återremiss",
        required=False,
        max_length=4000,
        widget=ShortText,
        help_text="Står efter ”med hänvisning till” eller ”för” i beslutet.",
    )
    conditions = LongTextField(label="Villkor", required=False, max_length=4000, widget=ShortText)
    proposition_order = LongTextField(
        label="Propositionsordning", required=False, max_length=2000, widget=ShortText
    )
    vote = forms.BooleanField(label="Omröstning har begärts", required=False)
    immediate_attestation = forms.BooleanField(
        label="Paragrafen justeras omedelbart", required=False
    )
    hide_optional = True

    def __init__(self, *args: Any, item: AgendaItem, present: Presence, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if item.application_id is None:
            self._grant_nothing(item)
        else:
            self.fields["frame"].queryset = self._frames(item)  # type: ignore[attr-defined]
        self.voters = {f"vote-{one.seat.pk}": one.seat for one in present.serving}
        for name, seat in self.voters.items():
            self.fields[name] = forms.ChoiceField(
                label=seat.user.name,
                choices=VoteChoice.choices,
                widget=forms.RadioSelect,
                required=False,
            )

    def _frames(self, item: AgendaItem) -> QuerySet[Frame]:
        """The association's frames, the one of the application's round first."""
        own = Round.objects.filter(frame=OuterRef("pk"), applications=item.application_id)
        frames = Frame.objects.filter(association=item.meeting.association_id)
        return frames.annotate(is_own=Exists(own)).order_by("-is_own", "-year", "name")

    def _grant_nothing(self, item: AgendaItem) -> None:
        """No money is granted; on a free item the att-clauses are written."""
        del self.fields["amount"], self.fields["frame"]
        set_choices(self, "outcome", outcomes_without_grant(item))
        if item.effort is not None:
            return
        reason = self.fields["reason"]
        reason.label = "Styrelsen beslutar att"
        reason.help_text = "En att-sats på varje rad, utan ordet att."

    def clean_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["outcome"])

    def ballot(self) -> list[forms.BoundField]:
        """The vote of each who serves, to draw."""
        return [self[name] for name in self.voters]

    def votes(self) -> dict[int, VoteChoice] | None:
        """By the voter's seat; None when no vote was asked for."""
        if not self.cleaned_data["vote"]:
            return None
        said = {seat.pk: self.cleaned_data.get(name) for name, seat in self.voters.items()}
        return {seat: VoteChoice(choice) for seat, choice in said.items() if choice}


class RecommendationForm(forms.Form):
    hide_optional = True
    kind = forms.ChoiceField(
        label="Rekommendation", choices=RecommendationKind.choices, widget=forms.RadioSelect
    )
    amount = MoneyField(label="Belopp som tillstyrks", required=False)
    text = LongTextField(
        label="Gemensam motivering", required=False, max_length=4000, widget=ShortText
    )
    differing_views = LongTextField(
        label="Avvikande meningar", required=False, max_length=4000, widget=ShortText
    )

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(item.treated_application.round.criteria)
        add_criterion_fields(self, self.criteria)
        first = [name for name in self.fields if name.startswith(("verdict-", "text-"))]
        self.order_fields([*first, "kind", "amount", "text", "differing_views"])

    def clean_kind(self) -> RecommendationKind:
        return RecommendationKind(self.cleaned_data["kind"])

    def views(self) -> dict[int, View]:
        return criterion_views(self, self.criteria)


class AssessmentForm(forms.Form):
    """A council member's own view, criterion by criterion."""

    hide_optional = True

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
            label="Skäl", required=False, max_length=2000, widget=ShortText
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


class TextsForm(forms.Form):
    """A text under each heading of a memo, with the revision that was read."""

    hide_optional = True
    HEADINGS: ClassVar[Sequence[tuple[str, str]]] = ()
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, texts: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        if texts is not None:
            written = {f"text-{key}": texts.get(key, "") for key, _ in self.HEADINGS}
            kwargs["initial"] = {**kwargs.get("initial", {}), **written}
        super().__init__(*args, **kwargs)
        for key, heading in self.HEADINGS:
            self.fields[f"text-{key}"] = LongTextField(
                label=heading, required=False, max_length=8000, widget=ShortText
            )

    def headings(self) -> list[forms.BoundField]:
        """The text under each heading, to draw."""
        return [self[f"text-{key}"] for key, _ in self.HEADINGS]

    def texts(self) -> dict[str, str]:
        return {key: self.cleaned_data[f"text-{key}"] for key, _ in self.HEADINGS}


class EffortMemoForm(TextsForm):
    """The memo of a change or an early termination: an emptied text is the portal's own again."""

    HEADINGS = effort_memo_texts.HEADINGS


class MemoForm(TextsForm):
    """The director's memo: proposal first, then a text under each heading."""

    HEADINGS = HEADINGS
    proposed_outcome = forms.ChoiceField(
        label="Föreslaget beslut",
        choices=[(one.value, one.label) for one in ON_APPLICATIONS[:3]],
        widget=forms.RadioSelect,
    )
    proposed_amount = MoneyField(label="Föreslaget belopp", required=False)
    conditions = LongTextField(label="Villkor", required=False, max_length=4000, widget=ShortText)

    def __init__(self, *args: Any, memo: DecisionMemo | None = None, **kwargs: Any) -> None:
        if memo is not None:
            kwargs["initial"] = {
                "version": memo.revision,
                "proposed_outcome": memo.proposed_outcome,
                "proposed_amount": memo.proposed_amount,
                "conditions": memo.conditions,
            }
        super().__init__(*args, texts=memo.texts if memo else None, **kwargs)

    def clean_proposed_outcome(self) -> Outcome:
        return Outcome(self.cleaned_data["proposed_outcome"])
