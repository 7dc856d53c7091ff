"""How the installation is, for those who watch over it: /halsa/."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Min
from django.db.models.functions import Coalesce
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from finsam import clock
from finsam.jobs.models import Job

# The sweep finds a lost promise after 15 seconds; several minutes mean that nobody works.
LATE = timedelta(minutes=5)


@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 when pages can be made, 503 when not; `late` names what lags behind the scenes."""
    try:
        queue = _queue()
    except DatabaseError:
        return JsonResponse({"database": False}, status=503)
    parts = {"queue": queue, "broker": _broker()}
    late = [name for name, part in parts.items() if not part["ok"]]
    return JsonResponse({"database": True, **parts, "late": late})


def _queue() -> dict[str, Any]:
    """Promised work that could be begun now: how much, and how long the oldest has waited."""
    found = Job.objects.due().aggregate(
        waiting=Count("pk"), since=Min(Coalesce("not_before", "created_at"))
    )
    age = clock.now() - found["since"] if found["since"] else timedelta()
    return {
        "ok": age < LATE,
        "waiting": found["waiting"],
        "oldest_seconds": round(age.total_seconds()),
    }


def _broker() -> dict[str, Any]:
    """Whether hints can be sent, and how many wait to be read."""
    if settings.CELERY_BROKER_URL.startswith("redis"):
        client = redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=1, socket_timeout=1
        )
        try:
            return {"ok": True, "waiting": client.llen("celery")}
        except redis.RedisError:
            return {"ok": False}
        finally:
            client.close()
    folder = Path(settings.CELERY_BROKER_TRANSPORT_OPTIONS["data_folder_in"])
    messages = [message.stat().st_mtime for message in folder.glob("*.celery.msg")]
    age = clock.now().timestamp() - min(messages) if messages else 0.0
    return {"ok": age < LATE.total_seconds(), "waiting": len(messages)}
