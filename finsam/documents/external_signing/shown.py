"""What a page shows of a person's orders at the signing service, party by party."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from finsam.documents.external_signing.orders import SENTENCES, ask_now, latest_orders
from finsam.documents.models import SigningOrder, SigningState
from finsam.errors import NotPossible
from finsam.jobs.models import Job
from finsam.jobs.work import run_job
from finsam.people.models import User


@dataclass(frozen=True)
class PartyOrder:
    """One party that the person may sign for, and the person's order for it if there is one."""

    party: int
    name: str
    order: SigningOrder | None

    @property
    def is_live(self) -> bool:
        return self.order is not None and self.order.is_live

    @property
    def sentence(self) -> str:
        """Where the order stands and what to do, in plain words."""
        order = self.order
        if order is None:
            return ""
        if order.trouble:
            return order.trouble
        if order.state == SigningState.BEGUN:
            return (
                "Underskriften läggs upp hos underskriftstjänsten. Tryck på Hämta svaret om en "
                "stund, så finns vägen dit här."
            )
        if order.state == SigningState.PLACED:
            return (
                "Underskriften väntar hos underskriftstjänsten. När du har skrivit under där syns "
                "det här inom någon minut."
            )
        reason = order.reason
        if order.state == SigningState.DECLINED and reason:
            reason = f"Du skrev: ”{reason}”"
        return f"{SENTENCES.get(order.state, '')} {reason}".strip()


def party_orders(
    kind: str, subject: int, parties: Iterable[tuple[int, str]], user: User
) -> list[PartyOrder]:
    """The person's latest order for each of the parties; one query."""
    latest = latest_orders(kind, subject, user)
    return [PartyOrder(pk, name, latest.get(pk)) for pk, name in parties]


def place_at_once(order: SigningOrder, *, job: Job | None = None) -> None:
    """Talk with the service now rather than in a moment; the order is read anew.

    Outside transactions. When a worker was quicker, or the service is down, the promised look
    does it: nothing is lost and nothing is ordered twice.
    """
    found = job or Job.objects.filter(key=f"signing_order:{order.pk}:0").first()
    if found is not None:
        run_job(found.pk)
    order.refresh_from_db()


def ask_about(kind: str, subject: int | None, party: int, user: User) -> str:
    """Fetch the answer that the person waits for; what the page itself does not say of it.

    Raises NotPossible without order.
    """
    order = latest_orders(kind, subject, user).get(party) if subject else None
    if order is None:
        raise NotPossible("no_order", "Det finns ingen beställd underskrift att hämta svar om.")
    job = ask_now(order)
    if job is not None:
        place_at_once(order, job=job)
    if order.state == SigningState.SIGNED:
        return "Underskriften är mottagen."
    # The party may have signed in another way meanwhile: then the page has no row for the order.
    return PartyOrder(party, "", order).sentence if order.state == SigningState.VOID else ""
