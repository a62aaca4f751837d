"""What callers give of credit: tokens, money and stretches of time; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app.drafts import NameValuePairDraft


@dataclass(slots=True)
class TokenDraft:
    """Input of a Token."""

    vid: str | None = None
    merchant_token_id: str | None = None
    description: str | None = None


@dataclass(slots=True)
class TokenAmountDraft:
    """Input of a TokenAmount."""

    token: TokenDraft | None = None
    amount: int | None = None


@dataclass(slots=True)
class CurrencyAmountDraft:
    """Input of a CurrencyAmount."""

    currency: str | None = None
    amount: Decimal | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    sort_value: int | None = None
    description: str | None = None
    reason: str | None = None
    vid: str | None = None


@dataclass(slots=True)
class TimeIntervalDraft:
    """Input of a TimeInterval."""

    years: int | None = None
    months: int | None = None
    weeks: int | None = None
    days: int | None = None
    name_values: tuple[NameValuePairDraft, ...] = ()
    sort_value: int | None = None
    description: str | None = None
    reason: str | None = None
    vid: str | None = None


@dataclass(slots=True)
class CreditDraft:
    """Input of a Credit."""

    token_amounts: tuple[TokenAmountDraft, ...] = ()
    time_intervals: tuple[TimeIntervalDraft, ...] = ()
    currency_amounts: tuple[CurrencyAmountDraft, ...] = ()
