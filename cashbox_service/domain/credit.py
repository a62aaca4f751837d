"""Credit: who owns it, in which order grants are used, and how much of each an operation takes.

Money and time credit is kept grant by grant. Token credit is one balance per owner and token type; a balance
enters here as a single grant, so that the same rules serve it. Nothing here changes a grant: every function
says what to take (`Use`), `reduced` and `restored` show the grants afterwards.
Source: account §1.4, §5.2, §5.5, billing-engine §8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from typing import Final

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.money import Money


class OwnerKind(IntEnum):
    """What credit can belong to; the values give the order of use."""

    AUTOBILL = 0
    ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class CreditOwner:
    """An account or one of its AutoBills, by key (VID)."""

    kind: OwnerKind
    key: str

    @classmethod
    def account(cls, key: str) -> CreditOwner:
        return cls(OwnerKind.ACCOUNT, key)

    @classmethod
    def autobill(cls, key: str) -> CreditOwner:
        return cls(OwnerKind.AUTOBILL, key)


class CreditKind(IntEnum):
    """What was granted; the values give the order of use within an owner."""

    TIME = 0
    CURRENCY = 1
    TOKEN = 2


@dataclass(frozen=True, slots=True)
class Grant:
    """What is left of one grant.

    ``unit`` is the currency of money credit, the key of the token type of token credit, empty for time
    credit; ``remaining`` counts it. A time grant is used whole: 1 until then, 0 afterwards.
    """

    vid: str
    owner: CreditOwner
    kind: CreditKind
    unit: str
    remaining: Decimal
    granted_at: datetime
    granted_by_cashbox: bool = False
    sort_value: int | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How much of a grant is taken; the amount is positive and counts the grant's unit."""

    grant: Grant
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CreditUse:
    """How much a sale took of one grant, as the sale remembers it."""

    grant_vid: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Redemption:
    """What an amount took from credit, in order, and what of it no credit covered."""

    uses: tuple[Use, ...]
    rest: Decimal

    @property
    def taken(self) -> Decimal:
        """The sum of the uses."""
        return sum((use.amount for use in self.uses), _NOTHING)


_NOTHING: Final = Decimal(0)


def redemption_order(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants in order of use.

    AutoBill before account, time before currency, granted by the service before granted by the merchant,
    ascending sort value (none is 0), oldest first, then by VID.
    """
    return tuple(sorted(grants, key=_rank))


def _rank(grant: Grant) -> tuple[OwnerKind, CreditKind, bool, int, datetime, str]:
    return (
        grant.owner.kind,
        grant.kind,
        not grant.granted_by_cashbox,
        grant.sort_value or 0,
        grant.granted_at,
        grant.vid,
    )


def redeem(grants: Iterable[Grant], due: Money) -> Redemption:
    """Take as much of ``due`` as money credit of its currency covers; other grants are left alone."""
    return _draw(grants, CreditKind.CURRENCY, due.currency, due.amount)


def redeem_tokens(grants: Iterable[Grant], token: str, due: int) -> Redemption:
    """Take as much of ``due`` tokens of that type as there are; other grants are left alone."""
    return _draw(grants, CreditKind.TOKEN, token, Decimal(due))


def next_time_credit(grants: Iterable[Grant]) -> Use | None:
    """The time grant that postpones the coming billing, used whole; the others wait for their turn."""
    for grant in redemption_order(grants):
        if grant.kind is CreditKind.TIME and grant.remaining > 0:
            return Use(grant, grant.remaining)
    return None


def revoke(grants: Iterable[Grant], amount: Money) -> Redemption:
    """Take ``amount`` off money credit of its currency; more than there is leaves a rest, and is no error."""
    return _draw(grants, CreditKind.CURRENCY, amount.currency, amount.amount)


def revoke_grant(grants: Iterable[Grant], vid: str, amount: Money | None) -> Use:
    """Take ``amount`` off one grant, at most what is left of it; none or 0 takes all that is left.

    A time grant is revoked whole. `InvalidValue` when no grant has that VID, nothing is left of it, the
    amount is negative, or it is of another currency.
    """
    grant = next((grant for grant in grants if grant.vid == vid), None)
    if grant is None:
        raise InvalidValue("VID", vid, "is not a credit of this owner")
    if grant.remaining <= 0:
        raise InvalidValue("VID", vid, "has been used up")
    if amount is None or grant.kind is CreditKind.TIME:
        return Use(grant, grant.remaining)
    if grant.kind is not CreditKind.CURRENCY or amount.currency != grant.unit:
        raise InvalidValue("VID", vid, f"is not a credit in {amount.currency}")
    if amount.is_negative:
        raise InvalidValue("amount", amount.amount, "is negative")
    return Use(grant, min(amount.amount or grant.remaining, grant.remaining))


def take_back(grants: Iterable[Grant], granted: Money) -> Redemption:
    """Take back what one payment had granted, as far as it is unspent; the rest of it has been spent.

    ``grants`` are the grants that the payment made, ``granted`` what they added up to then (autobill §6.27).
    """
    return _draw(grants, CreditKind.CURRENCY, granted.currency, granted.amount)


def _draw(grants: Iterable[Grant], kind: CreditKind, unit: str, amount: Decimal) -> Redemption:
    uses: list[Use] = []
    rest = amount
    usable = (grant for grant in grants if grant.kind is kind and grant.unit == unit and grant.remaining > 0)
    for grant in redemption_order(usable):
        if rest <= 0:
            break
        use = Use(grant, min(rest, grant.remaining))
        uses.append(use)
        rest -= use.amount
    return Redemption(tuple(uses), rest)


def reduced(grants: Iterable[Grant], uses: Iterable[Use]) -> tuple[Grant, ...]:
    """The grants after the uses, in the order given. ``ValueError`` when more is taken than was left."""
    taken = _by_grant(uses)
    changed = tuple(
        _with_remaining(grant, grant.remaining - taken.get(grant.vid, _NOTHING)) for grant in grants
    )
    if any(grant.remaining < 0 for grant in changed):
        raise ValueError("more credit is taken than is left")
    return changed


def restored(grants: Iterable[Grant], uses: Iterable[Use]) -> tuple[Grant, ...]:
    """The grants with the uses given back, after an attempt that failed; the reverse of `reduced`."""
    returned = _by_grant(uses)
    return tuple(
        _with_remaining(grant, grant.remaining + returned.get(grant.vid, _NOTHING)) for grant in grants
    )


def _by_grant(uses: Iterable[Use]) -> Mapping[str, Decimal]:
    amounts: dict[str, Decimal] = {}
    for use in uses:
        amounts[use.grant.vid] = amounts.get(use.grant.vid, _NOTHING) + use.amount
    return amounts


def _with_remaining(grant: Grant, remaining: Decimal) -> Grant:
    return grant if remaining == grant.remaining else replace(grant, remaining=remaining)
