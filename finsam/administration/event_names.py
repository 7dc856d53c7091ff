"""What the list of events calls what an administrator does."""

from __future__ import annotations

from finsam.registry.wording import name_actions

name_actions(
    {
        "association_founded": "Förbundet upplagt",
        "disposal_done": "Uppgifter gallrade",
        "member_added": "Medlem upplagd",
        "member_changed": "Medlemmens uppgifter ändrade",
        "notice_board_added": "Anslagstavla upplagd",
        "notice_board_changed": "Anslagstavlans uppgifter ändrade",
        "person_data_exported": "Registerutdrag gjort",
        "person_erased": "Personuppgifter raderade",
        "role_ended": "Roll avslutad",
        "role_given": "Roll given",
        "role_taken_back": "Roll återtagen innan den började gälla",
    }
)
