"""Addresses that anyone may read, and the dialogue about a template that grows out of them."""

from __future__ import annotations

from django.urls import path

from applications.views import dialogue, public

ROUND = "<slug:association>/omgangar/<slug:slug>/"
TEMPLATE = "<slug:association>/mallar/<slug:programme>/<int:version>/"

urlpatterns = [
    path("<slug:association>/", public.landing, name="landing"),
    path("<slug:association>/sa-gar-det-till/", public.process, name="process"),
    path("<slug:association>/beslut/", public.decisions, name="decisions"),
    path("<slug:association>/om/", public.about, name="about"),
    path(ROUND, public.round_page, name="round"),
    path(f"{ROUND}fragor/", public.questions, name="round_questions"),
    path(f"{ROUND}kan-vi-soka/", public.eligibility, name="round_eligibility"),
    path(f"{ROUND}fraga/", dialogue.ask, name="round_ask"),
    path(TEMPLATE, dialogue.template, name="template"),
    path(f"{TEMPLATE}skicka-forslag/", dialogue.propose, name="template_propose"),
    path(f"{TEMPLATE}faststall/", dialogue.finalise, name="template_final"),
    path(f"{TEMPLATE}fragor/<slug:question>/", dialogue.question, name="template_question"),
    path(f"{TEMPLATE}kommentarer/<int:comment>/", dialogue.answer, name="template_answer"),
]
