"""Finding the objects of an association's economy; a stranger's is a 404."""

from __future__ import annotations

from django.http import Http404
from django.urls import reverse

from budgets.models import Account, Frame
from finsam.associations.models import Association
from finsam.errors import Conflict, DomainError, NotAllowed
from finsam.people.access import TenantRequest
from finsam.people.models import RoleKind
from finsam.ui import Link

READERS = (
    RoleKind.OFFICER,
    RoleKind.DIRECTOR,
    RoleKind.AUDITOR,
    RoleKind.BOARD,
    RoleKind.CHAIR,
)
OFFICE = (RoleKind.OFFICER, RoleKind.DIRECTOR)
TRIERS = (*OFFICE, RoleKind.BOARD, RoleKind.CHAIR)


def frame_or_404(association: Association, pk: int) -> Frame:
    found: Frame | None = (
        Frame.objects.with_accounts().filter(association=association, pk=pk).first()
    )
    if found is None:
        raise Http404
    return found


def account_or_404(association: Association, pk: int) -> Account:
    found = (
        Account.objects.filter(association=association, pk=pk).select_related("association").first()
    )
    if found is None:
        raise Http404
    account: Account = found
    return account


def status_of_refusal(refusal: DomainError) -> int:
    """403 without the right, 409 when somebody else was before, else 422."""
    if isinstance(refusal, NotAllowed):
        return 403
    return 409 if isinstance(refusal, Conflict) else 422


def crumbs(request: TenantRequest, year: int | None, *more: Link) -> list[Link]:
    """Ekonomi 2024 > …"""
    slug = request.association.slug
    if year is None:
        return [Link("Ekonomi", reverse("budgets:year", args=[slug])), *more]
    return [Link(f"Ekonomi {year}", reverse("budgets:year_of", args=[slug, year])), *more]
