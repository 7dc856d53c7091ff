"""Who is asking, in which association, and with which roles: every view learns it here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from finsam import clock
from finsam.associations.models import Association, Member
from finsam.people.models import Role, RoleKind, User
from finsam.stale_forms import keep_unsent
from finsam.way_back import came_from

# A message that says that what was sent was not taken in; the browser then keeps what was typed.
NOT_DONE = "not-done"
OFFICE = (RoleKind.OFFICER, RoleKind.DIRECTOR)
SIGNED_OUT = (
    "Du var inte längre inloggad, så inget ändrades. Logga in, och gör om det du skulle göra."
)


@dataclass(frozen=True)
class Visitor:
    """A person (or nobody) in one association, with the roles held there today."""

    association: Association
    user: User | None
    roles: tuple[Role, ...]

    @property
    def kinds(self) -> frozenset[RoleKind]:
        return frozenset(RoleKind(role.kind) for role in self.roles)

    def has(self, *kinds: RoleKind) -> bool:
        """Whether the person holds at least one of the roles."""
        return not self.kinds.isdisjoint(kinds)

    @property
    def is_office(self) -> bool:
        return self.has(*OFFICE)

    def member_ids(self, *kinds: RoleKind) -> frozenset[int]:
        """The member organisations for which the person holds one of the roles."""
        return frozenset(
            role.member_id
            for role in self.roles
            if role.kind in kinds and role.member_id is not None
        )

    def members(self, *kinds: RoleKind) -> list[Member]:
        """The same as objects, in the association's order."""
        found = {
            role.member for role in self.roles if role.kind in kinds and role.member is not None
        }
        return sorted(found, key=lambda member: (member.position, member.name))

    def person(self) -> User:
        """The signed-in person; for views behind a role, where there always is one."""
        if self.user is None:
            raise PermissionDenied
        return self.user


class TenantRequest(HttpRequest):
    """A request that has passed the gate."""

    association: Association
    visitor: Visitor
    htmx: HtmxDetails


View = TypeVar("View", bound=Callable[..., HttpResponseBase])


# Of one person in one association, whose names need not be joined in to sort by.
IN_ORDER = ("kind", "pk")


def visitor_for(association: Association, user: Any) -> Visitor:
    """The person's roles of today in the association."""
    if not getattr(user, "is_authenticated", False):
        return Visitor(association, None, ())
    roles = Role.objects.held_on(clock.today()).filter(association=association, user=user)
    return Visitor(association, user, tuple(roles.select_related("member").order_by(*IN_ORDER)))


def visitor_at(slug: str, user: Any) -> Visitor:
    """The same for the association of an address, read with the roles of whoever has one there.

    Raises Http404 when there is no such association.
    """
    roles: tuple[Role, ...] = ()
    if getattr(user, "is_authenticated", False):
        held = Role.objects.held_on(clock.today()).filter(association__slug=slug, user=user)
        roles = tuple(held.select_related("association", "member").order_by(*IN_ORDER))
    if roles:
        return Visitor(roles[0].association, user, roles)
    association = Association.objects.filter(slug=slug).first()
    if association is None:
        raise Http404
    return Visitor(association, user if getattr(user, "is_authenticated", False) else None, ())


def gate(
    *kinds: RoleKind, public: bool = False, signed_in: bool = False, account: bool = False
) -> Callable[[View], View]:
    """Let through only those who hold one of `kinds` in the association of the address.

    `public` lets everyone in; `signed_in` everyone with an account and any role here; `account`
    everyone with an account, where the view itself finds only what the person takes part in.
    Unknown association: 404. Nobody signed in: to the sign-in page, or 401 for a part of a page.
    Role missing: 403 page.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Any, *args: Any, association: str, **kwargs: Any) -> HttpResponseBase:
            visitor = visitor_at(association, request.user)
            request.association, request.visitor = visitor.association, visitor
            if not public:
                if visitor.user is None and getattr(request, "htmx", False):
                    # A part of a page: the page itself says so (shell.js), in its own place.
                    return HttpResponse(status=401)
                if visitor.user is None:
                    return redirect_to_login(_way_back(request))
                held = bool(visitor.roles) if signed_in else visitor.has(*kinds)
                if not (account or held):
                    raise PermissionDenied("role")
            return view(request, *args, **kwargs)

        guarded.gate_roles = frozenset(kinds)  # type: ignore[attr-defined]
        guarded.gate_public = public  # type: ignore[attr-defined]
        guarded.gate_signed_in = signed_in  # type: ignore[attr-defined]
        guarded.gate_account = account  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def _way_back(request: HttpRequest) -> str:
    """Where one is taken after signing in: what was sent is not sent again, its page is shown."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    messages.warning(request, SIGNED_OUT, extra_tags=NOT_DONE)
    keep_unsent(request)
    return came_from(request)
