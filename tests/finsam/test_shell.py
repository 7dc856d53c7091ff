"""The shell of every page, the components and the fields, as HTML; their look is for journeys."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, ButtonHolder, Div, Fieldset, Layout, Row, Submit
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import CharField, ChoiceField, Form, RadioSelect, formset_factory
from django.http import QueryDict
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from finsam import clock, ui
from finsam.associations.colour import contrast_with_white, validate_colour
from finsam.associations.models import Association
from finsam.associations.views import style_sheet
from finsam.fields import DayField, LongTextField, MoneyField
from finsam.people.models import Role, RoleKind, User

pytestmark = pytest.mark.anywhere

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "documents" not in path.parts and "mail" not in path.parts]
SCRIPTS = sorted((settings.BASE_DIR / "static").rglob("*.js"))
FOOT = ["tillganglighet/", "personuppgifter/", "anslagstavla/", "diarium/"]


class Page(HTMLParser):
    """The tags of a page, with what one asks of them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attrs
            for name, attrs in self.tags
            if name == tag and all(attrs.get(key) == value for key, value in wanted.items())
        ]

    @property
    def ids(self) -> list[str]:
        return [str(attrs["id"]) for _, attrs in self.tags if attrs.get("id")]


def page_of(client: Client, address: str, status: int = 200) -> Page:
    answer = client.get(address, secure=True)
    assert answer.status_code == status
    return Page(answer.content.decode())


# --- the shell --------------------------------------------------------------------------------


def test_the_shell_names_the_association_and_leads_on(
    client: Client, association: Association
) -> None:
    page = page_of(client, "/sjo/tillganglighet/")
    links = [attrs.get("href") for attrs in page.all("a")]

    assert page.all("html", lang="sv")
    assert links[0] == "#innehall"
    assert page.all("main", id="innehall")
    assert page.all("a", **{"class": "brand"})[0]["href"] == "/sjo/"
    assert {attrs["href"] for attrs in page.all("link", rel="stylesheet")} >= {
        "/sjo/utseende.css",
        "/static/portal.css",
    }
    assert [link for link in links if link in {f"/sjo/{part}" for part in FOOT}] == [
        f"/sjo/{part}" for part in FOOT
    ]
    assert "/kontrollera/" in links
    assert len(page.all("h1")) == 1
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("", ["/sjo/"]),
        ("anslagstavla/", ["/sjo/beslut/"]),
        ("oppna-data/", ["/sjo/beslut/"]),
        ("diarium/", []),
        ("tillganglighet/", []),
    ],
)
def test_a_visitor_sees_under_which_link_the_page_lies(
    client: Client, association: Association, path: str, current: list[str]
) -> None:
    nav = client.get(f"/{association.slug}/{path}", secure=True).context["nav"]
    assert [link.url for link in nav if link.current] == current


def test_the_shell_says_who_is_signed_in_and_lets_one_out(sign_in: Any, director: User) -> None:
    answer = sign_in(director).get("/sjo/personuppgifter/", secure=True)
    html = answer.content.decode()

    assert director.name in html
    assert "Förbundschef" in html
    assert 'action="/konto/logout/"' in html
    assert "Logga in" not in html


def test_who_holds_several_roles_can_go_between_them(
    sign_in: Any, officer: User, member: Any
) -> None:
    held = {"association": member.association, "valid_from": date(2020, 1, 1)}
    Role.objects.create(user=officer, kind=RoleKind.BOARD, **held)
    Role.objects.create(user=officer, kind=RoleKind.APPLICANT, member=member, **held)

    context = sign_in(officer).get("/sjo/personuppgifter/", secure=True).context

    assert {place.text for place in context["places"]} <= {
        "Handläggare",
        "Styrelseledamot",
        "Sökande för Ekby kommun",
    }
    assert len(context["places"]) != 1


def test_the_front_page_lists_the_associations(
    client: Client, association: Association, other_association: Association
) -> None:
    html = client.get("/", secure=True).content.decode()

    assert association.name in html
    assert other_association.name in html
    assert "Exempeldata" not in html


