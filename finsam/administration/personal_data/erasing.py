"""Erasing what is held of a person, and what has grown old, with a record of what was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.db.models import Q, QuerySet

from finsam import clock, typography
from finsam.administration.personal_data.disposals import disposals
from finsam.administration.personal_data.paths import name_of
from finsam.administration.personal_data.traces import SEALED, person_of, traces_of
from finsam.administration.roles import end_role
from finsam.associations.models import Association
from finsam.documents.documents import promise_document
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.models import Message
from finsam.people.access import visitor_for
from finsam.people.models import ERASED_ADDRESS, ERASED_NAME, Role, RoleKind, User
from finsam.registry.events import record_event
from finsam.registry.models import Case, Direction
from finsam.registry.register import open_case

KIND = "disposal_protocol"
OWN_ROWS = (EmailAddress, Authenticator, SocialAccount)
ACCOUNT_PLACES = {name_of(kind) for kind in (User, UserSession, *OWN_ROWS)}


@dataclass(frozen=True)
class Step:
    """A line of the record: what, how many, and what is or was done with it."""

    what: str
    count: int
    measure: str


def erasure_plan(*, association: Association, user: User) -> list[Step]:
    """What an erasure would do, without doing it: what goes, and what the law keeps."""
    steps = [
        Step(each.label, each.of_person(association, user).count(), each.measure)
        for each in disposals()
    ]
    steps.append(Step("Roller som gäller", _open_roles(association, user).count(), "Avslutas"))
    elsewhere = _is_needed_elsewhere(association, user)
    measure = "Kvar: personen har roller i ett annat förbund" if elsewhere else "Stängs och töms"
    steps.append(Step("Konto och inloggning", 1, measure))
    if not elsewhere:
        steps.append(Step("Namnet i listor", 1, f"Visas som ”{ERASED_NAME}”"))
    return [*steps, *_kept(association, user)]


def erase_person(*, association: Association, user: User, actor: User) -> Case:
    """Erase what is no public record of a person; returns the case with the record of disposal.

    Roles end, notices and private notes go, and the account is closed and emptied unless another
    association needs it. What belongs to a case, a meeting, the accounts or the chain of events
    stays (GDPR article 17.3 b and d, arkivlagen). Writes `person_erased`, which names nobody.
    Raises NotAllowed, and NotPossible for one's own account, one that is erased already and the
    last administrator.
    """
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        _check(association, user, actor)
        steps = erasure_plan(association=association, user=user)
        for role in _open_roles(association, user):
            end_role(role=role, last_day=clock.today() - timedelta(days=1), actor=actor)
        for each in disposals():
            each.act(each.of_person(association, user))
        _forget_address(association, user)
        if not _is_needed_elsewhere(association, user):
            _close_account(user)
        return _on_record(
            association, f"Radering av personuppgifter, konto {user.pk}", steps, actor,
            action="person_erased",
        )  # fmt: skip


def disposal_plan(*, association: Association, before: date) -> list[Step]:
    """What a disposal of all that is older than a day would take, without taking it."""
    moment = clock.from_wall_clock(before, time(0))
    return [
        Step(each.label, each.before(association, moment).count(), each.measure)
        for each in disposals()
        if each.day
    ]


def dispose_before(*, association: Association, before: date, actor: User) -> Case:
    """Dispose of what is no public record and older than a day; returns the case with the record.

    Writes `disposal_done`. Raises NotAllowed, NotPossible when there is nothing to dispose of.
    """
    moment = clock.from_wall_clock(before, time(0))
    with transaction.atomic():
        Association.objects.select_for_update().get(pk=association.pk)
        _check_administrator(association, actor)
        steps = disposal_plan(association=association, before=before)
        if not any(step.count for step in steps):
            raise NotPossible("nothing_to_dispose", "Det finns inget att gallra före den dagen.")
        for each in disposals():
            each.act(each.before(association, moment))
        title = f"Gallring av uppgifter före {typography.date_long(before)}"
        return _on_record(association, title, steps, actor, action="disposal_done")


def _check(association: Association, user: User, actor: User) -> None:
    _check_administrator(association, actor)
    if user.pk == actor.pk:
        raise NotPossible("own_account", "Be en annan administratör att radera dina uppgifter.")
    if not Role.objects.filter(association=association, user=user).exists():
        raise DomainError("no_such_person", "Personen har ingen roll i förbundet.", "email")
    if user.is_erased:
        raise NotPossible("already_erased", "Personens uppgifter är redan raderade.")


def _check_administrator(association: Association, actor: User) -> None:
    if not visitor_for(association, actor).has(RoleKind.ADMINISTRATOR):
        raise NotAllowed("not_administrator", "Bara en administratör raderar och gallrar.")


def _open_roles(association: Association, user: User) -> QuerySet[Role]:
    today = clock.today()
    rows: QuerySet[Role] = Role.objects.filter(association=association, user=user)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=today)).select_related(
        "association", "user", "member"
    )


def _is_needed_elsewhere(association: Association, user: User) -> bool:
    others = Role.objects.filter(user=user).exclude(association=association)
    return others.filter(Q(valid_to=None) | Q(valid_to__gte=clock.today())).exists()


def _kept(association: Association, user: User) -> list[Step]:
    """What stays, in rows of each kind, as far as it is anybody's to know of."""
    gone = {
        (name_of(rows.model), str(number))
        for rows in (each.of_person(association, user) for each in disposals() if each.day)
        for number in rows.values_list("pk", flat=True)
    }
    places = {(trace.place, trace.number) for trace in traces_of(association, person_of(user))}
    kept = Counter(place for place, _ in places - gone if place not in {SEALED, *ACCOUNT_PLACES})
    return [Step(place, count, "Bevaras") for place, count in sorted(kept.items())]


