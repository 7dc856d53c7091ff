"""The triggers again where SQLite made the table anew, and for what is new."""

from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("boards", "0003_attestation_and_word")]

    operations = [
        append_only("boards_attestation"),
        append_only("boards_paragraph", when="OLD.is_frozen"),
        append_only("boards_paragraphattestation", when="OLD.attested_at IS NOT NULL"),
        append_only("boards_attestationremark"),
    ]
