"""Addresses of the tenant itself."""

from __future__ import annotations

from django.urls import path

from finsam.associations import views

app_name = "associations"
urlpatterns = [
    path("<slug:association>/utseende.css", views.appearance, name="appearance"),
]
