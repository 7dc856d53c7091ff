"""The room's forms for the roll call, elections and corrections."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django import forms

from boards.attendance import Mark
from boards.correcting_attendance import Times
from boards.elections import Nominee
from boards.forms import ShortText, TimeField
from boards.models import Attendance, Meeting, Seat
from boards.quorum import Presence
from finsam import clock
from finsam.fields import LongTextField

NOMINEES = 6


class RollForm(forms.Form):
    """How each ordinary seat is filled: the member there, at a distance, a substitute, nobody."""

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        present: Presence,
        substitutes: list[Seat],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.seats = {f"seat-{seat.pk}": seat for seat in present.seats}
        self.substitutes = {str(one.pk): one for one in substitutes}
        filled = {one.filled.pk: one for one in present.serving}
        anybody = bool(present.serving)
        for name, seat in self.seats.items():
            own = [one for one in substitutes if one.member_id == seat.member_id]
            choices = [("here", "På plats")]
            if meeting.association.remote_participation:
                choices.append(("remote", "På distans"))
            choices += [(str(one.pk), f"Ersätts av {one.user.name}") for one in own]
            one = filled.get(seat.pk)
            start = "absent" if anybody else "here"
            if one is not None:
                start = (
                    str(one.seat.pk) if one.serves_for else "remote" if one.is_remote else "here"
                )
            self.fields[name] = forms.ChoiceField(
                label=seat.user.name,
                choices=[*choices, ("absent", "Frånvarande")],
                initial=start,
                help_text=seat.member.name if seat.member else "",
            )

    def marks(self) -> list[Mark]:
        """What was noted, the seats' order."""
        found = []
        for name, seat in self.seats.items():
            said = self.cleaned_data[name]
            by = seat if said in ("here", "remote") else self.substitutes.get(said)
            found.append(Mark(seat, by, is_remote=said == "remote"))
        return found


class ElectionForm(forms.Form):
    """Who is proposed, the votes of a closed ballot, and on whom a lot fell."""

    task = forms.CharField(
        label="Val till", max_length=200, help_text="Till exempel: ledamot i arbetsutskottet"
    )
    places = forms.IntegerField(label="Antal som väljs", min_value=1, max_value=NOMINEES, initial=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"prefix": "election", **kwargs})
        for number in range(1, NOMINEES + 1):
            self.fields[f"name-{number}"] = forms.CharField(
                label=f"Föreslagen {number}", max_length=120, required=number == 1
            )
            self.fields[f"votes-{number}"] = forms.IntegerField(
                label="Röster", min_value=0, max_value=200, required=False
            )
            self.fields[f"drawn-{number}"] = forms.BooleanField(
                label="Lotten föll här", required=False
            )

    hide_optional = True

    def rows(self) -> list[list[forms.BoundField]]:
        """A proposed person a row, to draw."""
        parts = ("name", "votes", "drawn")
        return [[self[f"{part}-{n}"] for part in parts] for n in range(1, NOMINEES + 1)]

    def nominees(self) -> list[Nominee]:
        said = self.cleaned_data
        return [
            Nominee(said[f"name-{n}"], said[f"votes-{n}"], said[f"drawn-{n}"])
            for n in range(1, NOMINEES + 1)
            if said[f"name-{n}"].strip()
        ]


class ReasonForm(forms.Form):
    """Why something is struck, cancelled or broken off."""

    reason = LongTextField(label="Vad blev fel?", max_length=400, widget=ShortText)


class TimesForm(forms.Form):
    """The right times of one stretch of presence, on the day of the meeting."""

    arrived = TimeField(label="Kom")
    left = TimeField(label="Gick", required=False, help_text="Tomt om personen är kvar.")

    def __init__(self, *args: Any, row: Attendance, **kwargs: Any) -> None:
        self.row = row
        start = {"arrived": _wall(row.arrived_at), "left": row.left_at and _wall(row.left_at)}
        super().__init__(*args, **{"prefix": f"row-{row.pk}", "initial": start, **kwargs})

    def times(self) -> Times:
        """As moments; a time that was not changed keeps its seconds."""
        arrived = self._moment("arrived", self.row.arrived_at)
        left = self.cleaned_data["left"]
        return Times(
            arrived or self.row.arrived_at,
            self._moment("left", self.row.left_at) if left else None,
        )

    def _moment(self, name: str, was: datetime | None) -> datetime | None:
        wall = self.cleaned_data[name]
        if was is not None and name not in self.changed_data:
            return was
        return clock.from_wall_clock(clock.stockholm(self.row.arrived_at).date(), wall)


def _wall(moment: datetime) -> time:
    return clock.stockholm(moment).time().replace(second=0, microsecond=0)
