"""The office's addresses among applications."""

from __future__ import annotations

from django.urls import path

from applications.views import office

ONE = "<slug:association>/kansli/ansokningar/<uuid:public_id>/"

urlpatterns = [
    path("<slug:association>/kansli/ansokningar/", office.office_list, name="office_list"),
    path(ONE, office.application, name="office_application"),
    path(f"{ONE}bilagor/<int:annex>/", office.annex, name="office_annex"),
    path(f"{ONE}granska/", office.begin, name="review_begin"),
    path(f"{ONE}checklista/", office.judge, name="review_judge"),
    path(f"{ONE}kommentera/", office.comment, name="review_comment"),
    path(f"{ONE}komplettering/", office.supplement, name="review_supplement"),
    path(f"{ONE}fortsatt/", office.resume, name="review_resume"),
    path(f"{ONE}till-beredning/", office.finish, name="review_finish"),
    path(f"{ONE}avskriv/", office.dismiss, name="review_dismiss"),
    path(f"{ONE}andringar/", office.changes, name="review_changes"),
    path("<slug:association>/kansli/installningar/", office.settings, name="settings"),
]
