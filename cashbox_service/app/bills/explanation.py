"""An explained invoice: what `explaining` makes, as a program reads it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from cashbox_service.domain.money import Money


@dataclass(frozen=True, slots=True)
class Reason:
    """One link of the chain: the rule, what it says here, and its figures and dates by name."""

    rule: str
    text: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """A line, and why it stands there."""

    number: int | None
    name: str
    sku: str | None
    amount: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An invoice: why it was written, each of its lines, what was asked and paid."""

    invoice: str
    state: str
    autobill: str | None
    account: str
    currency: str
    amounts: dict[str, Decimal]
    dates: dict[str, date | None]
    reasons: tuple[Reason, ...]
    lines: tuple[ExplainedLine, ...]
    attempts: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON values, what is empty left out."""
        plain = _plain(asdict(self))
        assert isinstance(plain, dict)
        return plain


def rounded(amount: Decimal, currency: str) -> Decimal:
    """With the currency's decimals."""
    return Money.of(amount, currency).amount


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items() if entry is not None and entry != ()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value
