from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q

OPEN = ["owed", "draft", "returned"]
STATES = [
    ("owed", "Inte påbörjad"),
    ("draft", "Utkast"),
    ("submitted", "Inlämnad"),
    ("returned", "Åter till parterna"),
    ("accepted", "Godkänd"),
]


def name_those_begun(apps, _editor) -> None:
    """What the programme calls them; those not begun get their rows in the morning."""
    reports = apps.get_model("applications", "Report")
    for row in reports.objects.select_related("application__round__programme"):
        said = row.application.round.programme.definition.get("reports", [])
        found = next((one for one in said if one["key"] == row.key), {"name": row.key})
        again = f" {row.occurrence}" if found.get("repeat_months") else ""
        row.name = f"{found['name']}{again}"
        row.save(update_fields=["name"])


class Migration(migrations.Migration):
    """A report has a row, with its name and last day, from when it is owed."""

    dependencies = [("applications", "0005_idea_parties")]
    operations = [
        migrations.AddField(
            "report", "name", models.CharField("namn", blank=True, default="", max_length=200)
        ),
        migrations.AlterField(
            "report",
            "state",
            models.CharField("läge", choices=STATES, default="owed", max_length=10),
        ),
        migrations.RemoveConstraint("report", "report_handed_in_is_frozen"),
        migrations.AddConstraint(
            "report",
            models.CheckConstraint(
                condition=Q(state__in=OPEN)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False) & ~Q(sha256=""),
                name="report_handed_in_is_frozen",
            ),
        ),
        migrations.RunPython(name_those_begun, migrations.RunPython.noop),
    ]
