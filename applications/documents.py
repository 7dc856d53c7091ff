"""The applicant's documents: application, receipt, the page to sign, the form to print."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from applications.models import Application, Round
from applications.queries import is_on_applicants_side
from applications.reading import readable
from applications.signing import SigningState
from finsam.associations.models import Association, PartyKind
from finsam.documents.documents import (
    Rendered,
    also_readable_by,
    document_kind,
    preview_source,
    readable_by,
    render_document,
)
from finsam.documents.models import Preview
from finsam.documents.models.documents import Document
from finsam.documents.previews import ask_preview, preview_kind
from finsam.people.access import Visitor
from finsam.people.models import RoleKind, User

LINES: dict[str, int] = {"rich_text": 7, "table": 5, "goals": 5}


@document_kind("application", label="Ansökan")
def build_application(source: dict[str, Any], association: Association) -> Rendered:
    content = readable(source["content"])
    return Rendered(render_document("documents/application.html", source, shown=_shown(content)))


@document_kind("receipt", label="Kvittens")
def build_receipt(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/receipt.html", source))


@document_kind("signature_page", label="Underskrifter")
def build_signature_page(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/signature_page.html", source))


@document_kind("application_form", label="Ansökan, blankett")
def build_form(source: dict[str, Any], association: Association) -> Rendered:
    return Rendered(render_document("documents/application_form.html", source))


@readable_by("application")
def _application_rule(visitor: Visitor, document: Document) -> bool:
    return of_the_case(visitor, document)


@readable_by("receipt")
def _receipt_rule(visitor: Visitor, document: Document) -> bool:
    return of_the_case(visitor, document)


@also_readable_by("signing_evidence")
def _signing_evidence_rule(visitor: Visitor, document: Document) -> bool:
    return of_the_case(visitor, document)


@also_readable_by("revised_budget")
def _revised_budget_rule(visitor: Visitor, document: Document) -> bool:
    return of_the_case(visitor, document)


def _on_own_side(visitor: Visitor, preview: Preview) -> bool:
    """Those who take part in the application, while it has not been thrown away."""
    mine = Application.objects.of_applicant(visitor).filter(discarded_at=None)
    return bool(mine.filter(public_id=preview.key.partition(":")[2]).exists())


preview_kind(
    "draft",
    title="Ansökan som PDF",
    origin="Ansökan",
    build=build_application,
    may_see=_on_own_side,
)
preview_kind(
    "signature_page",
    title="Underskriftssidan",
    origin="Underskrifter",
    build=build_signature_page,
    may_see=_on_own_side,
)
preview_kind(
    "application_form",
    title="Blankett att skriva ut",
    origin="Omgången",
    build=build_form,
    may_see=lambda visitor, preview: True,
)


def draft_preview(application: Application, content: dict[str, Any], actor: User) -> Preview:
    """The draft as it stands, to read or print; forgotten after a day, for it is no document."""
    source = preview_source(
        association=application.association,
        kind="application",
        title=f"Utkast: {application.title}",
        source={"about": None, "content": content},
    )
    return ask_preview(
        association=application.association,
        kind="draft",
        key=f"application:{application.public_id}",
        name=f"{application.title}.pdf",
        back=application.get_absolute_url(),
        source=source,
        requested_by=actor,
    )


def signature_page_preview(application: Application, state: SigningState, actor: User) -> Preview:
    """The page to sign by hand: what is signed, by whom, and the checksum of the content."""
    if state.version is None:
        raise ValueError("Nothing is frozen.")
    content = state.version.content
    mark = state.version.content_hash
    source = preview_source(
        association=application.association,
        kind="signature_page",
        title=f"Underskrifter: {application.title}",
        source={
            "content": {key: content[key] for key in ("title", "round", "requested_amount")},
            "version": state.version.number,
            "mark": [mark[at : at + 8] for at in range(0, len(mark), 8)],
            "parties": [
                {"role": "Behörig firmatecknare", "organisation": party.name, "name": "", "at": ""}
                for party, _ in state.parties
            ],
        },
    )
    return ask_preview(
        association=application.association,
        kind="signature_page",
        key=f"application:{application.public_id}",
        name="underskrifter.pdf",
        back=reverse(
            "applications:signatures", args=[application.association.slug, application.public_id]
        ),
        source=source,
        requested_by=actor,
    )


def empty_form_preview(round_: Round) -> Preview:
    """The round's questions as a form to print and fill in by hand."""
    template = round_.template
    sections = [
        {
            "heading": section.heading,
            "guidance": section.guidance,
            "kind": section.kind,
            "questions": [_blank(question) for question in section.questions.all()],
        }
        for section in (template.sections.prefetch_related("questions") if template else [])
    ]
    members = [
        member.name
        for member in round_.association.members.all()
        if member.is_active and member.kind != PartyKind.EXTERNAL
    ]
    source = preview_source(
        association=round_.association,
        kind="application_form",
        title=f"Blankett: {round_.name}",
        source={
            "round": round_.name,
            "programme": round_.programme.name,
            "template_version": template.version if template else 0,
            "sections": sections,
            "members": members,
        },
    )
    return ask_preview(
        association=round_.association,
        kind="application_form",
        key=f"round:{round_.pk}",
        name=f"Blankett {round_.name}.pdf",
        back=reverse("applications:round", args=[round_.association.slug, round_.slug]),
        source=source,
        requested_by=None,
    )


def _blank(question: Any) -> dict[str, Any]:
    options = question.options or {}
    choices = [choice["name"] for choice in options.get("choices") or []]
    return {
        "heading": options.get("heading") or question.prompt,
        "prompt": question.prompt,
        "help": question.help,
        "required": question.required,
        "type": question.type,
        "choices": choices,
        "columns": [
            {"text": column["heading"], "numeric": False} for column in options.get("columns") or []
        ],
        "goals": options.get("goals") or [],
        "lines": [""] * LINES.get(question.type, 2),
    }


def _shown(content: dict[str, Any]) -> dict[str, Any]:
    """The sections with their tables as the documents' components want them."""
    for section in content["sections"]:
        for question in section["questions"]:
            shown = question["shown"]
            if shown["form"] == "table":
                numeric = shown.get("numeric") or [False] * len(shown["columns"])
                shown["heads"] = [
                    {"text": text, "numeric": right}
                    for text, right in zip(shown["columns"], numeric, strict=True)
                ]
    return content


def of_the_case(visitor: Visitor, document: Document) -> bool:
    """The applicant's side, and the auditor."""
    if visitor.has(RoleKind.AUDITOR):
        return True
    application = (
        Application.objects.filter(case=document.case_id)
        .prefetch_related("parties__people")
        .first()
    )
    return application is not None and is_on_applicants_side(visitor, application)
