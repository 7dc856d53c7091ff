"""A programme written out is the programme read in: all five, and what TOML finds difficult."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from applications.models import Programme
from applications.programme_definition import (
    PROGRAMMES,
    as_json,
    definition_of,
    parse_programme,
    read_programme,
)
from applications.programme_export import programme_as_toml
from applications.programmes_loading import load_definition, load_programme
from finsam.definitions_writing import to_toml

FILES = sorted(PROGRAMMES.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_written_and_read_again_it_is_the_same_definition(path):
    definition = read_programme(path)
    assert parse_programme(to_toml(definition), file=path.name) == definition
    assert definition_of(as_json(definition), file=path.name) == definition


@pytest.mark.parametrize(
    "text",
    [
        '"""',
        "rad\n\n\n\tindrag",
        'C:\\temp "så"',
        "a\u2028b\u00a0c\u0007d",
        "slut\\",
        "\U0001f600 ok",
    ],
)
def test_every_text_survives(text):
    definition = replace(read_programme(FILES[0]), purpose=text)
    assert parse_programme(to_toml(definition), file=FILES[0].name).purpose == text


@pytest.mark.django_db
@pytest.mark.anywhere
def test_load_export_load_changes_nothing():
    for path in FILES:
        loaded = load_programme(path)
        text = programme_as_toml(loaded.programme)
        again = load_definition(parse_programme(text, file=path.name))
        assert again.changes == (), path.stem
    out = StringIO()
    call_command("export_programme", FILES[0].stem, stdout=out)
    assert parse_programme(out.getvalue(), file=FILES[0].name) == read_programme(FILES[0])
    with pytest.raises(CommandError, match=Programme.objects.order_by("slug")[0].slug):
        call_command("export_programme", "finns-inte")
