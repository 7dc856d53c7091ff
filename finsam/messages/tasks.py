"""The jobs of this room."""

from __future__ import annotations

from finsam.jobs.handlers import Finish, Report, handler
from finsam.jobs.models import Job
from finsam.messages.mail import deliver, mark_sent
from finsam.messages.models import Message


# A mail server may be away for hours; with pauses of ten minutes this is some six.
@handler("mail", attempts=40, title="Skicka e-post")
def send(job: Job, report: Report) -> Finish:
    message = Message.objects.select_related("association").get(pk=job.arguments["message"])
    if message.sent_at is None:
        report(10, f"Skickar till {message.address}")
        deliver(message)
    return lambda: mark_sent(message)