def test_example_data_says_so(client: Client, association: Association) -> None:
    Association.objects.update(is_demo=True)

    assert "Exempeldata" in client.get("/sjo/personuppgifter/", secure=True).content.decode()


@pytest.mark.django_db
def test_X05_the_scripts_are_only_files_that_pages_can_be_without(client: Client) -> None:
    page = page_of(client, "/konto/login/")

    assert page.all("script")
    assert all(attrs.get("src") for attrs in page.all("script"))
    assert all("defer" in attrs or attrs.get("type") == "module" for attrs in page.all("script"))


# --- H-02: nothing that the content security policy would have to forgive ---------------------


@pytest.mark.django_db
def test_H02_htmx_evaluates_nothing_and_asks_nobody_else(client: Client) -> None:
    page = page_of(client, "/konto/login/")
    config = json.loads(str(page.all("meta", name="htmx-config")[0]["content"]))

    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_H02_no_template_has_style_or_script_of_its_own(path: Path) -> None:
    text = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", path.read_text(), flags=re.DOTALL)

    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style", text)
    assert not re.search(r"\shx-on", text)
    assert not re.search(r"[\s\"']on[a-z]+\s*=\s*[\"']", text)
    assert not re.search(r"javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_H02_no_script_evaluates_text_or_writes_html(path: Path) -> None:
    text = path.read_text()

    assert not re.search(r"\beval\(|new Function|innerHTML|outerHTML|insertAdjacentHTML", text)
    assert not re.search(r"\.style\b|document\.write", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_templates_are_short(path: Path) -> None:
    limit = 40 if "components" in path.parts else 200

    assert len(path.read_text().splitlines()) <= limit


def test_every_file_that_pages_and_styles_name_exists() -> None:
    named = {
        name
        for path in PAGES
        for name in re.findall(r"{%\s*static\s+['\"]([^'\"]+)['\"]", path.read_text())
    }
    for sheet in ("portal.css", "components.css"):
        found = finders.find(sheet)
        assert found
        named |= set(re.findall(r"url\([\"']?([^\"')]+)", Path(found).read_text()))

    assert len(named) > 10
    assert [name for name in sorted(named) if not finders.find(name)] == []


# --- the association's look -------------------------------------------------------------------


def test_the_look_is_a_style_sheet_that_may_be_kept(
    client: Client, association: Association
) -> None:
    Association.objects.filter(pk=association.pk).update(colour="#7a1f3d")

    answer = client.get("/sjo/utseende.css", secure=True)

    assert answer.content == b":root{--association:#7a1f3d}\n"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert client.get("/finns-inte/utseende.css", secure=True).status_code == 404


@pytest.mark.parametrize(
    "colour", ["#ffffff", "#777777", "red", "#0b5d57;}body{display:none", "#0B5D57", "", "#fff"]
)
def test_a_colour_that_white_text_cannot_stand_on_is_not_used(colour: str) -> None:
    assert style_sheet(colour) == ":root{--association:#0b5d57}\n"
    with pytest.raises(ValidationError):
        validate_colour(colour)


def test_contrast_is_counted_as_wcag_counts() -> None:
    assert contrast_with_white("#ffffff") == pytest.approx(1.0)
    assert contrast_with_white("#000000") == pytest.approx(21.0)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    validate_colour("#767676")


# --- sign-in and errors in our shell ----------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("login/", "Logga in"),
        ("password/reset/", "Nytt lösenord"),
        ("password/reset/done/", "Se efter i din e-post"),
        ("password/reset/key/1-abc/", "Länken gäller inte längre"),
        ("password/reset/key/done/", "Lösenordet är bytt"),
        ("signup/", "Konton läggs upp av kansliet"),
        ("inactive/", "Kontot är stängt"),
        ("3rdparty/login/cancelled/", "Inloggningen avbröts"),
        ("3rdparty/login/error/", "Inloggningen gick inte"),
    ],
)
def test_pages_before_sign_in_are_ours(client: Client, address: str, heading: str) -> None:
    html = client.get(f"/konto/{address}", secure=True).content.decode()

    assert f"<h1>{heading}</h1>" in html
    assert 'class="site-head"' in html


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("logout/", "Stanna kvar"),
        ("password/change/", "Byt lösenord"),
        ("email/", "Dina e-postadresser"),
        ("reauthenticate/", "Bekräfta att det är du"),
        ("2fa/", "Reservkoder"),
        ("sessions/", "Inloggade enheter"),
        ("3rdparty/", "Kopplade inloggningar"),
    ],
)
def test_account_pages_are_ours(sign_in: Any, director: User, address: str, words: str) -> None:
    html = sign_in(director).get(f"/konto/{address}", secure=True).content.decode()

    assert words in html
    assert 'class="site-head"' in html
    assert not re.search(r"\b(Password|Sign|Email|Confirm|your)\b", re.sub(r"<[^>]+>", "", html))


