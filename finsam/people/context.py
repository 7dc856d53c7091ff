"""What every page's shell shows: the association, the person and the ways to go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from finsam.people.access import Visitor
from finsam.people.models import Role, RoleKind
from finsam.typography import enumerate_words

# Pages that belong to a link of the navigation without beginning with its address.
LIES_UNDER = {
    "ansokan": "applications:mine",
    "anslagstavla": "applications:decisions",
    "oppna-data": "applications:decisions",
    "organ": "boards:meetings",
    "delegation": "boards:meetings",
    "rekvisitioner": "budgets:year",
    "kansli/aterforing": "budgets:year",
    "kansli/program": "applications:settings",
    "kansli/rapporter": "applications:office_list",
    "kansli/nationell-uppfoljning": "applications:office_list",
    "kansli/arkiv": "registry:register",
    "kansli/sekretess": "registry:register",
    "kansli/utlamnande": "registry:register",
}


@dataclass(frozen=True)
class NavLink:
    text: str
    url: str
    current: bool


PUBLIC = (("Sök finansiering", "applications:landing"), ("Så går det till", "applications:process"),
          ("Beslut", "applications:decisions"), ("Om oss", "applications:about"))  # fmt: skip
OFFICE_LINKS = (
    ("Översikt", "boards:dashboard"), ("Ansökningar", "applications:office_list"),
    ("Möten", "boards:meetings"), ("Ekonomi", "budgets:year"), ("Diarium", "registry:register"),
)  # fmt: skip
BY_ROLE: tuple[tuple[tuple[RoleKind, ...], tuple[tuple[str, str], ...]], ...] = (
    ((RoleKind.DIRECTOR,), (*OFFICE_LINKS, ("Inställningar", "applications:settings"))),
    ((RoleKind.OFFICER,), OFFICE_LINKS),
    ((RoleKind.ADMINISTRATOR,), (("Kom igång", "boards:getting_started"),
                                 ("Personer och roller", "administration:people"),
                                 ("Medlemmar", "administration:members"),
                                 ("Inställningar", "applications:settings"))),
    ((RoleKind.AUDITOR,), (("Ekonomi", "budgets:year"), ("Händelser", "registry:events"),
                           ("Diarium", "registry:register"))),
    ((RoleKind.BOARD, RoleKind.CHAIR), (("Styrelsen", "boards:board_home"),)),
    ((RoleKind.COUNCIL,), (("Beredning", "boards:council_home"),)),
    ((RoleKind.CONSULTATION,), (("Samråd", "boards:consultation_home"),)),
    ((RoleKind.APPLICANT, RoleKind.SIGNATORY), (("Mina ansökningar", "applications:mine"),
                                                ("Idéskisser", "applications:ideas"))),
)  # fmt: skip


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; costs no query of its own."""
    visitor: Visitor | None = getattr(request, "visitor", None)
    if visitor is None:
        return {"visitor": None, "association": None, "nav": [], "is_demo": settings.DEMO}
    return {
        "visitor": visitor,
        "association": visitor.association,
        "nav": list(_links(visitor, request.path)),
        "places": _places(visitor, request.path),
        "is_demo": visitor.association.is_demo,
    }


def _links(visitor: Visitor, path: str) -> list[NavLink]:
    names: dict[str, str] = {}
    for kinds, links in BY_ROLE:
        if visitor.has(*kinds):
            names.update({name: text for text, name in links})
    if not names:
        names = {name: text for text, name in PUBLIC}
    found = [(text, url) for name, text in names.items() if (url := _url(name, visitor))]
    for part, name in LIES_UNDER.items():
        path = path.replace(f"/{visitor.association.slug}/{part}/", _url(name, visitor) or "/", 1)
    # All addresses lie under the first page; only its rounds belong to its link.
    home = f"/{visitor.association.slug}/"
    is_of_home = path == home or path.startswith(f"{home}omgangar/")
    over = [url for _, url in found if path.startswith(url) and (url != home or is_of_home)]
    longest = max(over, key=len, default="")
    return [NavLink(text, url, url == longest) for text, url in found]


def _places(visitor: Visitor, path: str) -> list[NavLink]:
    """Where each role held here begins, for one who holds several."""
    places: list[NavLink] = []
    for kinds, links in BY_ROLE:
        held = [role for role in visitor.roles if role.kind in kinds]
        urls = [url for _, name in links if (url := _url(name, visitor))] if held else []
        if urls:
            here = any(path.startswith(url) for url in urls)
            places.append(
                NavLink(_title(held), urls[0], here and not any(p.current for p in places))
            )
    return places if len(places) > 1 else []


def _title(roles: list[Role]) -> str:
    """Sökande för Ekby och Alby."""
    names = [role.member.short_name for role in roles if role.member is not None]
    title = RoleKind(roles[0].kind).label
    return f"{title} för {enumerate_words(names)}" if names else title


def _url(name: str, visitor: Visitor) -> str:
    try:
        return reverse(name, args=[visitor.association.slug])
    except NoReverseMatch:
        return ""
