"""What every test may ask for: two associations, people in every role, and clients for them."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client, TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from finsam.associations.models import Association, Member, PartyKind
from finsam.people.models import Role, RoleKind, User
from finsam.registry.append_only import append_only_lifted
from tests import migrated
from tests.kept import _askers, _django_db_helper, _layers, _rows_kept, kept  # noqa: F401

LONG_AGO = date(2020, 1, 1)
RACES = Path(__file__).with_name("races")

# A busy machine is slow, which is no fault of what is tried.
hypothesis.register_profile("portal", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("portal")

# --- the machine ------------------------------------------------------------------------------


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, with the reason, what this run has not been given the means for.

    What asks no database, or is marked `anywhere`, says the same beside every database: it runs
    beside SQLite alone. So do the tests of what a page says, since `access/test_other_database`
    opens every page beside PostgreSQL too.
    """
    postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    if postgres:
        alike = [item for item in items if _is_alike_everywhere(item)]
        config.hook.pytest_deselected(items=alike)
        items[:] = [item for item in items if not _is_alike_everywhere(item)]
    reasons = {
        "postgres": None if postgres else "DATABASE_URL names no PostgreSQL",
        "redis": None if settings.BROKER_URL.startswith("redis") else "BROKER_URL names no Redis",
        "nightly": None if os.environ.get("NIGHTLY") else "NIGHTLY is not set",
    }
    for item in items:
        if item.get_closest_marker("alone") and RACES not in item.path.parents:
            raise pytest.UsageError(f"{item.nodeid}: `make test` looks for `alone` in {RACES}.")
        for marker, reason in reasons.items():
            if reason and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it is not looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _is_alike_everywhere(item: pytest.Item) -> bool:
    if item.get_closest_marker("anywhere"):
        return True
    asks = {"db", "transactional_db"} & set(getattr(item, "fixturenames", ()))
    return not asks and item.get_closest_marker("django_db") is None


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None) -> bool:
    """Begin with a copy of a database that is migrated already, where there is one."""
    if connection.vendor != "sqlite":
        return False
    migrated.bring_to(Path(connection.settings_dict["TEST"]["NAME"]))
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Let the processes that a test starts find the test's own database."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        migrated.keep(Path(database["NAME"]))
        os.environ["DATABASE_URL"] = f"sqlite:///{database['NAME']}"
        return
    user, password = (quote(str(database[part]), safe="") for part in ("USER", "PASSWORD"))
    host, port = database["HOST"] or "127.0.0.1", database["PORT"] or 5432
    os.environ["DATABASE_URL"] = f"postgres://{user}:{password}@{host}:{port}/{database['NAME']}"


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Rate limits of one test do not reach into the next."""
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _append_only_tables_can_be_emptied() -> Iterator[None]:
    """Tests with real transactions empty all tables afterwards, which the triggers would refuse."""
    flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(test: TransactionTestCase) -> None:
        if _fires_triggers_as_told():
            _delete_all_rows()
            return
        with append_only_lifted(connection):
            flush(test)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


def _fires_triggers_as_told() -> bool:
    """Whether this is PostgreSQL, asked by one who may leave its triggers out."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _delete_all_rows() -> None:
    """What `flush` leaves behind, but without the seconds that TRUNCATE of every table takes.

    Content types and permissions stay: `flush` would make them anew.
    """
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    rows = set(tables) - {"django_content_type", "auth_permission"}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("; ".join(f'DELETE FROM "{table}"' for table in sorted(rows)))


def is_refused(sql: str, *values: object) -> bool:
    """Whether the database itself refuses the statement, since what it is about is on record."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError as refusal:
        return "append-only" in str(refusal)
    return False


# --- the associations -------------------------------------------------------------------------


def found_association(slug: str, name: str, prefix: str) -> Association:
    """An association with its five kinds of party."""
    association = Association.objects.create(
        slug=slug,
        name=name,
        short_name=name,
        initials=name[:2],
        kind="coordination",
        email=f"kansli@{slug}.exempel.se",
        register_prefix=prefix,
    )
    parties = (
        ("kommunen", "Ekby kommun", PartyKind.MUNICIPALITY),
        ("grannkommunen", "Alby kommun", PartyKind.MUNICIPALITY),
        ("regionen", "Region Sjö", PartyKind.REGION),
        ("fk", "Försäkringskassan", PartyKind.INSURANCE_AGENCY),
        ("af", "Arbetsförmedlingen", PartyKind.EMPLOYMENT_SERVICE),
    )
    for position, (part, title, kind) in enumerate(parties):
        Member.objects.create(
            association=association,
            slug=part,
            name=title,
            short_name=title,
            kind=kind,
            position=position,
        )
    return association


@kept
def association(db: None) -> Association:
    return found_association("sjo", "Samordningsförbundet Sjö", "SFS")


@kept
def other_association(db: None) -> Association:
    return found_association("berg", "Samordningsförbundet Berg", "SBE")


@kept
def member(association: Association) -> Member:
    """The municipality that the applicant writes for."""
    return association.members.get(slug="kommunen")


@kept
def other_member(association: Association) -> Member:
    return association.members.get(slug="grannkommunen")


# --- people in every role ---------------------------------------------------------------------


def person_with_role(
    kind: RoleKind,
    association: Association,
    *,
    member: Member | None = None,
    name: str = "",
    valid_from: date = LONG_AGO,
    valid_to: date | None = None,
) -> User:
    """A new person who holds one role; the address tells which and where."""
    number = User.objects.count() + 1
    user = User.objects.create_user(
        email=f"{kind}{number}@{association.slug}.exempel.se",
        password="ett långt lösenord",
        name=name or f"{RoleKind(kind).label} {number}",
    )
    Role.objects.create(
        user=user,
        association=association,
        kind=kind,
        member=member,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return user


@kept
def applicant(association: Association, member: Member) -> User:
    return person_with_role(RoleKind.APPLICANT, association, member=member)


@kept
def other_applicant(association: Association, other_member: Member) -> User:
    """Writes for another party of the same association."""
    return person_with_role(RoleKind.APPLICANT, association, member=other_member)


@kept
def signatory(association: Association, member: Member) -> User:
    return person_with_role(RoleKind.SIGNATORY, association, member=member)


@kept
def officer(association: Association) -> User:
    return person_with_role(RoleKind.OFFICER, association)


@kept
def director(association: Association) -> User:
    return person_with_role(RoleKind.DIRECTOR, association)


@kept
def consultant(association: Association) -> User:
    return person_with_role(RoleKind.CONSULTATION, association)


@kept
def council_member(association: Association) -> User:
    return person_with_role(RoleKind.COUNCIL, association)


@kept
def board_member(association: Association) -> User:
    return person_with_role(RoleKind.BOARD, association)


@kept
def chair(association: Association) -> User:
    return person_with_role(RoleKind.CHAIR, association)


@kept
def auditor(association: Association) -> User:
    return person_with_role(RoleKind.AUDITOR, association)


@kept
def administrator(association: Association) -> User:
    return person_with_role(RoleKind.ADMINISTRATOR, association)


@kept
def foreign_director(other_association: Association) -> User:
    """The director of another association: a stranger here."""
    return person_with_role(RoleKind.DIRECTOR, other_association)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A client of one's own for a person, so that several can be signed in at once."""

    def as_person(user: User) -> Client:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return client

    return as_person
