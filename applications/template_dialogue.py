"""The dialogue about an application template: proposed, commented question by question, made final.

The invited owners see the proposal and comment it; the office answers, may reword a question,
and makes the template final. An application always shows the version it was written on.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from applications.models import (
    ApplicationTemplate,
    Invitation,
    Question,
    Round,
    TemplateComment,
    TemplateState,
)
from applications.queries import APPLICANT
from applications.template_versions import content_of
from finsam import clock
from finsam.associations.models import Association, Member
from finsam.errors import DomainError, NotAllowed, NotPossible
from finsam.messages.mail import send_mail
from finsam.people.access import OFFICE, Visitor, visitor_for
from finsam.people.models import Role, User
from finsam.registry.canonical import digest
from finsam.registry.events import record_event

LONGEST_COMMENT = 4000


def propose_template(*, template: ApplicationTemplate, actor: User) -> ApplicationTemplate:
    """Share a draft with the invited owners; writes `template_proposed` and mails them.

    Proposed already, it is given back as it is. Raises NotAllowed, or NotPossible when it is
    final or nobody is invited to talk about it.
    """
    with transaction.atomic():
        locked = _locked(template)
        _check_office(locked, actor)
        if locked.state == TemplateState.PROPOSED:
            return locked
        if locked.state == TemplateState.FINAL:
            raise NotPossible("template_final", "Mallen är redan fastställd.")
        if not invited_members(locked):
            raise NotPossible(
                "nobody_invited", "Ingen är inbjuden till omgången. Bjud in någon att tycka till."
            )
        locked.state, locked.proposed_at = TemplateState.PROPOSED, clock.now()
        locked.save(update_fields=["state", "proposed_at"])
        _event(locked, actor, "template_proposed")
        _tell_owners(locked, "proposed", "Förslag till ansökningsmall: tyck till")
    return locked


def comment_on_question(*, question: Question, body: str, actor: User) -> TemplateComment:
    """Comment a question of a proposed template; writes `template_commented`.

    The same words by the same person again give back the first comment. Raises NotAllowed for
    others than invited owners and the office, NotPossible when the template is not proposed.
    """
    text = _checked_text(body)
    with transaction.atomic():
        template = _locked(question.section.template)
        visitor = visitor_for(template.programme.association, actor)
        if not may_discuss(visitor, template):
            raise NotAllowed("not_invited", "Bara inbjudna och kansliet kan kommentera förslaget.")
        _check_open(template)
        earlier = question.comments.filter(author=actor, body=text).first()
        if earlier is not None:
            return earlier
        comment = TemplateComment.objects.create(
            question=question, author=actor, member=_member_of(visitor, template), body=text
        )
        _event(template, actor, "template_commented", question=question.key, comment=comment.pk)
    return comment


def answer_comment(*, comment: TemplateComment, answer: str, actor: User) -> TemplateComment:
    """Answer a comment, or change the answer, while the proposal is open; `comment_answered`."""
    text = _checked_text(answer, "answer")
    with transaction.atomic():
        template = _locked(comment.question.section.template)
        _check_office(template, actor)
        _check_open(template)
        locked = TemplateComment.objects.select_for_update().get(pk=comment.pk)
        if locked.answer == text:
            return locked
        locked.answer, locked.answered_by, locked.answered_at = text, actor, clock.now()
        locked.save(update_fields=["answer", "answered_by", "answered_at"])
        _event(template, actor, "comment_answered", comment=locked.pk)
    return locked


def reword_question(*, question: Question, prompt: str, help: str, actor: User) -> Question:  # noqa: A002
    """Change what a question of a draft or proposed template asks; writes `question_reworded`."""
    words, hint = _checked_text(prompt, "prompt"), help.strip()
    with transaction.atomic():
        template = _locked(question.section.template)
        _check_office(template, actor)
        if template.state == TemplateState.FINAL:
            raise NotPossible(
                "template_final", "En fastställd mall ändras inte. Gör en ny version."
            )
        locked = Question.objects.select_for_update().get(pk=question.pk)
        before = {"prompt": locked.prompt, "help": locked.help}
        if before == {"prompt": words, "help": hint}:
            return locked
        locked.prompt, locked.help = words, hint
        locked.save(update_fields=["prompt", "help"])
        template.content_hash = digest(content_of(template))
        template.save(update_fields=["content_hash"])
        _event(template, actor, "question_reworded", question=locked.key, before=before)
    return locked


def finalise_template(*, template: ApplicationTemplate, actor: User) -> ApplicationTemplate:
    """Make a template final and the one to write on in the programme's rounds that are not over.

    Writes `template_finalised` and mails the invited. Final already, it is given back as it is.
    """
    with transaction.atomic():
        locked = _locked(template)
        _check_office(locked, actor)
        if locked.state == TemplateState.FINAL:
            return locked
        locked.state, locked.finalised_at = TemplateState.FINAL, clock.now()
        locked.save(update_fields=["state", "finalised_at"])
        for round_ in Round.objects.select_for_update().filter(programme=locked.programme):
            if not round_.has_closed():
                round_.template = locked
                round_.save(update_fields=["template"])
        _event(locked, actor, "template_finalised", comments=comments_of(locked).count())
        _tell_owners(locked, "final", "Ansökningsmallen är fastställd")
    return locked


# --- reading --------------------------------------------------------------------------------------


def comments_of(template: ApplicationTemplate) -> QuerySet[TemplateComment]:
    return TemplateComment.objects.filter(question__section__template=template)


def invited_members(template: ApplicationTemplate) -> list[Member]:
    """The organisations invited to the programme's rounds."""
    invitations = Invitation.objects.filter(round__programme=template.programme_id)
    return list(Member.objects.filter(invitations__in=invitations).distinct())


