"""What the list of events calls what happens at and around meetings."""

from __future__ import annotations

from finsam.registry.wording import name_actions

name_actions(
    {
        "agenda_item_added": "Ärende tillagt på dagordningen",
        "agenda_item_moved": "Ärende flyttat på dagordningen",
        "agenda_item_removed": "Ärende borttaget från dagordningen",
        "assessment_saved": "Bedömning sparad",
        "attendance_arrived": "Ankomst antecknad",
        "attendance_left": "Avgång antecknad",
        "decision_recorded": "Beslut antecknat",
        "dissent_announced": "Reservation anmäld",
        "guest_noted": "Övrig närvarande antecknad",
        "guest_removed": "Övrig närvarande borttagen",
        "item_taken_up": "Ärende upptaget",
        "meeting_called": "Kallelse utfärdad",
        "meeting_closed": "Sammanträde avslutat",
        "meeting_opened": "Sammanträde öppnat",
        "meeting_planned": "Sammanträde planerat",
        "memo_finished": "Beslutsunderlag klart",
        "memo_saved": "Beslutsunderlag sparat",
        "memo_started": "Beslutsunderlag påbörjat",
        "minutes_attested": "Protokoll justerat",
        "minutes_attested_by": "Justering av en justerare",
        "minutes_composed": "Protokoll upprättat",
        "minutes_sent_to_attesters": "Protokoll skickat för justering",
        "minutes_taken_back": "Protokoll återtaget från justering",
        "motion_put": "Yrkande framställt",
        "motion_withdrawn": "Yrkande återtaget",
        "notice_posted": "Anslag uppsatt",
        "notice_removed": "Anslag nedtaget",
        "outcome_published": "Beslut synligt för sökanden",
        "packet_promised": "Beslutspaket beställt",
        "packet_sent": "Beslutspaket utskickat",
        "paragraph_edited": "Paragraf ändrad",
        "recommendation_recorded": "Rekommendation antecknad",
        "recusal_changed": "Jäv ändrat",
        "recusal_declared": "Jäv anmält",
    }
)
