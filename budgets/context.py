"""What a budget is checked against, as plain data: parties, years, frame and bounds.

Applications build it from a round; the check itself knows no round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from budgets.content import same

MONTHS_OF_A_YEAR = Decimal(12)


@dataclass(frozen=True)
class Party:
    """An organisation behind the application.

    `kind` is the value of a PartyKind. Parties with the same `counts_as` are one party (FL 1 §:
    several municipalities are one); empty means by kind, and another actor then counts as none.
    """

    name: str
    kind: str
    counts_as: str = ""

    @property
    def group(self) -> str:
        return self.counts_as or ("" if self.kind == "external" else self.kind)


@dataclass(frozen=True)
class IneligibleWords:
    """Words that give away a cost that the money may not be used for, and why (FL 7 §)."""

    words: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class BudgetContext:
    """Plain facts about the application whose budget is checked or written.

    `template` is the programme's slug, `version` the template's. Empty `years`: those that the
    workbook states. `parties_known` is off when the parties are merely all who could take part.
    None for a limit means that nothing is set; None for a plan that it is not known here.
    """

    template: str
    version: int
    parties: tuple[Party, ...]
    years: tuple[int, ...] = ()
    application: str = ""
    parties_known: bool = True
    frame_left: int | None = None
    frame_name: str = ""
    lot_plan: int | None = None
    overhead_ceiling: Decimal | None = None
    salary_bounds: tuple[int, int] = (15_000, 120_000)
    overhead_bounds: tuple[Decimal, Decimal] = (Decimal(25), Decimal(70))
    asks_division: bool = False
    one_member_reason: str = ""
    ineligible: tuple[IneligibleWords, ...] = field(default_factory=lambda: INELIGIBLE)
    return_model: bool = False
    has_return_plan: bool | None = None
    asks_economic_outcome: bool = False
    has_economic_outcome: bool | None = None
    months_of_year: Mapping[int, Decimal] = field(default_factory=dict, hash=False)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(party.name for party in self.parties)

    def party(self, name: str) -> Party | None:
        """The party meant by a name, without regard to case and spaces."""
        return next((party for party in self.parties if same(party.name) == same(name)), None)

    def months_in(self, year: int) -> Decimal:
        """How many months of the year lie within the application's period."""
        return Decimal(self.months_of_year.get(year, MONTHS_OF_A_YEAR))


_TO_INDIVIDUALS = (
    "Medlen får inte gå till enskildas förmåner eller till tjänster åt enskilda (7 §)."
)

INELIGIBLE: tuple[IneligibleWords, ...] = (
    IneligibleWords(
        ("busskort*", "månadskort*", "periodkort*", "resekort*", "reskort*", "färdbevis*",
         "*biljetter+deltagar*", "resor+deltagar*", "resa+deltagar*"),
        f"Resor och resekort åt deltagare kan inte sökas. {_TO_INDIVIDUALS}",
    ),
    IneligibleWords(
        ("milersättning*", "bilersättning*", "körersättning*", "reseersättning*"),
        f"Milersättning och annan reseersättning kan inte sökas. {_TO_INDIVIDUALS}",
    ),
    IneligibleWords(
        ("habiliteringsersättning*", "deltagarersättning*", "ersättning*+deltagar*",
         "dagersättning*", "flitpeng*", "stipendi*"),
        f"Ersättning till deltagare kan inte sökas. {_TO_INDIVIDUALS}",
    ),
    IneligibleWords(
        ("försörjningsstöd*", "aktivitetsstöd*", "sjukpenning*", "rehabiliteringspenning*",
         "bistånd+deltagar*", "bidrag+deltagar*", "förmån*+deltagar*"),
        f"Deltagares förmåner kan inte sökas. {_TO_INDIVIDUALS}",
    ),
    IneligibleWords(
        ("tolk", "tolkar", "tolken", "*stolk", "tolkkostnad*", "tolkarvode*", "tolktjänst*",
         "tolkhjälp*", "tolkstöd*", "tolkning"),
        "Tolk kan inte sökas: det hör till varje myndighets eget ansvar (7 §).",
    ),
    IneligibleWords(
        ("utanför+parterna", "utanför+parternas", "utanför+medlemmarna", "privat+vårdgivare"),
        f"Tjänster utanför parternas ansvar kan inte sökas. {_TO_INDIVIDUALS}",
    ),
)  # fmt: skip
