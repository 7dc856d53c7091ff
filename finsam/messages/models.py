"""What is sent and written: mail kept as rows, threads of posts and who has read them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from finsam import clock
from finsam.associations.models import Association
from finsam.jobs.models import Job
from finsam.people.models import User
from finsam.registry.models import Case


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> MessageQuerySet:
        """Mail to the person, and no other's."""
        return self.filter(recipient=user)


class Message(models.Model):
    """A mail to one recipient about one event; the database lets it exist only once.

    The text is kept as written when it was promised, so a later change of the template or of
    the case does not change what somebody was told.
    """

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="messages")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="messages"
    )
    address = models.EmailField("till")
    event_key = models.CharField("händelse", max_length=160)
    subject = models.CharField("ämne", max_length=200)
    body = models.TextField("text")
    calendar = models.BinaryField("kalenderfil", null=True)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="messages")
    job = models.OneToOneField(Job, on_delete=models.PROTECT, null=True, related_name="message")
    created_at = models.DateTimeField("skrivet", default=clock.now)
    sent_at = models.DateTimeField("skickat", null=True)
    read_at = models.DateTimeField("läst", null=True)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "meddelande"
        verbose_name_plural = "meddelanden"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["association", "address", "event_key"], name="message_once_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} till {self.address}"


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, user: User) -> ThreadQuerySet:
        """Threads in which the person takes part."""
        return self.filter(participants__user=user)

    def with_unread(self, user: User) -> ThreadQuerySet:
        """Adds `unread` (others' posts not seen by the person) and `latest_at`; latest first."""
        seen = Participant.objects.filter(thread=OuterRef("pk"), user=user)
        last = Post.objects.filter(thread=OuterRef("pk")).order_by("-id")
        return (
            self.annotate(
                seen=Coalesce(
                    Subquery(seen.values("seen_post_id")[:1]),
                    0,
                    output_field=models.BigIntegerField(),
                ),
                latest_at=Coalesce(Subquery(last.values("written_at")[:1]), F("opened_at")),
            )
            .annotate(
                unread=Count("posts", filter=Q(posts__id__gt=F("seen")) & ~Q(posts__author=user))
            )
            .order_by("-latest_at", "-pk")
        )


class Thread(models.Model):
    """A conversation about something, between those who take part in it."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="threads")
    subject = models.CharField("ämne", max_length=200)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="threads")
    opened_at = models.DateTimeField("öppnad", default=clock.now)

    objects: ClassVar[Any] = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = "konversation"
        verbose_name_plural = "konversationer"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.subject


class Post(models.Model):
    """One contribution to a thread; never edited, an error is put right in a new one."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts"
    )
    body = models.TextField("inlägg")
    written_at = models.DateTimeField("skrivet", default=clock.now)

    class Meta:
        verbose_name = "inlägg"
        verbose_name_plural = "inlägg"
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="post_has_body")]

    def __str__(self) -> str:
        return f"{self.author}: {self.body[:40]}"


class Participant(models.Model):
    """Somebody who takes part in a thread, and how far they have read."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="participations"
    )
    seen_post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "deltagare"
        verbose_name_plural = "deltagare"
        constraints = [
            models.UniqueConstraint(fields=["thread", "user"], name="participant_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} i {self.thread}"
