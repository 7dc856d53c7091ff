"""The database refuses to change or delete a stored file or an issued document."""

from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [
        append_only("documents_storedfile"),
        append_only("documents_document"),
        append_only("documents_release"),
        append_only("documents_letterhead"),
    ]
