"""Giving people roles in an association, from a day to a day, and ending them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from finsam import clock, typography
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.access import visitor_for
from finsam.people.models import Role, RoleKind, User
from finsam.registry.events import record_event

NEEDS_MEMBER = (RoleKind.APPLICANT, RoleKind.SIGNATORY)


def give_role(
    *,
    association: Association,
    email: str,
    name: str,
    kind: RoleKind,
    member: Member | None,
    valid_from: date,
    valid_to: date | None,
    delegation: str = "",
    actor: User,
) -> Role:
    """Give a person a role, and tell them by mail; writes `role_given`.

    Who has no account gets one, and chooses the password by mail. The same role given
    again while it holds gives that one back. Raises NotAllowed, NotPossible, DomainError.
    """
    if kind in NEEDS_MEMBER and member is None:
        raise DomainError(
            "member_missing", f"Välj vilken medlem rollen som {kind.label} gäller.", "member"
        )
    if valid_to is not None and valid_to < valid_from:
        raise DomainError("ends_before", "Sista dagen är före den första.", "valid_to")
    with transaction.atomic():
        _lock(association, actor)
        person, is_new = _person(email, name)
        same = Role.objects.filter(
            user=person, association=association, kind=kind, member=member
        ).filter(Q(valid_to=None) | Q(valid_to__gte=valid_from))
        if (held := same.first()) is not None:
            return held
        return _give(
            Role(
                user=person,
                association=association,
                kind=kind,
                member=member,
                valid_from=valid_from,
                valid_to=valid_to,
                delegation=" ".join(delegation.split())[:200],
            ),
            is_new,
            actor,
        )


def give_first_administrator(
    *, association: Association, email: str, name: str, actor: User
) -> Role:
    """The first administrator of an association being founded; writes `role_given`, once.

    In the caller's transaction. Raises DomainError without a name for a person not known.
    """
    person, is_new = _person(email, name)
    kind = RoleKind.ADMINISTRATOR
    held = Role.objects.filter(user=person, association=association, kind=kind).first()
    if held is not None:
        return held
    role = Role(user=person, association=association, kind=kind, valid_from=clock.today())
    return _give(role, is_new, actor)


def end_role(*, role: Role, last_day: date, actor: User) -> None:
    """Let a role end with a day, or at once with yesterday; writes `role_ended`.

    A role that has not begun by then is taken back: it never held. The last administrator's role
    cannot be ended, not by themselves either. Raises NotAllowed, NotPossible, DomainError.
    """
    with transaction.atomic():
        _lock(role.association, actor)
        found = Role.objects.filter(pk=role.pk).select_related("user", "association", "member")
        locked = found.first()
        if locked is None or (locked.valid_to is not None and locked.valid_to <= last_day):
            return
        if last_day < clock.today() - timedelta(days=1):
            raise DomainError("past", "En roll kan inte avslutas bakåt i tiden.", "last_day")
        _keep_an_administrator(locked, last_day)
        if last_day < locked.valid_from:
            _event(locked, actor, "role_taken_back")
            locked.delete()
            return
        locked.valid_to = last_day
        locked.save(update_fields=["valid_to"])
        _event(locked, actor, "role_ended")


def roles_of(association: Association) -> QuerySet[Role]:
    """The association's roles with their people, those that hold first."""
    rows: QuerySet[Role] = association.roles.select_related("user", "member")
    return rows.order_by("user__name", "user_id", "kind", "-valid_from", "pk")


def _give(role: Role, is_new: bool, actor: User) -> Role:
    role.save(force_insert=True)
    _tell(role, is_new)
    _event(role, actor, "role_given")
    return role


def _lock(association: Association, actor: User) -> None:
    """One administrator at a time: two cannot end each other's roles at once."""
    Association.objects.select_for_update().get(pk=association.pk)
    if not visitor_for(association, actor).has(RoleKind.ADMINISTRATOR):
        raise NotAllowed(
            "not_administrator", "Bara en administratör kan ge och avsluta roller i förbundet."
        )


def _person(email: str, name: str) -> tuple[User, bool]:
    """Who signs in with the address, or a new account without password; whether it is new."""
    address = email.strip().lower()
    known = User.objects.filter(email=address).first()
    if known is not None:
        return known, False
    if not " ".join(name.split()):
        raise DomainError(
            "name_missing", "Adressen finns inte i portalen än. Skriv personens namn.", "name"
        )
    return User.objects.create_user(address, name=" ".join(name.split())[:120]), True


def _keep_an_administrator(role: Role, last_day: date) -> None:
    if role.kind != RoleKind.ADMINISTRATOR:
        return
    others = Role.objects.filter(
        association=role.association, kind=RoleKind.ADMINISTRATOR, user__is_active=True
    ).exclude(pk=role.pk)
    after = last_day + timedelta(days=1)
    if not others.held_on(after).exists():
        raise NotPossible(
            "last_administrator",
            f"{role.user.name} är den enda administratören efter "
            f"{typography.date_long(last_day)}. Ge någon annan rollen först.",
        )


def _tell(role: Role, is_new: bool) -> None:
    person, association = role.user, role.association
    # A kept mail holds no key to an account: the link for a password is sent on asking.
    path = reverse("account_reset_password") if is_new else association.get_absolute_url()
    send_mail(
        association=association,
        to=person,
        event_key=f"role_given:{role.pk}",
        subject=f"Du är {role.get_kind_display().lower()} i {association.name}",
        template="mail/role_given.txt",
        context={
            "role": role.get_kind_display().lower(),
            "member": role.member.name if role.member else "",
            "since": typography.date_long(role.valid_from),
            "until": typography.date_long(role.valid_to) if role.valid_to else "",
            "is_new": is_new,
            "email": person.email,
            "path": path,
        },
    )


def _event(role: Role, actor: User, action: str) -> None:
    payload: dict[str, Any] = {
        "user": role.user.email,
        "kind": role.kind,
        "member": role.member.name if role.member else "",
        "from": role.valid_from.isoformat(),
        "to": role.valid_to.isoformat() if role.valid_to else "",
    }
    record_event(
        association=role.association, actor=actor, action=action, obj=role, payload=payload
    )