def test_a_second_factor_is_set_up_in_our_pages(client: Client, director: User) -> None:
    password = {"login": director.email, "password": "ett långt lösenord"}
    client.post("/konto/login/", password, secure=True)
    proof = {"password": "ett långt lösenord", "next": "/konto/2fa/totp/activate/"}
    client.post("/konto/reauthenticate/", proof, secure=True)

    html = client.get("/konto/2fa/totp/activate/", secure=True).content.decode()

    assert "Sätt på tvåstegsinloggning" in html
    assert 'src="data:image/svg+xml' in html


def test_the_letter_about_a_new_password_is_in_swedish(
    client: Client, director: User, mailoutbox: list[Any]
) -> None:
    client.post("/konto/password/reset/", {"email": director.email}, secure=True)
    client.post("/konto/password/reset/", {"email": "okand@exempel.se"}, secure=True)

    ours, unknown = mailoutbox
    assert "Välj ett nytt lösenord" in ours.subject
    assert "/konto/password/reset/key/" in ours.body
    assert "inget konto" in unknown.body
    assert "{" not in ours.body + unknown.body


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "405", "500"])
def test_error_pages_stand_without_any_context(code: str) -> None:
    html = render_to_string(f"{code}.html")

    assert html.count("<h1>") == 1
    assert "startsidan" in html or "på nytt" in html


def test_who_lacks_a_role_is_told_which_one_holds_and_whom_to_ask(
    sign_in: Any, applicant: User, association: Association, rf: Any
) -> None:
    visitor = {"roles": list(applicant.roles.all())}
    context = {"user": applicant, "association": association, "visitor": visitor}

    html = " ".join(render_to_string("403.html", context, rf.get("/sjo/kansli/")).split())

    assert "har här rollen sökande" in html
    assert association.email in html


@pytest.mark.parametrize("address", ["/finns/inte/alls/", "/okand/anslagstavla/"])
def test_what_does_not_exist_has_our_page_while_developing_too(
    address: str, client: Client, association: Association, settings: Any
) -> None:
    settings.DEBUG = True
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "finsam.way_back.OwnNotFoundMiddleware"]

    answer = client.get(address, secure=True)

    assert (answer.status_code, "<h1>Sidan finns inte</h1>" in answer.text) == (404, True)
    assert client.get("/sjo", secure=True).status_code == 301, "the slash is still put on"


def test_H03_a_form_gone_stale_gives_the_text_back(director: User) -> None:
    client = Client(enforce_csrf_checks=True)
    text = "Bakgrund: <b>unga</b> utan arbete i hela länet, och mycket mer därtill."
    typed = {
        "background": text,
        "goal": "Fler i arbete",
        "amount": ["180 000", "2500"],
        "unit": "Primärvården",
        "password1": "p p" * 20,
        "key": "0b9f2f0e-5b1a-4d0c-9a51-3f0f6a1c7c11",
    }
    own = {"Origin": "https://testserver"}
    told = ({"Sec-Fetch-Site": "same-origin"}, own)
    others = ({"Sec-Fetch-Site": "cross-site", **own}, {"Origin": "https://annan.exempel"}, {})

    def answer(headers: dict[str, str]) -> str:
        page = client.post("/konto/password/change/", typed, secure=True, headers=headers)
        assert page.status_code == 403
        html = page.content.decode()
        assert "p pp p" not in html
        assert typed["key"] not in html
        return html

    signed_out = [answer(headers) for headers in told]
    unsaid = [answer(headers) for headers in others]
    client.force_login(director, backend=settings.AUTHENTICATION_BACKENDS[0])
    for html in (*signed_out, answer({})):
        assert "Bakgrund: &lt;b&gt;unga&lt;/b&gt; utan arbete" in html
        assert "Fler i arbete" in html
        assert "180 000\n2500\nPrimärvården</textarea>" in html
        assert "Kopiera det innan" in html
    for html in unsaid:
        assert "Fler i arbete" not in html, "another site does not choose our words"
        assert "Gå tillbaka i webbläsaren" in html