def may_discuss(visitor: Visitor, template: ApplicationTemplate) -> bool:
    """Whether the person may see and comment the template before it is final."""
    if visitor.is_office:
        return True
    held = visitor.member_ids(*APPLICANT)
    return bool(held) and any(member.pk in held for member in invited_members(template))


# --- parts ----------------------------------------------------------------------------------------


def _locked(template: ApplicationTemplate) -> ApplicationTemplate:
    found: ApplicationTemplate = (
        ApplicationTemplate.objects.select_for_update(of=("self",))
        .select_related("programme__association")
        .get(pk=template.pk)
    )
    return found


def _check_office(template: ApplicationTemplate, actor: User) -> None:
    if not visitor_for(template.programme.association, actor).has(*OFFICE):
        raise NotAllowed("not_office", "Det här gör kansliet.")


def _check_open(template: ApplicationTemplate) -> None:
    if template.state == TemplateState.FINAL:
        raise NotPossible("template_final", "Mallen är fastställd, så dialogen är avslutad.")
    if template.state != TemplateState.PROPOSED:
        raise NotPossible("template_not_proposed", "Förslaget är inte skickat än.")


def _checked_text(body: str, field: str = "body") -> str:
    text = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not text:
        raise DomainError("text_empty", "Skriv något innan du skickar.", field)
    if len(text) > LONGEST_COMMENT:
        raise DomainError(
            "text_too_long", f"Korta texten till högst {LONGEST_COMMENT} tecken.", field
        )
    return text


def _member_of(visitor: Visitor, template: ApplicationTemplate) -> Member | None:
    """For which of the invited organisations the person writes."""
    held = visitor.member_ids(*APPLICANT)
    return next((member for member in invited_members(template) if member.pk in held), None)


def _event(template: ApplicationTemplate, actor: User, action: str, **facts: object) -> None:
    record_event(
        association=template.programme.association,
        actor=actor,
        action=action,
        obj=template,
        payload={"version": template.version, **facts},
    )


def _tell_owners(template: ApplicationTemplate, occasion: str, subject: str) -> None:
    """A mail to each person who writes for an invited organisation."""
    association = template.programme.association
    path = reverse(
        "applications:template",
        args=[association.slug, template.programme.slug, template.version],
    )
    for user in _owners(association, invited_members(template)):
        send_mail(
            association=association,
            to=user,
            event_key=f"template:{template.pk}:{occasion}",
            subject=f"{subject} ({template.programme.name})",
            template=f"mail/template_{occasion}.txt",
            context={"programme": template.programme.name, "path": path},
        )


def _owners(association: Association, members: Iterable[Member]) -> list[User]:
    roles = Role.objects.held_on(clock.today()).filter(
        association=association, kind__in=APPLICANT, member__in=members
    )
    return list(User.objects.filter(roles__in=roles, is_active=True).distinct().order_by("pk"))
