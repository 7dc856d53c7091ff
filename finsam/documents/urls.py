"""The addresses of documents."""

from __future__ import annotations

from django.urls import path, re_path

from finsam.documents import archive_views as archive
from finsam.documents import letterhead_views as letterhead
from finsam.documents import preview_views as previews
from finsam.documents import views
from finsam.documents.external_signing import views as external_signing
from finsam.documents.release import views as release

app_name = "documents"
_id = r"(?P<short_id>[2-9A-HJ-NP-Z]{8})"
_letterhead = "<slug:association>/kansli/installningar/brevmall/"
_preview = "<slug:association>/handlingar/utskrift/<uuid:preview>"
_document = rf"^(?P<association>[-\w]+)/handlingar/{_id}"

urlpatterns = [
    path("kontrollera/", views.verify, name="verify"),
    path("signering/svar/", external_signing.signing_call, name="signing_call"),
    path("<slug:association>/handlingar/arbete/<int:job_id>/", views.job, name="job"),
    path(
        "<slug:association>/handlingar/arbete/<int:job_id>/igen/", views.job_again, name="job_again"
    ),
    path(f"{_preview}/", previews.preview_page, name="preview"),
    path(f"{_preview}/igen/", previews.preview_again, name="preview_again"),
    path(f"{_preview}/fil.pdf", previews.preview_file, name="preview_file"),
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
    path(_letterhead, letterhead.letterheads, name="letterheads"),
    path(f"{_letterhead}valj/", letterhead.choose, name="choose_letterhead"),
    path(f"{_letterhead}exempel.docx", letterhead.sample, name="letterhead_sample"),
    path(f"{_letterhead}<int:number>/prov.docx", letterhead.trial, name="letterhead_trial"),
    path(
        f"{_letterhead}<int:number>/prov.pdf",
        letterhead.trial_pdf_view,
        name="letterhead_trial_pdf",
    ),
    re_path(
        r"^(?P<association>[-\w]+)/logotyp/(?P<checksum>[0-9a-f]{64})/$",
        letterhead.logo,
        name="logo",
    ),
    re_path(rf"{_document}/$", views.document, name="document"),
    re_path(rf"{_document}\.docx$", views.document_docx, name="document_docx"),
]
