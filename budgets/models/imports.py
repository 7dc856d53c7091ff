"""Workbooks that were sent in for a budget, kept with what became of them; saved stages of rows."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from budgets.content import BudgetContent
from budgets.models.budget import Budget
from finsam import clock


class ImportKind(models.TextChoices):
    TEMPLATE = "template", "Portalens arbetsbok"
    OWN = "own", "Eget kalkylark"


class ImportState(models.TextChoices):
    OPEN = "open", "Väntar på er"
    TAKEN = "taken", "Inläst"
    LEFT = "left", "Inte inläst"
    REFUSED = "refused", "Gick inte att läsa"


class WorkbookImport(models.Model):
    """A workbook sent in for a budget. The file itself is the upload, byte for byte.

    `base_version` is the budget's version that the workbook was exported from, where it says so.
    `choices` are what whoever sent a sheet of their own has chosen about it.
    """

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="imports")
    upload = models.OneToOneField(
        "documents.Upload", on_delete=models.PROTECT, related_name="budget_import"
    )
    kind = models.CharField("slag", max_length=10, choices=ImportKind)
    state = models.CharField("läge", max_length=10, choices=ImportState, default=ImportState.OPEN)
    base_version = models.PositiveIntegerField("hämtad ur version", null=True)
    choices = models.JSONField("val", default=dict)
    confirmed_at = models.DateTimeField("tolkningen bekräftad", null=True)
    taken_count = models.PositiveIntegerField("inlästa ändringar", default=0)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("inlämnad", default=clock.now)
    closed_at = models.DateTimeField("avslutad", null=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        verbose_name = "inlämnad arbetsbok"
        verbose_name_plural = "inlämnade arbetsböcker"
        ordering = ["budget", "-created_at", "-pk"]

    def __str__(self) -> str:
        return self.upload.reference

    @property
    def is_open(self) -> bool:
        return self.state == ImportState.OPEN

    @property
    def is_own(self) -> bool:
        return self.kind == ImportKind.OWN


class BudgetRevision(models.Model):
    """A budget's rows as they were at a version, so that it shows what a workbook has changed.

    Part of the draft and not of the record: the oldest are dropped as new ones come.
    """

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField("version")
    content = models.JSONField("innehåll")
    saved_at = models.DateTimeField("sparad", default=clock.now)

    class Meta:
        ordering = ["budget", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["budget", "version"], name="budget_revision_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.budget}, {self.version}"

    def rows(self) -> BudgetContent:
        return BudgetContent.from_json(self.content)
