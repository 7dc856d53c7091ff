"""The register, open as far as the association chooses, and the events behind it."""

from __future__ import annotations

from django.urls import path

from finsam.registry.views import office, public

app_name = "registry"
urlpatterns = [
    path("<slug:association>/diarium/", public.register, name="register"),
    path("<slug:association>/diarium/<int:year>/<int:number>/", public.case, name="case"),
    path(
        "<slug:association>/kansli/sekretess/<int:year>/<int:number>/",
        office.secrecy,
        name="case_secrecy",
    ),
    path(
        "<slug:association>/kansli/sekretess/<int:year>/<int:number>/<int:sequence>/",
        office.secrecy,
        name="record_secrecy",
    ),
    path("<slug:association>/kansli/handelser/", office.events, name="events"),
    path("<slug:association>/kansli/handelser/<int:sequence>/", office.event, name="event"),
]