# --- components -------------------------------------------------------------------------------


def rendered(source: str, **context: Any) -> str:
    return Template("{% load ui typography %}" + source).render(Context(context))


def test_a_sum_in_a_title_is_not_broken_over_lines() -> None:
    title = "Begäran om 1 180 000 kr för 2026 Vägen vidare <b>"
    html = rendered("{{ title|obrutet }}", title=title)
    assert html == "Begäran om 1\u00a0180\u00a0000\u00a0kr för 2026 Vägen vidare &lt;b&gt;"


def test_a_status_is_a_word_with_a_tone() -> None:
    looks = {"draft": ui.Status("Utkast", "info")}

    html = rendered(
        "{% status_tag state looks %}{% status_tag 'okänt' looks %}", state="draft", looks=looks
    )

    assert re.findall(r'data-color="(\w+)"[^>]*>([^<]+)<', html) == [
        ("info", "Utkast"),
        ("neutral", "okänt"),
    ]


@given(
    amounts=st.lists(st.integers(min_value=-5, max_value=10**12), max_size=12),
    total=st.none() | st.integers(min_value=0, max_value=10**12),
)
def test_a_bar_never_leaves_its_ground(amounts: list[int], total: int | None) -> None:
    drawn = ui.bar([ui.BarPart("", amount) for amount in amounts], label="Prov", total=total)
    edges = [(float(piece.start[:-1]), float(piece.width[:-1])) for piece in drawn.slices]
    ends = [round(start + width, 2) for start, width in edges]

    assert len(drawn.slices) == sum(amount > 0 for amount in amounts)
    assert all(end <= 100 for end in ends)
    assert all(re.fullmatch(r"\d+\.\d\d%", piece.width) for piece in drawn.slices)
    assert [start for start, _ in edges[1:]] == ends[:-1]
    assert not ends or total or ends[-1] == 100


def test_a_bar_shows_what_goes_over_and_says_it_in_words() -> None:
    html = rendered("{% share_bar 1950000 1822868 'Sökt mer än planerat' %}")

    assert 'aria-label="Sökt mer än planerat"' in html
    assert [
        float(width)
        for width in re.findall(r'data-tone="\w+" x="[\d.]+%" y="0" width="([\d.]+)%"', html)
    ] == [93.48, 6.52]
    assert 'data-tone="over"' in html


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, ui.Status("försenat", "danger")), (0, ui.Status("i dag", "warning")), (1, None)],
)
def test_a_task_says_that_its_day_has_come_or_passed(days: int, said: ui.Status | None) -> None:
    task = ui.Task("Granska", when=clock.today() + timedelta(days=days))
    assert task.urgency == said
    html = rendered('{% include "components/task_list.html" with tasks=tasks only %}', tasks=[task])
    assert [word for word in ("försenat", "i dag") if word in html] == ([said.text] if said else [])


def test_texts_in_components_are_escaped() -> None:
    evil = "<img src=x onerror=alert(1)>"
    task = ui.Task(evil, "/x/", ui.Status(evil), evil)
    html = rendered(
        "{% panel heading=evil aside=evil %}{{ evil }}{% endpanel %}"
        "{% next_panel heading=evil whose=evil %}<p>{{ evil }}</p>{% endnext_panel %}"
        '{% include "components/task_list.html" with tasks=tasks only %}'
        '{% include "components/diff.html" with pieces=pieces only %}',
        evil=evil, tasks=[task], pieces=[("ins", evil), ("del", evil), ("same", evil)],
    )  # fmt: skip

    assert "<img" not in html
    assert html.count("&lt;img") == 12


