"""What the list of events calls what happens to applications, and what stays with the applicant."""

from __future__ import annotations

from finsam.registry.wording import keep_private_until_registered, name_actions

name_actions(
    {
        "account_made": "Konto upplagt efter inbjudan",
        "annex_added": "Bilaga tillagd",
        "annex_removed": "Bilaga borttagen",
        "application_agree": "Avtal tecknat",
        "application_begin_review": "Granskning påbörjad",
        "application_close": "Insats avslutad",
        "application_dismiss": "Ansökan avskriven",
        "application_grant": "Ansökan bifallen",
        "application_grant_partly": "Ansökan delvis bifallen",
        "application_prepare": "Ansökan till beredning",
        "application_retract_decision": "Antecknat beslut om ansökan rättat",
        "application_refer_back": "Ansökan återremitterad",
        "application_reject": "Ansökan avslagen",
        "application_request_supplement": "Komplettering begärd",
        "application_resume_review": "Granskning återupptagen",
        "application_send_to_board": "Ansökan till styrelsen",
        "application_signed": "Ansökan undertecknad",
        "application_start": "Insats startad",
        "application_started": "Ansökan påbörjad",
        "application_submit": "Ansökan inlämnad",
        "application_supplement": "Komplettering inlämnad",
        "application_table": "Ansökan bordlagd",
        "application_terminate": "Insats avslutad i förtid",
        "application_withdraw": "Ansökan återkallad",
        "association_changed": "Förbundets uppgifter ändrade",
        "budget_part_done": "Part klar med sin del av budgeten",
        "budget_part_opened": "Parts del av budgeten öppnad igen",
        "comment_answered": "Synpunkt på mallen besvarad",
        "frozen_for_signing": "Ansökan låst för underskrift",
        "idea_answered": "Idéskiss besvarad",
        "idea_sent": "Idéskiss inlämnad",
        "idea_started": "Idéskiss påbörjad",
        "invitation_accepted": "Inbjudan antagen",
        "invitation_withdrawn": "Inbjudan återtagen",
        "lead_set": "Huvudman vald",
        "party_added": "Part tillagd",
        "party_changed": "Part ändrad",
        "party_done": "Part klar med sin del",
        "party_invited": "Part inbjuden",
        "party_not_done": "Part inte klar med sin del",
        "party_removed": "Part borttagen",
        "programme_loaded": "Program inläst",
        "question_reworded": "Fråga i mallen omformulerad",
        "review_point_judged": "Granskningspunkt bedömd",
        "section_commented": "Kommentar till avsnitt",
        "signatures_voided": "Underskrifter ogiltiga efter ändring",
        "template_commented": "Synpunkt på mallen",
        "template_finalised": "Mall fastställd",
        "template_proposed": "Mall föreslagen",
    }
)

keep_private_until_registered(
    "applications.annex",
    "applications.application",
    "applications.applicationparty",
    "applications.applicationversion",
    "applications.ideasketch",
    "applications.partyinvitation",
    "applications.signature",
)
