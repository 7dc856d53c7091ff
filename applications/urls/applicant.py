"""The applicant's addresses, and both sides of the idea sketches."""

from __future__ import annotations

from django.urls import path

from applications.views import (
    annexes,
    applicant,
    budget,
    budget_import,
    discarding,
    idea_parties,
    ideas,
    parties,
    payments,
    printing,
    report_lists,
    report_writing,
    reports,
    returns,
    revised_budget,
    signing,
    word,
    writing,
)

HOME = "<slug:association>/"
ROUND = f"{HOME}omgangar/<slug:slug>/"
APPLICATION = f"{HOME}ansokan/<uuid:application>/"
PARTY = f"{APPLICATION}parter/<int:party>/"
WORKBOOK = f"{APPLICATION}budget/arbetsbok/<int:workbook>/"
ANNEX = f"{APPLICATION}bilagor/<int:annex>/"
WORD = f"{APPLICATION}word/"
IDEA = f"{HOME}ideer/<uuid:idea>/"

urlpatterns = [
    path(f"{HOME}start/", applicant.start, name="start"),
    path(f"{HOME}mina/", applicant.mine, name="mine"),
    path(f"{HOME}mina/rapporter/", report_lists.own, name="my_reports"),
    path(f"{ROUND}borja/", applicant.begin, name="begin"),
    path(f"{ROUND}blankett.pdf", printing.empty_pdf, name="empty_form"),
    path(f"{ROUND}blankett.docx", printing.empty_word, name="empty_form_word"),
    path(f"{ROUND}budget.xlsx", budget.empty, name="empty_budget"),
    path(APPLICATION, applicant.application, name="application"),
    path(f"{APPLICATION}avsnitt/<slug:section>/", writing.section, name="section"),
    path(f"{APPLICATION}parter/", parties.parties, name="parties"),
    path(PARTY, parties.party, name="party"),
    path(f"{PARTY}ta-bort/", parties.remove, name="remove_party"),
    path(f"{APPLICATION}budget/", budget.budget, name="budget"),
    path(f"{APPLICATION}budget/sa-raknas/", budget.explained, name="budget_explained"),
    path(f"{APPLICATION}budget.xlsx", budget.workbook, name="budget_workbook"),
    path(WORKBOOK, budget_import.sent, name="sent_workbook"),
    path(f"{WORKBOOK}original.xlsx", budget_import.original, name="original_workbook"),
    path(f"{WORKBOOK}markerad.xlsx", budget_import.marked, name="marked_workbook"),
    path(f"{APPLICATION}bilagor/", annexes.annexes, name="annexes"),
    path(ANNEX, annexes.download, name="annex"),
    path(f"{ANNEX}ta-bort/", annexes.remove, name="remove_annex"),
    path(f"{APPLICATION}underskrifter/", signing.signatures, name="signatures"),
    path(f"{APPLICATION}underskrifter.pdf", signing.signature_page, name="signature_page"),
    path(f"{APPLICATION}lamna-in/", signing.submit, name="submit"),
    path(f"{APPLICATION}kvittens/", applicant.receipt, name="receipt"),
    path(f"{APPLICATION}komplettering/", signing.supplement, name="supplement"),
    path(f"{APPLICATION}aterkalla/", applicant.withdraw, name="withdraw"),
    path(f"{APPLICATION}slang/", discarding.discard, name="discard"),
    path(f"{APPLICATION}ta-tillbaka/", discarding.restore, name="restore"),
    path(f"{APPLICATION}meddelanden/", applicant.conversation, name="messages"),
    path(f"{APPLICATION}rekvisitioner/", payments.payments, name="payments"),
    path(f"{APPLICATION}rapporter/", reports.own_list, name="reports"),
    path(f"{APPLICATION}rapporter/<slug:report>/<int:number>/", report_writing.own, name="report"),
    path(
        f"{APPLICATION}rapporter/<slug:report>/<int:number>/<slug:piece>/",
        report_writing.own_part,
        name="report_part",
    ),
    path(f"{APPLICATION}aterforing/", returns.own, name="returns"),
    path(f"{APPLICATION}reviderad-budget/", revised_budget.own, name="revised_budget"),
    path(f"{APPLICATION}reviderad-budget.xlsx", revised_budget.workbook, name="revised_workbook"),
    path(f"{APPLICATION}las/", applicant.read, name="read"),
    path(f"{APPLICATION}ansokan.pdf", printing.draft, name="print"),
    path(f"{APPLICATION}ansokan.docx", printing.word, name="word"),
    path(WORD, word.application_word, name="application_word_files"),
    path(f"{WORD}<int:word>/", word.application_word_file, name="application_word_file"),
    path(
        f"{WORD}<int:word>/original.docx",
        word.application_word_original,
        name="application_word_original",
    ),
    path(f"{HOME}inbjudan/<str:token>/", parties.invitation, name="invitation"),
    path(f"{HOME}ideer/", ideas.ideas, name="ideas"),
    path(f"{HOME}ideer/ny/<slug:slug>/", ideas.new, name="new_idea"),
    path(f"{HOME}ideer/ny/<slug:slug>/skiss.docx", word.empty_idea_form, name="empty_idea_form"),
    path(IDEA, ideas.idea, name="idea"),
    path(f"{IDEA}parter/", idea_parties.parties, name="idea_parties"),
    path(f"{IDEA}slang/", discarding.discard_sketch, name="discard_idea"),
    path(f"{IDEA}ta-tillbaka/", discarding.restore_sketch, name="restore_idea"),
    path(f"{IDEA}skiss.docx", word.idea_form, name="idea_form"),
    path(f"{IDEA}word/", word.idea_word, name="idea_word_files"),
    path(f"{IDEA}word/<int:word>/", word.idea_word_file, name="idea_word_file"),
    path(
        f"{IDEA}word/<int:word>/original.docx", word.idea_word_original, name="idea_word_original"
    ),
    path(f"{HOME}kansli/ideer/", ideas.office_ideas, name="office_ideas"),
    path(f"{HOME}kansli/ideer/<uuid:idea>/", ideas.office_idea, name="office_idea"),
    path(
        f"{HOME}kansli/ideer/<uuid:idea>/tidplan/", ideas.office_time_plan, name="office_time_plan"
    ),
    path(f"{IDEA}tidplan/", ideas.time_plan, name="time_plan"),
]
