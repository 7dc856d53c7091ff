"""What the tests of applications share: a round and drafts at their steps."""

from __future__ import annotations

import pytest

from applications.models import Application, Round
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests.factories import make_complete, make_draft, make_round, make_signed


@pytest.fixture
def round_(association: Association) -> Round:
    return make_round(association)


@pytest.fixture
def region(association: Association) -> Member:
    return association.members.get(slug="regionen")


@pytest.fixture
def draft(round_: Round, member: Member, applicant: User) -> Application:
    return make_draft(round_, member, applicant)


@pytest.fixture
def complete(round_: Round, member: Member, applicant: User) -> Application:
    return make_complete(round_, member, applicant)


@pytest.fixture
def signed(round_: Round, member: Member, applicant: User) -> Application:
    return make_signed(round_, member, applicant)
