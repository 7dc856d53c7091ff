"""The office's quality review: points, comments per section, and requests for completion."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.application import Application, ApplicationVersion
from applications.models.template import Section
from finsam import clock


class QualityReview(models.Model):
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="review")
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField("påbörjad", default=clock.now)
    finished_at = models.DateTimeField("klar", null=True)
    summary = models.TextField("sammanfattande bedömning", blank=True)


class PointVerdict(models.TextChoices):
    OPEN = "open", "Inte bedömd"
    FINE = "fine", "I ordning"
    REMARK = "remark", "Anmärkning"
    MISSING = "missing", "Saknas"


class ReviewPoint(models.Model):
    """A point of the checklist; `finding` is what the portal itself saw."""

    review = models.ForeignKey(QualityReview, on_delete=models.PROTECT, related_name="points")
    key = models.SlugField("nyckel", max_length=60)
    group = models.CharField("grupp", max_length=60)
    text = models.CharField("punkt", max_length=240)
    finding = models.TextField("portalens iakttagelse", blank=True)
    verdict = models.CharField(
        "bedömning", max_length=10, choices=PointVerdict, default=PointVerdict.OPEN
    )
    note = models.TextField("anteckning", blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["review", "position"]
        constraints = [
            models.UniqueConstraint(fields=["review", "key"], name="review_point_unique"),
        ]


class SectionComment(models.Model):
    """A comment on a section: internal, or to the applicant."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="comments")
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    body = models.TextField("kommentar")
    is_internal = models.BooleanField("bara för kansliet", default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ["created_at", "pk"]


class SupplementRequest(models.Model):
    """A request for completion: the applicant may change only the sections asked for."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="supplements"
    )
    base_version = models.ForeignKey(ApplicationVersion, on_delete=models.PROTECT, related_name="+")
    answer_version = models.OneToOneField(
        ApplicationVersion, on_delete=models.PROTECT, null=True, related_name="supplement"
    )
    sections = models.ManyToManyField(Section, related_name="+")
    message = models.TextField("vad som behöver kompletteras")
    last_day = models.DateField("sista dag")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(default=clock.now)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "begäran om komplettering"
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(answered_at__isnull=True),
                name="one_open_supplement_request",
            ),
        ]
