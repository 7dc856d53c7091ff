"""The database refuses to change decisions, attestations, and minutes that are attested."""

from __future__ import annotations

from django.db import migrations

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("boards", "0001_initial")]

    operations = [
        append_only("boards_decision"),
        append_only("boards_vote"),
        append_only("boards_participation"),
        append_only("boards_minutes", when="OLD.state = 'attested'"),
        append_only("boards_attestation"),
        append_only("boards_paragraph", when="OLD.is_frozen"),
        append_only("boards_paragraphattestation", when="OLD.attested_at IS NOT NULL"),
        append_only("boards_attestationremark"),
        append_only("boards_participationcorrection"),
        append_only("boards_nomination"),
        append_only("boards_agreementversion"),
        append_only("boards_agreementsignature"),
        append_only("boards_agreementend"),
        append_only("boards_agreement", when="OLD.started_on IS NOT NULL"),
    ]
