from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    """A report as it was handed in is never changed or deleted."""

    dependencies = [("applications", "0003_reports"), ("registry", "0002_append_only")]
    operations = [append_only("applications_reportversion")]
