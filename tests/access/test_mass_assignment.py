"""P-07: no form takes, and no page reads, what only the portal itself may set."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.http import QueryDict

# Whose it is, how far it has come, what was granted, who may do everything.
PROTECTED = (
    "association", "association_id", "state", "status", "granted_amount", "amount_granted",
    "is_staff", "is_superuser", "submitted_at", "created_by",
)  # fmt: skip
FLOORS = ("finsam", "budgets", "applications", "boards")
READ = re.compile(r"""POST(?:\.get|\.getlist|\.pop)?[\[(]\s*f?["'](\w+)["']""")


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        for path in sorted((Path(settings.BASE_DIR) / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def form_kinds() -> list[type[forms.BaseForm]]:
    """Every form of our own, wherever it stands."""
    for path in sources():
        if "forms" in path.stem or "views" in str(path):
            parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
            import_module(".".join(parts).removesuffix(".__init__"))
    waiting, found = [forms.BaseForm], set()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.split(".")[0] in FLOORS:
                found.add(kind)
    return sorted(found, key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


FORMS = form_kinds()


def test_P07_the_forms_are_found():
    assert len(PROTECTED) == 10
    assert len(FORMS) > 50


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: f"{kind.__module__}.{kind.__qualname__}")
def test_P07_no_form_has_a_field_for_what_the_portal_sets(kind):
    assert set(kind.base_fields) & set(PROTECTED) == set()
    if issubclass(kind, forms.ModelForm) and getattr(kind, "_meta", None) and kind._meta.model:
        assert kind._meta.fields not in (None, "__all__"), "names its fields one by one"


def test_P07_what_is_sent_besides_is_not_among_what_a_form_has_taken():
    extra = "&".join(f"{name}=1" for name in PROTECTED)
    tried = 0
    for kind in FORMS:
        try:
            form = kind(QueryDict(extra))
        except (TypeError, KeyError):
            continue  # wants to know for whom it is: its fields are looked at above
        form.is_valid()
        assert set(getattr(form, "cleaned_data", {})) & set(PROTECTED) == set(), kind
        tried += 1
    assert tried > 30


def test_P07_no_page_reads_such_a_name_past_the_forms():
    read = {
        (path.name, name)
        for path in sources()
        for name in READ.findall(path.read_text())
        if name in PROTECTED
    }
    assert read == set()
    whole = re.compile(r"\(\s*\*\*\s*\w*\.?POST\b")
    assert [path.name for path in sources() if whole.search(path.read_text())] == []
