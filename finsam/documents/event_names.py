"""What the list of events calls what happens to files and documents."""

from __future__ import annotations

from finsam.registry.wording import keep_private_until_registered, name_actions

name_actions(
    {
        "case_archived": "Arkivpaket gjort",
        "copy_released": "Kopia utlämnad",
        "document_made": "Handling framställd",
        "release_refused": "Handling inte utlämnad",
        "letterhead_chosen": "Mall eller logotyp vald",
        "letterhead_received": "Mall eller logotyp mottagen",
        "signing_declined": "Underskrift avböjd hos underskriftstjänsten",
        "signing_expired": "Underskrift kom inte i tid från underskriftstjänsten",
        "signing_ordered": "Underskrift beställd hos underskriftstjänsten",
        "signing_refused": "Underskriftstjänstens bevis godtogs inte",
        "signing_signed": "Underskriven hos underskriftstjänsten",
        "signing_void": "Underskrift från underskriftstjänsten gäller inte",
        "upload_checked": "Fil viruskontrollerad",
        "upload_received": "Fil mottagen",
        "upload_refused": "Fil avvisad",
        "upload_virus_found": "Virus hittat i fil",
    }
)

# What is uploaded to a draft is the applicant's own until it is submitted.
keep_private_until_registered("documents.upload", "documents.signingorder")
