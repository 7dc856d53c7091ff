"""People and the roles they hold, each in one association, from a day to a day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import F, Q

from finsam import clock
from finsam.associations.models import Association, Member

ERASED_ADDRESS = "@avslutad.invalid"
"""How the address of an account ends whose person has been erased."""
ERASED_NAME = "Raderad person"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address is the name to sign in with; what one may do are roles."""

    email = models.EmailField("e-post", unique=True)
    name = models.CharField("namn", max_length=120)
    title = models.CharField("titel", max_length=120, blank=True)
    phone = models.CharField("telefon", max_length=40, blank=True)
    is_active = models.BooleanField("aktiv", default=True)
    is_staff = models.BooleanField("driftpersonal", default=False)
    created_at = models.DateTimeField("upplagd", default=clock.now, editable=False)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "personer"

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_erased(self) -> bool:
        """Whether the account has been closed and emptied for the person's sake."""
        return self.email.endswith(ERASED_ADDRESS)

    @property
    def shown_name(self) -> str:
        """The name in lists that need not say who it was. The record says `name`: who decided,
        signed, attested, voted or wrote in a case (arkivlagen; GDPR article 17.3 b and d).
        """
        return ERASED_NAME if self.is_erased else self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]


class RoleKind(models.TextChoices):
    APPLICANT = "applicant", "Sökande"
    SIGNATORY = "signatory", "Firmatecknare"
    OFFICER = "officer", "Handläggare"
    DIRECTOR = "director", "Förbundschef"
    CONSULTATION = "consultation", "Samrådsgrupp"
    COUNCIL = "council", "Ledamot i beredande organ"
    BOARD = "board", "Styrelseledamot"
    CHAIR = "chair", "Ordförande"
    AUDITOR = "auditor", "Revisor"
    ADMINISTRATOR = "administrator", "Administratör"


class RoleQuerySet(models.QuerySet["Role"]):
    def held_on(self, day: date) -> RoleQuerySet:
        """Roles that hold on a day, both ends included."""
        return self.filter(valid_from__lte=day).filter(Q(valid_to=None) | Q(valid_to__gte=day))


class Role(models.Model):
    """A role in one association, for a member organisation where that matters."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="roles")
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="roles")
    kind = models.CharField("roll", max_length=20, choices=RoleKind)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="roles"
    )
    valid_from = models.DateField("från och med")
    valid_to = models.DateField("till och med", null=True, blank=True)
    delegation = models.CharField("stöd för behörigheten", max_length=200, blank=True)

    objects: ClassVar[Any] = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = "roll"
        verbose_name_plural = "roller"
        ordering = ["association", "kind", "user"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "association", "kind", "member", "valid_from"],
                condition=Q(member__isnull=False),
                name="role_for_member_unique",
            ),
            models.UniqueConstraint(
                fields=["user", "association", "kind", "valid_from"],
                condition=Q(member__isnull=True),
                name="role_without_member_unique",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="role_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["applicant", "signatory"]) | Q(member__isnull=False),
                name="role_of_applicant_has_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_kind_display()}, {self.association}"
