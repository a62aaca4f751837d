"""What a refund may give back of a transaction, and how it falls on money, credit and lines.

A refund has one of three strategies: ``None`` moves an amount that belongs to no line, ``SpecifiedItems`` amounts of
named lines with their share of tax, ``RemainingBalance`` all that is left. `left_of` says what earlier refunds left of
a transaction, `distribute` what a further one takes of it. Tax that is added to the price is counted beside a line's
amount, tax that is contained in it is part of the amount. Whether a transaction can be refunded at all is told by
`refundable`. Source: refund-chargeback §1, §2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.errors import InvalidValue, RefundRefused
from cashbox_service.domain.lines import ItemType, Line
from cashbox_service.domain.money import Money, split, total
from cashbox_service.domain.tax import TaxLine, TaxType

FAILURE: Final = "ERROR:  Refund failed:  {reason}"
"""What the note of a failed refund says."""

NOT_REFUNDABLE: Final = "Transaction is not in a refundable state"

_EXACT: Final = Context(prec=60)
_INCLUSIVE: Final = frozenset({TaxType.INCLUSIVE_SALES, TaxType.INCLUSIVE_USE})
_NOTHING: Final = Decimal(0)


class Strategy(StrEnum):
    """How a refund falls on the lines of its transaction; the values are the wire spellings."""

    NONE = "None"
    SPECIFIED_ITEMS = "SpecifiedItems"
    REMAINING_BALANCE = "RemainingBalance"


class TokenAction(StrEnum):
    """What becomes of tokens that the refunded transaction granted."""

    NONE = "None"
    CANCEL_ZERO_BALANCE = "CancelZeroBalance"
    CANCEL_NEGATIVE_BALANCE = "CancelNegativeBalance"


class RefundStatus(StrEnum):
    """Where a refund stands; all but Failed count against what can still be refunded."""

    REPORTED = "Reported"
    PROCESSING = "Processing"
    COMPLETE = "Complete"
    FAILED = "Failed"


def parse_strategy(text: str | None) -> Strategy:
    """The strategy of that name; ``None`` where nothing is given. Raises RefundRefused."""
    for strategy in Strategy:
        if (text or Strategy.NONE).strip().lower() == strategy.lower():
            return strategy
    raise RefundRefused(f'Unknown refund distribution strategy "{(text or "")[:40]}"')


@dataclass(frozen=True, slots=True)
class RefundedItem:
    """What a refund gave back of one line.

    ``amount`` is without tax that is added to the price (``tax_is_added``), with tax that is contained in it.
    """

    amount: Decimal
    tax_amount: Decimal = _NOTHING
    index_number: int | None = None
    sku: str | None = None
    description: str | None = None
    tax_only: bool = False
    tax_is_added: bool = False
    taxes: tuple[TaxLine, ...] = ()

    @property
    def moved(self) -> Decimal:
        """What the customer gets for it."""
        return self.amount + self.added_tax

    @property
    def added_tax(self) -> Decimal:
        """The tax beside the amount."""
        return self.tax_amount if self.tax_is_added else _NOTHING


@dataclass(frozen=True, slots=True)
class ItemRequest:
    """A line to be refunded, named by its number or by a sku that no other line has."""

    index_number: Decimal | None = None
    sku: str | None = None
    amount: Decimal | None = None
    tax_only: bool = False


@dataclass(frozen=True, slots=True)
class RefundRequest:
    """What is asked to be given back."""

    strategy: Strategy = Strategy.NONE
    amount: Decimal | None = None
    includes_tax: bool = False
    items: tuple[ItemRequest, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """A refund that was made before and did not fail."""

    strategy: Strategy
    money: Decimal
    credit: Decimal = _NOTHING
    items: tuple[RefundedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class LineLeft:
    """A line that can be named, and what of it was not refunded yet.

    ``amount`` is counted as that of `RefundedItem`; ``taxes`` stand in the order of the line's.
    """

    line: Line
    currency: str
    amount: Decimal
    taxes: tuple[TaxLine, ...]

    @classmethod
    def of(cls, line: Line, currency: str) -> LineLeft:
        """A line of which nothing was refunded."""
        return cls(line, currency, line.net, line.tax)

    @property
    def tax_is_added(self) -> bool:
        return self.line.tax_type not in _INCLUSIVE

    @property
    def tax(self) -> Decimal:
        return _sum(self.taxes)

    @property
    def whole(self) -> Decimal:
        """Amount and added tax: what emptying the line moves."""
        return self.amount + (self.tax if self.tax_is_added else _NOTHING)

    def after(self, item: RefundedItem) -> LineLeft:
        """What a refund leaves of the line."""
        gone = dict(enumerate(part.amount for part in item.taxes))
        taxes = (
            replace(part, amount=part.amount - gone.get(index, _NOTHING))
            for index, part in enumerate(self.taxes)
        )
        return replace(self, amount=max(self.amount - item.amount, _NOTHING), taxes=tuple(taxes))

    def part(self, amount: Decimal) -> RefundedItem:
        """So much of the line's amount, with its share of tax."""
        if amount == self.amount:
            return self._item(amount, self.tax)
        return self._item(amount, self._tax_share(amount, self.line.net))

    def part_with_tax(self, whole: Decimal) -> RefundedItem:
        """A part that moves ``whole``, added tax included."""
        if not self.tax_is_added:
            return self.part(whole)
        if whole == self.whole:
            return self._item(self.amount, self.tax)
        share = self._tax_share(whole, self.line.net + _sum(self.line.tax))
        # Where rounding would take more of the price than is left, tax makes up for it.
        tax = max(share, whole - self.amount)
        return self._item(whole - tax, tax)

    def tax_alone(self) -> RefundedItem:
        """All the tax that is left, and nothing else."""
        amount = _NOTHING if self.tax_is_added else min(self.tax, self.amount)
        return replace(self._item(amount, self.tax), tax_only=True)

    def _tax_share(self, amount: Decimal, of: Decimal) -> Decimal:
        """Tax in proportion to the whole line, as far as it is left."""
        share = _proportion(_sum(self.line.tax), amount, of, self.currency).amount
        return min(share, self.tax, amount)

    def _item(self, amount: Decimal, tax: Decimal) -> RefundedItem:
        weights = [part.amount for part in self.taxes]
        parts = split(Money(tax, self.currency), weights) if tax else ()
        taxes = (replace(part, amount=share.amount) for part, share in zip(self.taxes, parts, strict=False))
        return RefundedItem(
            amount=amount,
            tax_amount=tax,
            index_number=self.line.index_number,
            sku=self.line.sku,
            description=self.line.name,
            tax_is_added=self.tax_is_added,
            taxes=tuple(taxes),
        )


