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
        "correction_proposed": "Rättelse av paragraf föreslagen",
        "dissent_announced": "Reservation anmäld",
        "guest_noted": "Övrig närvarande antecknad",
        "guest_removed": "Övrig närvarande borttagen",
        "item_taken_up": "Ärende upptaget",
        "meeting_called": "Kallelse utfärdad",
        "meeting_cancelled": "Sammanträde inställt",
        "meeting_closed": "Sammanträde avslutat",
        "meeting_moved": "Sammanträde flyttat",
        "meeting_opened": "Sammanträde öppnat",
        "meeting_planned": "Sammanträde planerat",
        "memo_finished": "Beslutsunderlag klart",
        "memo_returned": "Beslutsunderlag återlämnat som Word-fil",
        "memo_saved": "Beslutsunderlag sparat",
        "memo_started": "Beslutsunderlag påbörjat",
        "minutes_attested": "Protokoll justerat",
        "minutes_attested_by": "Justering av en justerare",
        "minutes_returned": "Protokoll återlämnat som Word-fil",
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
        "minutes_sent_back": "Protokoll skickat tillbaka av justerare",
        "paragraph_attested": "Paragraf omedelbart justerad",
        "paragraph_attested_by": "Justering av en paragraf av en justerare",
        "paragraph_edited": "Paragraf ändrad",
        "paragraph_fixed": "Paragraf skickad för omedelbar justering",
        "paragraph_released": "Paragraf återtagen från omedelbar justering",
        "recommendation_recorded": "Rekommendation antecknad",
        "recusal_changed": "Jäv ändrat",
        "recusal_declared": "Jäv anmält",
    }
)
