"""The administrator's addresses."""

from __future__ import annotations

from django.urls import path

from finsam.administration import views, views_operator
from finsam.administration.personal_data.views import personal_data

HOME = "<slug:association>/administration/"

app_name = "administration"
urlpatterns = [
    path("nytt-forbund/", views_operator.new_association, name="new_association"),
    path(f"{HOME}personer/", views.people, name="people"),
    path(f"{HOME}personer/ny-roll/", views.new_role, name="new_role"),
    path(f"{HOME}personer/roller/<int:role>/avsluta/", views.end, name="end_role"),
    path(f"{HOME}personuppgifter/", personal_data, name="personal_data"),
    path(f"{HOME}medlemmar/", views.members, name="members"),
    path(f"{HOME}medlemmar/ny/", views.new_member, name="new_member"),
    path(f"{HOME}medlemmar/<int:member>/", views.member, name="member"),
]
