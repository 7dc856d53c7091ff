"""Template tags of the shared components; see docs/ui.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    Field,
    FileInput,
    RadioSelect,
    Select,
)
from django.http import QueryDict
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from finsam.stale_forms import Typed, take_unsent
from finsam.ui import Bar, BarPart, Column, Status, bar, share_bar, status_of
from finsam.way_back import came_from

register = template.Library()


@register.simple_block_tag(takes_context=True)
def panel(
    context: Context,
    content: str,
    heading: str = "",
    status: Status | None = None,
    link: str = "",
    link_text: str = "",
    anchor: str = "",
    level: int = 2,
    aside: str = "",
) -> SafeString:
    """{% panel heading="Parter" %} … {% endpanel %}: a white box with a heading."""
    return render_to_string(
        "components/panel.html",
        {
            "content": content,
            "heading": heading,
            "status": status,
            "link": link,
            "link_text": link_text,
            "anchor": anchor,
            "level": level,
            "aside": aside,
        },
    )


@register.simple_block_tag(takes_context=True)
def next_panel(
    context: Context,
    content: str,
    heading: str = "",
    whose: str = "",
    due: Any = None,
    due_text: str = "Sista dag",
    status: Status | None = None,
) -> SafeString:
    """{% next_panel heading=… whose=… due=… %} … {% endnext_panel %}: the one accented panel."""
    return render_to_string(
        "components/next_panel.html",
        {
            "content": content,
            "heading": heading,
            "whose": whose,
            "due": due,
            "due_text": due_text,
            "status": status,
        },
    )


@register.inclusion_tag("components/status_tag.html")
def status_tag(state: object, looks: Mapping[str, Status] | None = None) -> dict[str, Status]:
    """{% status_tag application.state LOOKS %} or {% status_tag status %}."""
    if isinstance(state, Status):
        return {"status": state}
    return {"status": status_of(state, looks or {})}


@register.inclusion_tag("components/bar.html", name="bar")
def bar_tag(drawn: Bar, key: bool = True) -> dict[str, object]:
    """{% bar value %} with a finsam.ui.Bar; key=False leaves the key out."""
    return {"bar": drawn, "key": key}


@register.inclusion_tag("components/bar.html", name="share_bar")
def share_bar_tag(used: int, whole: int, label: str) -> dict[str, object]:
    """{% share_bar 1950000 1822868 "Sökt … av planerade …" %}: one sum against another."""
    return {"bar": share_bar(used, whole, label=label), "key": False}


@register.filter
def elided(page: Page[Any]) -> Iterator[int | str]:
    """Page numbers with gaps: 1 2 3 … 40."""
    return page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)


@register.simple_tag
def sort_query(query: QueryDict | None, key: str) -> str:
    """The query string that sorts by `key`, turning the direction when it already does."""
    asked = query.copy() if query is not None else QueryDict(mutable=True)
    asked["sort"] = f"-{key}" if asked.get("sort") == key else key
    asked.pop("sida", None)
    return f"?{asked.urlencode()}"


@register.simple_tag(takes_context=True)
def way_back(context: Context) -> str:
    """The page that the request was sent from."""
    request = context.get("request")
    return came_from(request) if request is not None else "/"


@register.simple_tag(takes_context=True)
def unsent(context: Context) -> Typed | None:
    """What had been typed when the session ended, once."""
    request = context.get("request")
    return take_unsent(request) if request is not None else None


@register.simple_tag
def page_query(query: QueryDict | None, number: int) -> str:
    """The query string of another page of the same list."""
    asked = query.copy() if query is not None else QueryDict(mutable=True)
    asked["sida"] = str(number)
    return f"?{asked.urlencode()}"


@register.filter
def sorted_by(query: QueryDict | None, key: str) -> str:
    """Value of aria-sort for a column: ascending, descending or none."""
    asked = query.get("sort") if query is not None else None
    return {key: "ascending", f"-{key}": "descending"}.get(asked or "", "none")


@register.filter
def storlek(size: int | None) -> str:
    """A file's size in the words people use: 840 kB, 2,4 MB."""
    if size is None:
        return ""
    if size < 1_000_000:
        return f"{max(round(size / 1000), 1)}\u00a0kB"
    return f"{size / 1_000_000:.1f}\u00a0MB".replace(".", ",")


