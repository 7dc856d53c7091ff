"""Promising an archive package of a case, and making it in the background."""

from __future__ import annotations

from django.db import transaction

from finsam.documents.archive_package import package_name, zipped_package
from finsam.documents.models import ArchivePackage
from finsam.documents.storage import put_bytes, record_file
from finsam.errors import NotAllowed
from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job, JobState
from finsam.jobs.promise import promise
from finsam.people.access import visitor_for
from finsam.people.models import User
from finsam.registry.events import record_event
from finsam.registry.models import Case

JOB_KIND = "archive_package"
ZIP = "application/zip"


def archive_case(*, case: Case, actor: User) -> Job:
    """Promise a package of everything in a case; only the office may.

    While one is being made that one is given back; afterwards the next is a new one.
    Raises NotAllowed.
    """
    if not visitor_for(case.association, actor).is_office:
        raise NotAllowed("role_missing", "Bara kansliet gör arkivpaket.")
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        made = Job.objects.filter(association=case.association, key__startswith=_key(case, ""))
        under_way = made.filter(state__in=(JobState.WAITING, JobState.RUNNING)).first()
        if under_way is not None:
            return under_way
        return promise(
            association=case.association,
            kind=JOB_KIND,
            key=_key(case, str(made.count() + 1)),
            subject=f"Arkivpaket för {case.number}",
            arguments={"case": case.pk},
            requested_by=actor,
        )


def last_archive_job(case: Case) -> Job | None:
    """The newest package of a case, made or under way."""
    found: Job | None = (
        Job.objects.filter(association=case.association, key__startswith=_key(case, ""))
        .order_by("-pk")
        .first()
    )
    return found


@handler(JOB_KIND, title="Arkivpaket")
def make_package(job: Job, report: Report) -> Finish:
    """Build and store the zip; the last transaction adds its row and the event `case_archived`."""
    case = Case.objects.select_related("association").get(pk=job.arguments["case"])
    report(10, "Samlar handlingarna och gör dem till PDF/A.")
    stored = put_bytes(association=case.association, data=zipped_package(case))

    def finish() -> None:
        file = record_file(
            association=case.association,
            stored=stored,
            name=f"{package_name(case)}.zip",
            content_type=ZIP,
        )
        package = ArchivePackage.objects.create(case=case, job=job, file=file)
        record_event(
            association=case.association,
            actor=job.requested_by,
            action="case_archived",
            obj=package,
            case=case,
            payload={"number": case.number, "sha256": file.sha256},
        )

    return finish


def _key(case: Case, number: str) -> str:
    return f"archive:{case.pk}:{number}"
