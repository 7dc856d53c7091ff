from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    """What was frozen, and what was signed, is never changed or deleted."""

    dependencies = [("applications", "0001_initial"), ("registry", "0002_append_only")]
    operations = [
        append_only("applications_applicationversion"),
        append_only("applications_signature"),
        append_only("applications_reportversion"),
        append_only("applications_termination", when="OLD.public_at IS NOT NULL"),
        append_only("applications_changerequest", when="OLD.state <> 'submitted'"),
    ]