@register.simple_tag
def widget(field: BoundField, css_class: str = "ds-input") -> SafeString:
    """A form field's control with Designsystemet's class."""
    attrs = field.field.widget.attrs
    if _plain(attrs.get("placeholder", "")) == _plain(field.label):
        del attrs["placeholder"]  # a label that repeats itself inside the box helps nobody
    kept = attrs.get("class", "")
    return mark_safe(field.as_widget(attrs={"class": f"{css_class} {kept}".strip()}))


def _plain(text: object) -> str:
    return str(text).replace("-", "").lower() or "-"


@register.filter
def device(user_agent: str) -> str:
    """What people call the thing they sit at: Firefox på Windows."""
    browsers = {
        "Edg": "Edge",
        "OPR": "Opera",
        "Firefox": "Firefox",
        "Chrome": "Chrome",
        "Safari": "Safari",
    }
    systems = {
        "iPhone": "iPhone",
        "iPad": "iPad",
        "Android": "Android",
        "Windows": "Windows",
        "Macintosh": "Mac",
        "Linux": "Linux",
    }
    browser = next((name for mark, name in browsers.items() if mark in user_agent), "Webbläsare")
    system = next((name for mark, name in systems.items() if mark in user_agent), "okänt system")
    return f"{browser} på {system}"


@register.filter
def choices(field: BoundField) -> Any:
    """The single options of radio buttons and checkboxes, with Designsystemet's class."""
    field.field.widget.attrs["class"] = "ds-input"
    return field.subwidgets


@register.filter
def control(field: BoundField) -> str:
    """What sort of control the field pack draws; a widget may name its own as `control`."""
    chosen = getattr(field.field.widget, "control", "")
    if chosen:
        return str(chosen)
    name = type(field.field.widget).__name__
    return {
        "CheckboxInput": "checkbox",
        "RadioSelect": "choices",
        "CheckboxSelectMultiple": "choices",
        "FileInput": "file",
        "ClearableFileInput": "file",
        "Textarea": "textarea",
        "HiddenInput": "hidden",
        "DateInput": "date",
    }.get(name, "plain")


@register.filter
def beside(cells: Sequence[Any], columns: Sequence[Column]) -> Iterator[tuple[Any, Column]]:
    """Each cell of a row with its column; both are as many."""
    return zip(cells, columns, strict=True)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: as it is said beside it, and in the summary on top."""

    text: str
    in_summary: str


@register.filter
def faults(field: BoundField) -> list[Fault]:
    """Each fault of a field; that it is empty is said with its name, by what one does there."""
    empty = str(Field.default_error_messages["required"])
    return [
        _empty(field) if text == empty else Fault(text, _after_label(field, text))
        for text in map(str, field.errors)
    ]


def _empty(field: BoundField) -> Fault:
    label = str(field.label)
    is_question, widget = label.endswith("?"), field.field.widget
    if isinstance(widget, CheckboxSelectMultiple):
        does, at = "Välj minst ett svar", "under"
    elif isinstance(widget, RadioSelect):
        does, at = "Välj ett av svaren", "under"
    elif isinstance(widget, Select):
        does, at = ("Välj i listan", "") if is_question else ("Välj", "i listan")
    elif isinstance(widget, FileInput):
        does, at = "Välj en fil", "under"
    elif isinstance(widget, CheckboxInput):
        does, at = "Kryssa i", ""
    else:
        does, at = ("Svara på frågan", "") if is_question else ("Fyll i", "")
    if is_question:
        return Fault(f"{does}.", _after_label(field, f"{does}."))
    asked = f"{does} {at} ”{label}”.".replace("  ", " ")
    return Fault(asked, asked)


def _after_label(field: BoundField, text: str) -> str:
    label = str(field.label)
    return f"{label}{'' if label.endswith('?') else ':'} {text}"


@register.filter
def place(field: BoundField) -> str:
    """The id that a link to the field leads to: its control, the first one of several."""
    return f"{field.auto_id}_0" if control(field) == "choices" else str(field.auto_id)


@register.filter
def whole_bar(parts: list[BarPart], label: str) -> Bar:
    """{{ parts|whole_bar:"Sökt per kommun" }}: parts that fill the bar."""
    return bar(parts, label=label)