@dataclass(frozen=True, slots=True)
class Left:
    """What of a transaction can still be given back.

    ``by_line`` is False once a refund was made that belongs to no line.
    """

    money: Money
    credit: Money
    lines: tuple[LineLeft, ...] = ()
    by_line: bool = True

    @property
    def total(self) -> Money:
        return self.money + self.credit

    @property
    def is_nothing(self) -> bool:
        return self.total.is_zero


@dataclass(frozen=True, slots=True)
class Distribution:
    """What a refund moves: money to the payment method, credit to its old owners, and how both fall on lines."""

    money: Money
    credit: Money
    items: tuple[RefundedItem, ...] = ()

    def empties(self, left: Left) -> bool:
        """Whether nothing is left afterwards."""
        return self.money == left.money and self.credit == left.credit


def left_of(paid: Money, credit_used: Money, lines: Iterable[Line], earlier: Sequence[Earlier]) -> Left:
    """What earlier refunds left of a transaction that took ``paid`` and ``credit_used``."""
    currency = paid.currency
    nothing = Money.zero(currency)
    refunded = Money.of(sum((one.money for one in earlier), _NOTHING), currency)
    restored = Money.of(sum((one.credit for one in earlier), _NOTHING), currency)
    gone = [item for one in earlier for item in one.items]
    return Left(
        (paid - refunded).max(nothing),
        (credit_used - restored).max(nothing),
        tuple(_after_all(LineLeft.of(line, currency), gone) for line in lines if _can_be_named(line)),
        all(one.strategy is not Strategy.NONE for one in earlier),
    )


def _can_be_named(line: Line) -> bool:
    return line.item_type is ItemType.PURCHASE and not line.is_tax_summary


def _after_all(left: LineLeft, gone: Iterable[RefundedItem]) -> LineLeft:
    for item in gone:
        if item.index_number == left.line.index_number:
            left = left.after(item)
    return left


def distribute(request: RefundRequest, left: Left) -> Distribution:
    """What the refund moves. Raises RefundRefused, in the words of the note, for what cannot be given back."""
    return _DISTRIBUTIONS[request.strategy](request, left)


def _of_no_line(request: RefundRequest, left: Left) -> Distribution:
    """Money alone; the refund that takes the last of it gives all credit back too."""
    amount = _positive(request.amount, left.money.currency)
    _check_limit(amount, left.money)
    return Distribution(amount, left.credit if amount == left.money else Money.zero(amount.currency))


