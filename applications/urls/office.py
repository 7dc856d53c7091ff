"""The office's addresses among applications."""

from __future__ import annotations

from django.urls import path

from applications.views import (
    national,
    office,
    programmes,
    report_lists,
    reports,
    returns,
    revised_budget,
    round_frame,
)

PROGRAMME = "<slug:association>/kansli/program/<slug:programme>/"
NATIONAL = "<slug:association>/kansli/nationell-uppfoljning/"
ONE = "<slug:association>/kansli/ansokningar/<uuid:public_id>/"

urlpatterns = [
    path("<slug:association>/kansli/ansokningar/", office.office_list, name="office_list"),
    path("<slug:association>/kansli/rapporter/", report_lists.office, name="all_reports"),
    path(NATIONAL, national.every, name="national"),
    path(f"{NATIONAL}insatser.xlsx", national.sheet, name="national_sheet"),
    path(ONE, office.application, name="office_application"),
    path(f"{ONE}nationell-uppfoljning/", national.one, name="national_effort"),
    path(
        "<slug:association>/kansli/omgangar/<slug:slug>/anstand/",
        office.extensions,
        name="extensions",
    ),
    path(
        "<slug:association>/kansli/omgangar/<slug:slug>/ram/",
        round_frame.round_frame,
        name="round_frame",
    ),
    path(f"{ONE}bilagor/<int:annex>/", office.annex, name="office_annex"),
    path(f"{ONE}granska/", office.begin, name="review_begin"),
    path(f"{ONE}checklista/", office.judge, name="review_judge"),
    path(f"{ONE}kommentera/", office.comment, name="review_comment"),
    path(f"{ONE}komplettering/", office.supplement, name="review_supplement"),
    path(f"{ONE}fortsatt/", office.resume, name="review_resume"),
    path(f"{ONE}till-beredning/", office.finish, name="review_finish"),
    path(f"{ONE}avsluta/", reports.close, name="close_effort"),
    path(f"{ONE}rapporter/", reports.office_reports, name="office_reports"),
    path(f"{ONE}rapporter/<slug:report>/<int:number>/", reports.office_one, name="office_report"),
    path(f"{ONE}aterforing/", returns.office, name="office_returns"),
    path(f"{ONE}aterforing/plan/", returns.plan, name="office_return_plan"),
    path(f"{ONE}aterforing/<int:planned>/", returns.one, name="office_return"),
    path("<slug:association>/kansli/aterforing/", returns.every, name="all_returns"),
    path(f"{ONE}reviderad-budget/", revised_budget.for_office, name="office_revised_budget"),
    path(f"{ONE}avskriv/", office.dismiss, name="review_dismiss"),
    path(f"{ONE}andringar/", office.changes, name="review_changes"),
    path("<slug:association>/kansli/installningar/", office.settings, name="settings"),
    path("<slug:association>/kansli/program/", programmes.programmes, name="programmes"),
    path(PROGRAMME, programmes.programme, name="programme"),
    path(f"{PROGRAMME}forhandsvisning/", programmes.preview, name="programme_preview"),
    path(f"{PROGRAMME}fil/", programmes.export, name="programme_export"),
    path(f"{PROGRAMME}i-kraft/", programmes.put_in_force, name="programme_put_in_force"),
    path(f"{PROGRAMME}kasta/", programmes.discard, name="programme_discard"),
    path(f"{PROGRAMME}kopiera-omgang/", programmes.copy_round, name="programme_copy_round"),
    path(f"{PROGRAMME}del/<str:part>/", programmes.part, name="programme_part"),
]
