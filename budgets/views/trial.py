"""Trying distributions of a frame: amounts typed, the rest moves; kept and compared by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from budgets.allocations import COMPARED, Trial, propose_allocation, save_allocation, try_allocation
from budgets.amounts import AmountError, read_kronor
from budgets.models import Allocation, Frame
from budgets.overview import source_words
from budgets.sought import FrameRow, frame_rows
from budgets.split import split
from budgets.views.getting import OFFICE, READERS, TRIERS, crumbs, frame_or_404, status_of_refusal
from finsam.errors import DomainError
from finsam.people.access import TenantRequest, gate
from finsam.typography import kronor, number
from finsam.ui import Bar, Cell, Column, Link, share_bar

FIELD = "belopp-"
STARTS = {"plan": "Planen", "sokt": "Det sökta", "andel": "Samma andel av det sökta"}


@dataclass
class TrialForm:
    """The amounts as they were typed, and as they were read."""

    frame: Frame
    rows: Sequence[FrameRow]
    typed: dict[str, str]
    name: str = ""
    note: str = ""
    allocation: Allocation | None = None
    version: int = 0
    errors: dict[str, str] = field(default_factory=dict)
    refusal: DomainError | None = None

    def __post_init__(self) -> None:
        self.amounts: dict[str, int] = {}
        for row in self.rows:
            try:
                text = self.typed.get(row.key, "").strip()
                self.amounts[row.key] = read_kronor(text) if text else 0
                if self.amounts[row.key] < 0:
                    del self.amounts[row.key]
                    self.errors[row.key] = "Beloppet är under noll. Skriv 0 eller mer."
            except AmountError as error:
                self.errors[row.key] = error.message

    @property
    def trial(self) -> Trial:
        return try_allocation(self.frame, self.rows, self.amounts)

    @property
    def bar(self) -> Bar:
        told = f"Fördelat {number(self.trial.total)} av ramen {number(self.frame.amount)} kronor"
        return share_bar(self.trial.total, self.frame.amount, label=told)

    @property
    def lines(self) -> list[dict[str, object]]:
        """Each row with its field, as the table shows it."""
        return [
            {
                "row": tried.row,
                "field": f"{FIELD}{tried.row.key}",
                "typed": self.typed.get(tried.row.key, ""),
                "error": self.errors.get(tried.row.key, ""),
                "percent": tried.percent_of_sought,
            }
            for tried in self.trial.rows
        ]

    @property
    def error_list(self) -> list[tuple[str, str]]:
        """Every fault with the address of its field, for the summary on top."""
        names = {row.key: row.label for row in self.rows}
        found = [(f"{names[key]}: {text}", f"#{FIELD}{key}") for key, text in self.errors.items()]
        if self.refusal is not None:
            found.append((self.refusal.message, "#namn" if self.refusal.field else "#forslag"))
        return found


@gate(*TRIERS)
@require_http_methods(["GET", "POST"])
def try_out(request: TenantRequest, frame: int) -> HttpResponse:
    """Amounts tried against the frame; htmx gets the figures that move, others the whole page."""
    found = frame_or_404(request.association, frame)
    form = _sent(request, found) if request.method == "POST" else _opened(request, found)
    if request.method == "POST" and not request.htmx and request.POST.get("gor") != "prova":
        saved = _save(request, form)
        if saved is not None:
            messages.success(request, f"Förslaget ”{saved.name}” är sparat.")
            return redirect(f"{request.path}?forslag={saved.pk}")
    context = {
        "form": form,
        "frame": found,
        "starts": [Link(text, f"?utga={key}") for key, text in STARTS.items()],
        "others": [
            each
            for each in Allocation.objects.filter(frame=found)
            if form.allocation is None or each.pk != form.allocation.pk
        ],
        "sources": source_words(found),
        "can_save": request.visitor.has(*OFFICE),
        "crumbs": crumbs(
            request,
            found.year,
            Link(found.name, found.get_absolute_url()),
            Link("Prova fördelning"),
        ),
    }
    if request.htmx:
        return render(request, "budgets/_moved.html", context)
    status = 422 if form.errors else 200
    if form.refusal is not None:
        status = status_of_refusal(form.refusal)
    return render(request, "budgets/try.html", context, status=status)


@gate(*READERS)
@require_GET
def compare(request: TenantRequest, frame: int) -> HttpResponse:
    """Alternatives side by side with plan and sought."""
    found = frame_or_404(request.association, frame)
    kept = Allocation.objects.with_rows().filter(frame=found)
    chosen = [pk for pk in request.GET.getlist("forslag") if pk.isascii() and pk.isdigit()]
    asked = [each for each in kept if str(each.pk) in chosen] if chosen else list(kept)
    shown = asked[:COMPARED]
    rows = frame_rows(found)
    amounts = [{row.row_key: row.amount for row in each.rows.all()} for each in shown]
    context = {
        "frame": found,
        "kept": kept,
        "shown": shown,
        "columns": _compared_columns(found, shown),
        "rows": [_compared_row(row, amounts) for row in rows],
        "foot": [
            Cell("Summa"),
            Cell(amount=sum(row.plan or 0 for row in rows)),
            Cell(amount=sum(row.sought for row in rows)),
            *(Cell(amount=each.total) for each in shown),
        ],
        "left": [(each, found.amount - each.total) for each in shown],
        "crumbs": crumbs(
            request,
            found.year,
            Link(found.name, found.get_absolute_url()),
            Link("Jämför förslag"),
        ),
    }
    return render(request, "budgets/compare.html", context)


@gate(*OFFICE)
@require_POST
def propose(request: TenantRequest, frame: int, allocation: int) -> HttpResponse:
    """Choose the alternative that is carried into the memo."""
    found = frame_or_404(request.association, frame)
    chosen = get_object_or_404(
        Allocation.objects.select_related("frame__association"), frame=found, pk=allocation
    )
    propose_allocation(allocation=chosen, actor=request.visitor.person())
    messages.success(request, f"”{chosen.name}” förs fram i beslutsunderlaget.")
    return redirect(found.get_absolute_url())


def _opened(request: TenantRequest, frame: Frame) -> TrialForm:
    """The form with a kept alternative, or with a start that the reader chose."""
    rows = frame_rows(frame)
    asked = request.GET.get("forslag", "")
    if asked:
        allocation = _allocation(frame, asked)
        kept = {row.row_key: row.amount for row in allocation.rows.all()}
        return TrialForm(
            frame,
            rows,
            {key: number(amount) for key, amount in kept.items()},
            name=allocation.name,
            note=allocation.note,
            allocation=allocation,
            version=allocation.version,
        )
    start = _start(frame, rows, request.GET.get("utga", ""))
    typed = {row.key: number(amount) for row, amount in zip(rows, start, strict=True)}
    return TrialForm(frame, rows, typed)


def _sent(request: TenantRequest, frame: Frame) -> TrialForm:
    rows = frame_rows(frame)
    asked, version = request.POST.get("forslag", ""), request.POST.get("version", "0")
    return TrialForm(
        frame,
        rows,
        {row.key: request.POST.get(f"{FIELD}{row.key}", "") for row in rows},
        name=request.POST.get("namn", "")[:120],
        note=request.POST.get("motivering", "")[:2000],
        allocation=_allocation(frame, asked) if asked else None,
        version=int(version) if version.isascii() and version.isdigit() else 0,
    )


def _allocation(frame: Frame, pk: str) -> Allocation:
    if not (pk.isascii() and pk.isdigit() and len(pk) < 12):
        raise Http404
    found: Allocation | None = (
        Allocation.objects.with_rows().filter(frame=frame, pk=int(pk)).first()
    )
    if found is None:
        raise Http404
    return found


def _start(frame: Frame, rows: Sequence[FrameRow], start: str) -> list[int]:
    """What the table holds at first: the plan, what is sought, or the same share of it for all."""
    sought = [row.sought for row in rows]
    if start == "sokt":
        return sought
    if start == "andel" and any(sought):
        total = sum(row.sought for row in rows)
        return split(min(frame.amount, total), sought)
    return [row.plan or 0 for row in rows]


def _save(request: TenantRequest, form: TrialForm) -> Allocation | None:
    """Keep the alternative; None, with the reason in the form, when it is refused."""
    if form.errors or not request.visitor.has(*OFFICE):
        return None
    as_new = request.POST.get("gor") == "nytt"
    try:
        return save_allocation(
            frame=form.frame,
            rows=form.rows,
            amounts=form.amounts,
            name=form.name,
            note=form.note,
            actor=request.visitor.person(),
            allocation=None if as_new else form.allocation,
            expected_version=form.version,
        )
    except DomainError as refusal:
        form.refusal = refusal
        return None


def _compared_columns(frame: Frame, shown: Sequence[Allocation]) -> list[Column]:
    plan = "Plan (räkneexempel), kr" if frame.is_example_plan else "Plan, kr"
    return [
        Column("Del"),
        Column(plan, numeric=True),
        Column("Sökt, kr", numeric=True),
        *(Column(f"{each.name}, kr", numeric=True) for each in shown),
    ]


def _compared_row(row: FrameRow, amounts: Sequence[Mapping[str, int]]) -> list[Cell]:
    return [
        Cell(row.label, note=row.name),
        Cell(amount=row.plan),
        Cell(amount=row.sought),
        *(
            Cell(amount=kept.get(row.key, 0), note=_against(kept.get(row.key, 0), row.sought))
            for kept in amounts
        ),
    ]


def _against(amount: int, sought: int) -> str:
    """How much less or more than sought, in words; nothing when it is the same."""
    if not sought or amount == sought:
        return ""
    return f"{kronor(amount - sought)}"
