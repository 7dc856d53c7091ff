"""The association's members and the notice boards where their minutes are announced."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from finsam.associations.models import Association, Member, NoticeBoard
from finsam.errors import DomainError, NotAllowed
from finsam.people.access import visitor_for
from finsam.people.models import RoleKind, User
from finsam.registry.events import record_event

MEMBER_FACTS = (
    "name", "short_name", "kind", "organisation_number", "population", "position", "is_active",
)  # fmt: skip
BOARD_FACTS = ("name", "email", "address")


def save_member(
    *, association: Association, member: Member | None, actor: User, **facts: Any
) -> Member:
    """Add a member, or change its facts; writes `member_added` or `member_changed`.

    A member that leaves is marked as not active and stays where it was: in the applications, the
    money and the record. Raises NotAllowed, DomainError.
    """
    given = {name: facts[name] for name in MEMBER_FACTS if name in facts}
    with transaction.atomic():
        _check_administrator(association, actor)
        if member is None:
            member = Member(association=association, slug=slugify(given["name"])[:60])
            action, changed = "member_added", sorted(given)
        else:
            member = Member.objects.select_for_update().get(pk=member.pk, association=association)
            changed = sorted(name for name in given if getattr(member, name) != given[name])
            action = "member_changed"
        if not changed:
            return member
        for name, value in given.items():
            setattr(member, name, value)
        _save(member, "En medlem med det namnet finns redan.")
        _event(association, member, actor, action, changed)
    return member


def save_notice_board(*, member: Member, actor: User, **facts: str) -> NoticeBoard:
    """Say where a member announces minutes; writes `notice_board_added` or `…_changed`."""
    association = member.association
    given = {name: facts[name] for name in BOARD_FACTS if name in facts}
    with transaction.atomic():
        _check_administrator(association, actor)
        board = NoticeBoard.objects.select_for_update().filter(member=member).first()
        action = "notice_board_changed" if board else "notice_board_added"
        board = board or NoticeBoard(association=association, member=member)
        changed = sorted(name for name in given if getattr(board, name) != given[name])
        if not changed:
            return board
        for name, value in given.items():
            setattr(board, name, value)
        _save(board, "Anslagstavlan behöver ett namn.")
        _event(association, board, actor, action, changed)
    return board


def _check_administrator(association: Association, actor: User) -> None:
    if not visitor_for(association, actor).has(RoleKind.ADMINISTRATOR):
        raise NotAllowed(
            "not_administrator", "Bara en administratör kan ändra medlemmar och anslagstavlor."
        )


def _save(row: Member | NoticeBoard, refusal: str) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise DomainError("name_taken", refusal, "name") from error


def _event(
    association: Association,
    row: Member | NoticeBoard,
    actor: User,
    action: str,
    changed: list[str],
) -> None:
    record_event(
        association=association,
        actor=actor,
        action=action,
        obj=row,
        payload={"name": row.name, "fields": changed},
    )