def test_a_sorted_column_says_so_and_turns() -> None:
    columns = [ui.Column("Namn", sort="namn"), ui.Column("Sökt, kr", numeric=True, sort="sokt")]
    source = '{% include "components/table_head.html" with columns=columns query=query only %}'

    html = rendered(source, columns=columns, query=QueryDict("sort=namn&sida=3&q=a%26b"))

    assert re.findall(r'aria-sort="(\w+)"', html) == ["ascending", "none"]
    assert "?sort=-namn&amp;q=a%26b" in html
    assert "?sort=sokt&amp;q=a%26b" in html


def test_pages_of_a_list_keep_what_was_asked() -> None:
    page = Paginator(range(950), 50).page(4)
    source = '{% include "components/pagination.html" with page=page query=query only %}'

    html = rendered(source, page=page, query=QueryDict("q=väg&sida=4"))

    assert "Visar 151–200 av 950" in html
    assert re.findall(r'href="\?q=v%C3%A4g&amp;sida=(\d+)"', html) == [
        "3",
        "1",
        "2",
        "3",
        "4",
        "5",
        "19",
        "5",
    ]
    assert html.count('aria-current="page"') == 1


def test_an_empty_table_says_what_to_do_first() -> None:
    source = (
        '{% include "components/table.html" with caption="Ansökningar" columns=columns rows=rows '
        'empty_text="Börja med en idéskiss." empty_url="/ide/" empty_action="Skriv" only %}'
    )

    assert "<table" not in rendered(source, columns=[], rows=[])
    assert 'href="/ide/"' in rendered(source, columns=[], rows=[])


@pytest.mark.parametrize(
    ("size", "words"),
    [(1, "1\u00a0kB"), (840_000, "840\u00a0kB"), (2_412_000, "2,4\u00a0MB"), (None, "")],
)
def test_sizes_are_written_as_people_say_them(size: int | None, words: str) -> None:
    assert rendered("{{ size|storlek }}", size=size) == words


# --- forms ------------------------------------------------------------------------------------


class Everything(Form):
    name = CharField(label="Namn", help_text="Som ni säger det.")
    purpose = LongTextField(label="Syfte", max_length=20, required=False)
    amount = MoneyField(label="Belopp", least=1)
    day = DayField(label="Dag", required=False)
    kind = ChoiceField(label="Slag", choices=[("a", "A"), ("b", "B")], widget=RadioSelect)


def form_page(form: Form) -> Page:
    return Page(rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=form))


def test_X04_every_fault_is_told_first_and_belongs_to_its_field() -> None:
    page = form_page(Everything({"amount": "många", "purpose": "x" * 30, "day": "i morgon"}))
    places = [str(attrs["href"]).removeprefix("#") for attrs in page.all("a")]
    described = [
        name for _, attrs in page.tags for name in str(attrs.get("aria-describedby") or "").split()
    ]

    assert page.tags[0][1]["id"] == "felsammanfattning"
    assert places == ["id_name", "id_purpose", "id_amount", "id_day", "id_kind_0"]
    assert set(places) <= set(page.ids)
    assert described
    assert set(described) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


def test_X04_an_empty_field_is_asked_for_by_its_name() -> None:
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=Everything({}))

    assert html.count("Fyll i ”Namn”.") == html.count("Välj ett av svaren under ”Slag”.") == 2
    assert "Belopp: Skriv beloppet i hela kronor." in html
    assert "Detta fält" not in html


def test_X04_nothing_that_was_typed_is_lost_on_error() -> None:
    html = rendered(
        "{% load crispy_forms_filters %}{{ form|crispy }}",
        form=Everything(
            {"name": "N", "purpose": "lång " * 9, "amount": "många", "day": "i morgon"}
        ),
    )

    for typed in ("N", "många", "i morgon"):
        assert f'value="{typed}"' in html
    assert "lång lång lång" in html
    assert 'type="date"' not in html


