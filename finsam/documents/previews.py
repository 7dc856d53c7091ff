"""Looks at what is no document: made in the background, shown for a day, then forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from finsam import clock
from finsam.associations.models import Association
from finsam.documents.kinds import Builder
from finsam.documents.making import retried_when_passing
from finsam.documents.models import Preview
from finsam.documents.render_cache import code_checksum
from finsam.errors import NotPossible
from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise
from finsam.people.access import Visitor
from finsam.people.models import User
from finsam.registry.canonical import canonical, digest
from finsam.ui import Link

JOB_KIND = "preview"
KEPT = timedelta(days=1)
NOTED_AGAIN_AFTER = timedelta(hours=1)

Rule = Callable[[Visitor, Preview], bool]


@dataclass(frozen=True)
class PreviewKind:
    """How a kind is made, who may see it, what its page is called and the one it comes from."""

    title: str
    origin: str
    build: Builder
    may_see: Rule


_kinds: dict[str, PreviewKind] = {}


def preview_kind(name: str, *, title: str, origin: str, build: Builder, may_see: Rule) -> None:
    """Make a kind known. `build` gets the frozen content alone and may be run more than once.

    It can be the builder of a kind of document.
    """
    if name in _kinds and _kinds[name].build is not build:
        raise ValueError(f"Two builders for previews of kind {name!r}.")
    _kinds[name] = PreviewKind(title, origin, build, may_see)


def way_to(preview: Preview) -> list[Link]:
    """The way to the page where people wait for it: whence they came, and what they call it."""
    kind = _kinds[preview.kind]
    return [Link(kind.origin, preview.back), Link(kind.title)]


def may_see(visitor: Visitor, preview: Preview) -> bool:
    """Whether the visitor may wait for it and have it: own association, and the kind's rule."""
    same = preview.association_id == visitor.association.pk
    return same and _kinds[preview.kind].may_see(visitor, preview)


def ask_preview(
    *,
    association: Association,
    kind: str,
    key: str,
    name: str,
    back: str,
    source: Mapping[str, Any],
    requested_by: User | None,
) -> Preview:
    """The look at this content: made, or promised by now. The same content is made only once.

    `key` names the thing ("application:<uuid>"), `name` the file, `back` is the address of the
    page it is asked for on; `source` is what `preview_source` gives. No event: nothing of the
    record changes.
    """
    made_of = _content_digest(source, name)
    known = {"association": association, "kind": kind, "key": key, "digest": made_of}
    found: Preview | None = Preview.objects.select_related("job").filter(**known).first()
    if found is None or found.job is None:
        with transaction.atomic():
            fresh = Preview(**known, name=name[:200], back=back, source=canonical(source))
            Preview.objects.bulk_create([fresh], ignore_conflicts=True)
            found = _locked(Preview.objects.get(**known).pk)
            if found.job is None:
                _promise(found, requested_by)
    elif clock.now() - found.asked_at > NOTED_AGAIN_AFTER:
        Preview.objects.filter(pk=found.pk).update(asked_at=clock.now())
    found.association = association
    return found


def ask_again(*, preview: Preview, actor: User | None) -> Preview:
    """Promise anew what failed; what waits, goes on or is made stays, so twice is harmless."""
    with transaction.atomic():
        locked = _locked(preview.pk)
        if locked.has_failed:
            _promise(locked, actor)
    return locked


def forget_old_previews() -> int:
    """Forget what nobody has asked for during a day, made or not. Returns how many."""
    old = Preview.objects.filter(asked_at__lt=clock.now() - KEPT)
    forgotten, _ = old.delete()
    return forgotten


@handler(JOB_KIND, title="Utskrift", listed=False)
def make_preview(job: Job, report: Report) -> Finish:
    """Build the PDF of the content; the last transaction puts it beside the content."""
    preview = Preview.objects.filter(pk=job.arguments["preview"]).first()
    if preview is None:
        raise NotPossible("preview_forgotten", "Det dröjde för länge. Begär filen en gång till.")
    report(20, "Gör PDF-filen.")
    with retried_when_passing(job):
        made = _kinds[preview.kind].build(preview.source, job.association).pdf

    def finish() -> None:
        Preview.objects.filter(pk=preview.pk, job=job).update(made=made)

    return finish


def _content_digest(source: Mapping[str, Any], name: str) -> str:
    """Of what is shown and of the code that shows it; the day is printed, the hour is not."""
    about = source["document"]
    shown = {part: value for part, value in source.items() if part != "document"}
    return digest([code_checksum(), name, about["title"], about["date"], shown])


def _locked(pk: int) -> Preview:
    rows = Preview.objects.select_for_update(of=("self",)).select_related("job", "association")
    return rows.get(pk=pk)


def _promise(preview: Preview, actor: User | None) -> None:
    preview.tries += 1
    preview.job = promise(
        association=preview.association,
        kind=JOB_KIND,
        key=f"{JOB_KIND}:{preview.public_id}:{preview.tries}",
        arguments={"preview": preview.pk},
        requested_by=actor,
    )
    preview.save(update_fields=["tries", "job"])


def is_made(preview: Preview) -> bool:
    """Whether the PDF is there to be had."""
    return preview.job is not None and preview.job.state == JobState.DONE
