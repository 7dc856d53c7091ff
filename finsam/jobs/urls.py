"""What is going on in the background, for the office."""

from __future__ import annotations

from django.urls import path

from finsam.jobs.views import office

app_name = "jobs"
urlpatterns = [
    path("<slug:association>/kansli/arbeten/", office.jobs, name="jobs"),
    path(
        "<slug:association>/kansli/arbeten/<int:job>/forsok-igen/", office.retry, name="try_again"
    ),
]
