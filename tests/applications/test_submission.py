from __future__ import annotations

import pytest

from finsam.messages.models import Message
from finsam.registry.models import Record
from tests.factories import make_round, make_submitted

pytestmark = pytest.mark.django_db


def test_submission_registers_freezes_and_tells(association, member, applicant, officer):
    round_ = make_round(association)
    application = make_submitted(round_, member, applicant)
    assert application.state == "submitted"
    assert application.case.number == f"SFS {application.submitted_at.year}/1"
    assert [record.number for record in Record.objects.filter(case=application.case)] == [
        f"{application.case.number}-1"
    ]
    purposes = list(application.versions.order_by("number").values_list("purpose", flat=True))
    assert purposes == ["signing", "submission"]
    first, last = application.versions.order_by("number")
    assert first.content_hash == last.content_hash
    assert last.requested_amount == 500_000
    assert application.budget.is_locked
    receipts = Message.objects.filter(recipient=applicant, event_key__startswith="submitted:")
    assert receipts.count() == 1
    assert Message.objects.filter(recipient=officer, event_key__endswith=":office").count() == 1