def test_a_field_that_need_not_be_filled_says_so() -> None:
    html = rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=Everything())

    assert html.count("(frivilligt)") == 2
    assert "maxlength" not in html.split("<textarea")[1].split(">")[0]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1850000", 1_850_000),
        ("1 850 000", 1_850_000),
        ("1\u00a0850\u00a0000\u00a0kr", 1_850_000),
        ("1.850.000", 1_850_000),
        ("1 850 000,00", 1_850_000),
        ("0", 0),
    ],
)
def test_sums_are_read_as_people_write_them(typed: str, amount: int) -> None:
    assert MoneyField().clean(typed) == amount


@pytest.mark.parametrize(
    "typed", ["nan", "inf", "1e9", "12,50", "1.5", "-1", "9" * 16, "tolv", "0x10", "1;2", "٣"]
)
def test_what_is_no_sum_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError) as refused:
        MoneyField().clean(typed)
    assert "elopp" in refused.value.messages[0]


@pytest.mark.parametrize(
    "typed", ["2023-09-25", "20230925", "25/9 2023", "25 september 2023", "den 25 sept 2023"]
)
def test_days_are_read_as_people_write_them(typed: str) -> None:
    assert DayField().clean(typed) == date(2023, 9, 25)


@pytest.mark.parametrize("typed", ["2023-02-30", "31/2 2023", "1 jember 2023", "i morgon", "0000"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        DayField().clean(typed)


def test_a_line_break_is_one_sign_however_it_came() -> None:
    field = LongTextField(max_length=5)

    assert field.clean("ab\r\ncd") == "ab\ncd"
    assert field.clean("A\u030aa") == "Åa"
    with pytest.raises(ValidationError):
        field.clean("ab\r\ncde")


def crispy_page(form: Form, layout: Any, **helper_settings: Any) -> Page:
    helper = FormHelper()
    helper.layout = layout
    for name, value in helper_settings.items():
        setattr(helper, name, value)
    source = "{% load crispy_forms_tags %}{% crispy form helper %}"
    return Page(rendered(source, form=form, helper=helper, csrf_token="prov"))


def test_a_crispy_form_is_drawn_whole() -> None:
    layout = Layout(
        Fieldset("Grunduppgifter", Row("name", "amount"), "purpose", css_class="wide"),
        Div("kind", HTML("<p>Välj en.</p>"), css_id="slag"),
        ButtonHolder(Submit("save", "Spara"), Submit("next", "Vidare", data_variant="secondary")),
    )

    page = crispy_page(Everything({}), layout, form_action="/spara/")
    form = page.all("form")[0]

    assert (form["method"], form["action"]) == ("post", "/spara/")
    assert "novalidate" in form
    assert "data-once" in form
    assert page.all("input", name="csrfmiddlewaretoken")
    assert [attrs["name"] for attrs in page.all("button")] == ["save", "next"]
    assert page.all("button", name="next")[0]["data-variant"] == "secondary"
    assert [str(attrs["class"]) for attrs in page.all("fieldset")] == [
        "ds-fieldset group wide",
        "ds-fieldset field",
    ]
    assert page.ids.count("felsammanfattning") == 1
    assert len(page.ids) == len(set(page.ids))
    assert page.all("input", name="amount")[0]["class"] == "ds-input"


def test_a_crispy_form_can_stand_inside_a_form_of_ones_own() -> None:
    page = crispy_page(Everything(), Layout("name", "day"), form_tag=False, disable_csrf=True)

    assert page.all("form") == []
    assert page.all("input", name="csrfmiddlewaretoken") == []
    assert [attrs["name"] for attrs in page.all("input")] == ["name", "day"]


def test_rows_of_a_formset_say_which_row_is_wrong() -> None:
    rows = formset_factory(Everything, extra=2)
    typed = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-1-name": "Två"}
    html = rendered("{% load crispy_forms_filters %}{{ rows|crispy }}", rows=rows(typed))

    assert "Rad 2, Belopp: Skriv beloppet i hela kronor." in html
    assert 'href="#id_form-1-kind_0"' in html
    assert 'name="form-TOTAL_FORMS"' in html
    assert "Rad 1" not in html
