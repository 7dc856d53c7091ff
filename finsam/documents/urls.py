"""The addresses of documents."""

from __future__ import annotations

from django.urls import path, re_path

from finsam.documents import archive_views as archive
from finsam.documents import views
from finsam.documents.release import views as release

app_name = "documents"
_id = r"(?P<short_id>[2-9A-HJ-NP-Z]{8})"
_document = rf"^(?P<association>[-\w]+)/handlingar/{_id}"

urlpatterns = [
    path("kontrollera/", views.verify, name="verify"),
    path("<slug:association>/handlingar/arbete/<int:job_id>/", views.job, name="job"),
    path(
        "<slug:association>/handlingar/arbete/<int:job_id>/igen/", views.job_again, name="job_again"
    ),
    path("<slug:association>/kansli/arkiv/<int:year>/<int:number>/", archive.case, name="archive"),
    path(
        "<slug:association>/kansli/arkiv/<int:year>/<int:number>/<int:package>.zip",
        archive.download,
        name="archive_package",
    ),
    path(
        "<slug:association>/kansli/utlamnande/<int:year>/<int:number>/",
        release.case,
        name="releases",
    ),
    path(
        "<slug:association>/kansli/utlamnande/<int:year>/<int:number>/<slug:original>/",
        release.release,
        name="release",
    ),
    re_path(rf"{_document}/$", views.document, name="document"),
    re_path(rf"{_document}\.docx$", views.document_docx, name="document_docx"),
]
