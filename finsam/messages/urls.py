"""A person's messages in one association."""

from __future__ import annotations

from django.urls import path

from finsam.messages.views import person

app_name = "messages"
urlpatterns = [
    path("<slug:association>/meddelanden/", person.inbox, name="inbox"),
    path("<slug:association>/meddelanden/post/<int:message>/", person.message, name="message"),
    path(
        "<slug:association>/meddelanden/post/<int:message>/markera-som-last/",
        person.message_read,
        name="message_read",
    ),
    path("<slug:association>/meddelanden/samtal/<int:thread>/", person.thread, name="thread"),
    path(
        "<slug:association>/meddelanden/samtal/<int:thread>/markera-som-last/",
        person.thread_read,
        name="thread_read",
    ),
]