def _of_items(request: RefundRequest, left: Left) -> Distribution:
    """Money first, then credit, for the named lines and their tax."""
    if not left.by_line:
        raise RefundRefused("Item refunds are not allowed after a transaction-level refund")
    if not request.items:
        raise RefundRefused("No refund items specified")
    currency = left.money.currency
    _check_sum(request, currency)
    lines = list(left.lines)
    items = []
    for wanted in request.items:
        index = _identified(wanted, lines)
        items.append(_item(wanted, lines[index], includes_tax=request.includes_tax))
        lines[index] = lines[index].after(items[-1])
    moved = _positive(sum((item.moved for item in items), _NOTHING), currency)
    _check_limit(moved, left.total)
    money = moved.min(left.money)
    return Distribution(money, moved - money, tuple(items))


def _of_everything(_: RefundRequest, left: Left) -> Distribution:
    """All that is left; on lines, unless there was a refund that belongs to none."""
    if left.is_nothing:
        raise RefundRefused(NOT_REFUNDABLE)
    lines = [line for line in left.lines if line.whole > 0] if left.by_line else []
    limits = [Money(line.whole, line.currency) for line in lines]
    # Lines that reduce the amount, and partial approvals, leave less than the others add up to.
    shares = spread(left.total, limits)
    items = (line.part_with_tax(share.amount) for line, share in zip(lines, shares, strict=True))
    return Distribution(left.money, left.credit, tuple(item for item in items if item.moved))


_DISTRIBUTIONS: Final[Mapping[Strategy, Callable[[RefundRequest, Left], Distribution]]] = {
    Strategy.NONE: _of_no_line,
    Strategy.SPECIFIED_ITEMS: _of_items,
    Strategy.REMAINING_BALANCE: _of_everything,
}


def _identified(wanted: ItemRequest, lines: Sequence[LineLeft]) -> int:
    """The place of the one line that is meant."""
    found = [
        place
        for place, left in enumerate(lines)
        if (wanted.index_number is None or left.line.index_number == wanted.index_number)
        and (not wanted.sku or left.line.sku == wanted.sku)
    ]
    if len(found) != 1 or (wanted.index_number is None and not wanted.sku):
        raise RefundRefused("Unable to identify transaction item")
    return found[0]


def _item(wanted: ItemRequest, line: LineLeft, *, includes_tax: bool) -> RefundedItem:
    if wanted.tax_only:
        return line.tax_alone()
    asked = _positive(wanted.amount, line.currency)
    _check_limit(asked, Money(line.whole if includes_tax else line.amount, line.currency))
    return line.part_with_tax(asked.amount) if includes_tax else line.part(asked.amount)


def _check_sum(request: RefundRequest, currency: str) -> None:
    """An amount that is given beside lines is the sum of theirs; of lines whose amount is ignored it cannot be."""
    named = [item.amount or _NOTHING for item in request.items if not item.tax_only]
    if request.amount is None or not named:
        return
    given, expected = _money(request.amount, currency), _money(sum(named, _NOTHING), currency)
    if given != expected:
        raise RefundRefused(
            f"Refund amount {given.amount:f} does not equal the sum of its items {expected.amount:f}"
        )


def _check_limit(asked: Money, allowed: Money) -> None:
    if asked > allowed:
        raise RefundRefused(f"Refund amount {asked.amount:f} exceeds max allowable {allowed.amount:f}")


def _positive(amount: Decimal | None, currency: str) -> Money:
    money = _money(amount or _NOTHING, currency)
    if not money.is_positive:
        raise RefundRefused("Refund amount must be greater than zero")
    return money


def spread(amount: Money, limits: Sequence[Money]) -> list[Money]:
    """``amount`` in proportion to the limits, none of which is passed; what they cannot take falls to nobody.

    Every share is rounded half-up and the last one absorbs the difference; where its own limit forbids that, the one
    before it does, and so on.
    """
    whole = total(limits, amount.currency)
    taken = rest = amount.min(whole)
    shares = []
    for limit in limits[:-1]:
        shares.append(_proportion(limit.amount, taken.amount, whole.amount, amount.currency).min(rest))
        rest = rest - shares[-1]
    for place in reversed(range(len(limits))):
        share = (shares[place] if place < len(shares) else Money.zero(amount.currency)) + rest
        kept = share.min(limits[place])
        shares[place : place + 1] = [kept]
        rest = share - kept
    return shares


def _proportion(one: Decimal, other: Decimal, of: Decimal, currency: str) -> Money:
    """``one`` × ``other`` ÷ ``of``, rounded once; nothing of nothing."""
    if not of:
        return Money.zero(currency)
    return Money.of(_EXACT.divide(_EXACT.multiply(one, other), of), currency)


def _money(amount: Decimal, currency: str) -> Money:
    try:
        return Money.of(amount, currency)
    except InvalidValue as error:
        raise RefundRefused(str(error)) from error


def _sum(taxes: Iterable[TaxLine]) -> Decimal:
    return sum((part.amount for part in taxes), _NOTHING)
