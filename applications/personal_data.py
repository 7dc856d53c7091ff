"""What people call the rows of this floor in which a person may appear."""

from __future__ import annotations

from finsam.administration.personal_data.paths import name_places

name_places(
    {
        "applications.answer": "svar i ansökan",
        "applications.ideaanswer": "svar i idéskiss",
        "applications.partyinvitation": "inbjudan till part",
        "applications.partymember": "person hos part",
        "applications.qualityreview": "granskning",
        "applications.reviewpoint": "punkt i granskning",
        "applications.roundthread": "konversation om omgång",
        "applications.sectioncomment": "kommentar till avsnitt",
        "applications.sectiondraft": "avsnitt i ansökan",
        "applications.sectionrevision": "tidigare lydelse av avsnitt",
        "applications.templatecomment": "synpunkt på mall",
    }
)
