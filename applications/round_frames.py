"""The frame of a round: chosen among those there are, or opened for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction
from django.urls import reverse

from applications.models import Round
from budgets.frames import PlannedLot, set_frame
from budgets.models import Account, Frame
from budgets.sought import DrawsOn, provide_drawing
from finsam import clock
from finsam.associations.models import Association
from finsam.errors import NotAllowed, NotPossible
from finsam.people.access import OFFICE, visitor_for
from finsam.people.models import User
from finsam.registry.events import locked_head, record_event


def year_of(round_: Round) -> int:
    """The first year that is sought, or the year in which the round opens."""
    return min(round_.years) if round_.years else clock.stockholm(round_.opens_at).year


def frames_to_choose(round_: Round) -> list[Frame]:
    """The frames of the round's year that are open."""
    frames = Frame.objects.filter(
        association=round_.association_id, year=year_of(round_), closed_at=None
    )
    return list(frames.select_related("account", "association").order_by("name"))


@provide_drawing
def _rounds_of_year(association: Association, year: int) -> Iterator[DrawsOn]:
    """The rounds of a year with the frame that they draw on; one query."""
    for round_ in Round.objects.filter(association=association).order_by("opens_at", "name"):
        if year_of(round_) == year:
            url = reverse("applications:round_frame", args=[association.slug, round_.slug])
            yield DrawsOn(round_.name, url, round_.frame_id)


def draw_on_frame(*, round_: Round, frame: Frame, actor: User) -> Round:
    """Let what the round grants be drawn from a frame; writes `round_frame_set`, once.

    Raises NotAllowed but for the office, NotPossible when the frame is closed or of another year,
    or the round has another frame already.
    """
    if not visitor_for(round_.association, actor).has(*OFFICE):
        raise NotAllowed("role_missing", "Bara kansliet väljer ram för en omgång.")
    with transaction.atomic():
        locked_head(round_.association)
        found: Round = Round.objects.select_related("association").get(pk=round_.pk)
        if found.frame_id == frame.pk:
            return found
        if found.frame_id is not None:
            raise NotPossible("has_frame", "Omgången har redan en ram. Läs om sidan.")
        if frame.pk not in {one.pk for one in frames_to_choose(found)}:
            raise NotPossible("frame_not_open", f"{frame.name} går inte att välja. Läs om sidan.")
        found.frame = frame
        found.save(update_fields=["frame"])
        record_event(
            association=found.association,
            actor=actor,
            action="round_frame_set",
            obj=found,
            payload={"frame": frame.pk, "name": frame.name, "amount": frame.amount},
        )
    return found


def open_frame(
    *,
    round_: Round,
    name: str,
    sources: Sequence[tuple[Account, int]],
    lots: Sequence[PlannedLot],
    is_example_plan: bool,
    actor: User,
) -> Round:
    """Set a frame for the round out of pools and equity, and let the round draw on it.

    Both or neither. Raises what `set_frame` and `draw_on_frame` raise.
    """
    with transaction.atomic():
        frame = set_frame(
            association=round_.association,
            name=name,
            year=year_of(round_),
            sources=sources,
            lots=lots,
            is_example_plan=is_example_plan,
            actor=actor,
        )
        return draw_on_frame(round_=round_, frame=frame, actor=actor)
