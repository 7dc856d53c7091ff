"""What the tests of applications share: a round and drafts at their steps."""

from __future__ import annotations

from applications.models import Application, Round
from finsam.associations.models import Association, Member
from finsam.people.models import User
from tests.factories import make_complete, make_draft, make_round, make_signed
from tests.kept import kept


@kept
def round_(association: Association) -> Round:
    return make_round(association)


@kept
def region(association: Association) -> Member:
    return association.members.get(slug="regionen")


@kept
def draft(round_: Round, member: Member, applicant: User) -> Application:
    return make_draft(round_, member, applicant)


@kept
def complete(round_: Round, member: Member, applicant: User) -> Application:
    return make_complete(round_, member, applicant)


@kept
def signed(round_: Round, member: Member, applicant: User) -> Application:
    return make_signed(round_, member, applicant)