def _forget_address(association: Association, user: User) -> None:
    """Emptied mail need not say to what address it went."""
    emptied = Message.objects.filter(association=association, recipient=user, body="")
    for number in list(emptied.values_list("pk", flat=True)):
        emptied.filter(pk=number).update(address=f"{number}{ERASED_ADDRESS}")


def _close_account(user: User) -> None:
    """Nobody can sign in, and only the name is left, by which the record knows who acted.

    Lists that are no record show `User.shown_name` instead.
    """
    for session in UserSession.objects.filter(user=user):
        session.end()
    for kind in OWN_ROWS:
        kind.objects.filter(user=user).delete()
    user.is_active = False
    user.email = f"{user.pk}{ERASED_ADDRESS}"
    user.title = user.phone = ""
    user.last_login = None
    user.set_unusable_password()
    user.save(update_fields=["is_active", "email", "title", "phone", "last_login", "password"])


def _on_record(
    association: Association, title: str, steps: Sequence[Step], actor: User, *, action: str
) -> Case:
    """A case with the record of disposal as its document, and the event."""
    case = open_case(association=association, title=title, actor=actor)
    promise_document(
        association=association,
        kind=KIND,
        key=f"disposal:{case.pk}",
        title=title,
        source={
            "facts": [("Beslutat av", actor.name), ("Dag", typography.date_long(clock.today()))],
            "sections": [
                {
                    "heading": "Vad som har gjorts",
                    "text": "Allmänna handlingar har inte ändrats. De bevaras enligt arkivlagen.",
                    "table": {
                        "caption": "Uppgifter och åtgärder",
                        "columns": [
                            {"text": "Uppgifter"},
                            {"text": "Antal", "numeric": True},
                            {"text": "Åtgärd"},
                        ],
                        "rows": [[step.what, step.count, step.measure] for step in steps],
                    },
                }
            ],
        },
        case=case,
        requested_by=actor,
        register=Direction.DRAWN_UP,
    )
    record_event(
        association=association,
        actor=actor,
        action=action,
        obj=case,
        case=case,
        payload={"number": case.number, "steps": {step.what: step.count for step in steps}},
    )
    return case
