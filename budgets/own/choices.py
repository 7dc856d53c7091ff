"""What whoever sent a sheet has chosen otherwise than proposed; kept as JSON beside the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True)
class Choices:
    """Choices by place. What is left out stays as proposed.

    `used` by the key of a table, `headers` by the name of a sheet, `units` by table, `roles` by
    column ("Blad1!D"); `years` by table or by column; `uses`, `parties` and `amounts` by cell
    ("Blad1!D6").
    """

    used: Mapping[str, bool] = field(default_factory=dict)
    headers: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    years: Mapping[str, int] = field(default_factory=dict)
    uses: Mapping[str, str] = field(default_factory=dict)
    parties: Mapping[str, str] = field(default_factory=dict)
    amounts: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        return cls(**{name: dict(values.get(name) or {}) for name in cls.__dataclass_fields__})
