"""Doing something once: the same request sent again gets the same answer, never a second effect."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction

from applications.models import CompletedAct
from finsam.associations.models import Association
from finsam.errors import Conflict
from finsam.people.models import User
from finsam.registry.canonical import digest

Result = TypeVar("Result", bound=models.Model)


class ReusedKey(Conflict):
    """The key of an act that was carried out came again with other content: 409."""


def new_key() -> str:
    """A key for the hidden field of a form that is to be carried out once."""
    return uuid.uuid4().hex


def once(
    model: type[Result],
    *,
    association: Association,
    action: str,
    key: str,
    actor: User,
    content: Mapping[str, Any],
    act: Callable[[], Result],
) -> Result:
    """Carry out `act` and remember its result under the key, both in one transaction.

    Called again with the same key, person and content the first result is given back; when
    several come at once the others wait for the first. An act that fails leaves no trace, so
    the key can be used again. Raises ReusedKey when the content is another.
    """
    mark = digest({"actor": actor.pk, **content})
    row = CompletedAct(
        association=association, action=action, key=key[:64], actor=actor, digest=mark
    )
    with transaction.atomic():
        CompletedAct.objects.bulk_create([row], ignore_conflicts=True)
        kept = CompletedAct.objects.select_for_update().get(
            association=association, action=action, key=key[:64]
        )
        if kept.digest != mark:
            raise ReusedKey(
                "reused_key",
                "Formuläret har redan skickats en gång med annat innehåll. Inget har ändrats nu. "
                "Öppna sidan på nytt, se vad som gäller och skicka därifrån.",
            )
        if kept.object_id is not None:
            return model._default_manager.get(pk=kept.object_id)
        result = act()
        CompletedAct.objects.filter(pk=kept.pk).update(object_id=result.pk)
    return result
