"""The database refuses to change an agreement's versions, its signatures, and how one ended."""

from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("boards", "0003_agreement")]

    operations = [
        append_only("boards_agreementversion"),
        append_only("boards_agreementsignature"),
        append_only("boards_agreementend"),
        append_only("boards_agreement", when="OLD.started_on IS NOT NULL"),
    ]
