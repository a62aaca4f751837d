"""The lines of invoices and transactions: what each is called, costs, and in which order they stand.

A cycle's lines are made in two steps. `charge_lines` prices and taxes what the cycle charges and closes with the
summary of taxes; that is what an invoice keeps. `with_settlements` puts payments booked earlier and credits used
in front of the summary; that is what an attempt to collect the invoice shows, once per attempt.
Source: billing-engine §4, transaction §3, §5.2, autobill §6.26.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.money import Money, quantise
from cashbox_service.domain.reserved_names import LICENCES, RATED_UNITS
from cashbox_service.domain.tax import (
    OTHER_TAXABLE,
    TAX_EXEMPT,
    TaxAssessor,
    TaxLine,
    TaxType,
    sum_by_jurisdiction,
)

TOTAL_TAX: Final = "Total Tax"
GENERIC_ITEM: Final = "Generic item"
CONVENIENCE_FEE: Final = "Convenience fee"
VALIDATION: Final = "For Validation Only - no charge to you"

_ONE: Final = Decimal(1)
_ZERO: Final = Decimal(0)


class ItemType(StrEnum):
    """What a line is, in the spelling of the interface (transaction §4)."""

    PURCHASE = "Purchase"
    CREDIT = "Credit"
    TAXABLE_CREDIT = "TaxableCredit"
    DISCOUNT_BEFORE_TAX = "DiscountBeforeTax"
    MODIFICATION_REFUND = "ModificationRefund"


@dataclass(frozen=True, slots=True)
class LineTokens:
    """Tokens of one type that the account gets for buying a line (TransactionItem.tokens, transaction §3)."""

    token_vid: str
    merchant_token_id: str
    amount: int


@dataclass(frozen=True, slots=True)
class LineRefund:
    """What one refund gave back of a line (TransactionItemRefundSummary, transaction §3).

    ``refund_id`` is the merchantRefundId. The refund itself is a row of its own; this is its trace on the line.
    """

    amount: Decimal
    tax_amount: Decimal
    at: datetime
    refund_id: str
    tax_only: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is stored and shown (TransactionItem, transaction §3).

    ``subtotal`` = price × quantity, ``discount`` is negative or absent, ``total`` = subtotal + discount +
    exclusive tax, all rounded to the currency. The service period includes both its days. ``index_number`` is
    absent on projections.
    """

    name: str
    price: Decimal
    subtotal: Decimal
    total: Decimal
    quantity: Decimal = _ONE
    sku: str | None = None
    index_number: int | None = None
    item_type: ItemType = ItemType.PURCHASE
    merchant_autobill_item_id: str | None = None
    autobill_item_vid: str | None = None
    tax_classification: str | None = None
    campaign_id: str | None = None
    campaign_description: str | None = None
    service_start: date | None = None
    service_end: date | None = None
    tax_type: TaxType | None = None
    tax: tuple[TaxLine, ...] = ()
    related_transactions: tuple[str, ...] = ()
    discount: Decimal | None = None
    name_values: tuple[NameValue, ...] = ()
    tokens: tuple[LineTokens, ...] = ()
    refunds: tuple[LineRefund, ...] = ()

    @property
    def is_tax_summary(self) -> bool:
        """Whether this is the line that only sums up taxes and is never part of the amount."""
        return self.sku == TOTAL_TAX

    @property
    def net(self) -> Decimal:
        """What the line costs after discount, exclusive tax left out; the base of its tax."""
        return self.subtotal + (self.discount or _ZERO)

    @property
    def units_used(self) -> Decimal | None:
        """How many units the line charges as usage; None for any other line."""
        return self._counted(RATED_UNITS)

    @property
    def shown_quantity(self) -> Decimal:
        """How many its customer is told: the units or licences of a rated line, whose quantity is 1."""
        rated = self.rated_units
        return self.quantity if rated is None else rated

    @property
    def rated_units(self) -> Decimal | None:
        """How many units or licences a rate plan has priced; None for any other line."""
        counted = (self._counted(name) for name in (RATED_UNITS, LICENCES))
        return next((units for units in counted if units is not None), None)

    def _counted(self, name: str) -> Decimal | None:
        return next((Decimal(pair.value) for pair in self.name_values if pair.name == name), None)

    @property
    def exclusive_tax(self) -> Decimal:
        """The tax that is added to the price of this line."""
        return _ZERO if self.is_tax_summary else self.total - self.net


@dataclass(frozen=True, slots=True)
class ServicePeriod:
    """The days a charge covers, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Charge:
    """Something to be charged, before rounding and tax.

    ``price`` is per unit and positive also for kinds that reduce the total. ``discount`` is negative or 0 and
    takes at most the whole line.
    """

    name: str
    price: Decimal
    quantity: Decimal = _ONE
    sku: str | None = None
    item_type: ItemType = ItemType.PURCHASE
    tax_classification: str | None = None
    discount: Decimal = _ZERO
    campaign_id: str | None = None
    campaign_description: str | None = None
    merchant_autobill_item_id: str | None = None
    autobill_item_vid: str | None = None
    related_transactions: tuple[str, ...] = ()
    name_values: tuple[NameValue, ...] = ()
    tokens: tuple[LineTokens, ...] = ()


@dataclass(frozen=True, slots=True)
class CycleCharges:
    """All that a cycle charges. ``items`` stand in index order; ``usage`` is that of ``usage_period``.

    In a ``free`` cycle the plan and the items cost nothing, but charges and earlier usage do.
    """

    period: ServicePeriod
    plan: Charge
    items: tuple[Charge, ...] = ()
    added: tuple[Charge, ...] = ()
    usage: tuple[Charge, ...] = ()
    usage_period: ServicePeriod | None = None
    free: bool = False


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment that was booked on the invoice before this attempt; the amount is positive."""

    merchant_transaction_id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class UsedCredit:
    """Credit taken for this attempt; the amount is positive."""

    amount: Decimal
    reason: str | None = None
    description: str | None = None

    @property
    def text(self) -> str:
        """What the customer reads."""
        return self.reason or self.description or "Credit"


def charged_line(
    charge: Charge,
    assessor: TaxAssessor,
    period: ServicePeriod | None = None,
    index_number: int | None = None,
) -> Line:
    """The line of one charge, rounded and taxed. Kinds that reduce the total come out negative."""
    assert charge.discount <= 0, "a discount is negative"
    currency = assessor.currency
    price = charge.price if charge.item_type is ItemType.PURCHASE else -abs(charge.price)
    subtotal = quantise(price * charge.quantity, currency)
    discount = max(quantise(charge.discount, currency), -subtotal) if subtotal > 0 else _ZERO
    base = subtotal + discount
    tax_class = TAX_EXEMPT if charge.item_type is ItemType.CREDIT else charge.tax_classification
    tax = assessor.assess(base, tax_class)
    return Line(
        name=charge.name,
        price=price,
        subtotal=subtotal,
        total=base + tax.exclusive,
        quantity=charge.quantity,
        sku=charge.sku,
        index_number=index_number,
        item_type=charge.item_type,
        merchant_autobill_item_id=charge.merchant_autobill_item_id,
        autobill_item_vid=charge.autobill_item_vid,
        tax_classification=charge.tax_classification,
        campaign_id=charge.campaign_id,
        campaign_description=charge.campaign_description,
        service_start=period.first if period else None,
        service_end=period.last if period else None,
        tax_type=tax.type,
        tax=tax.parts,
        related_transactions=charge.related_transactions,
        discount=discount or None,
        name_values=charge.name_values,
        tokens=charge.tokens,
    )


def charge_lines(charges: CycleCharges, assessor: TaxAssessor) -> tuple[Line, ...]:
    """The numbered lines of a cycle: plan, items, added charges, usage, and the summary of taxes last.

    The plan line is there even at 0.
    """
    recurring = [charges.plan, *charges.items]
    if charges.free:
        recurring = [_for_free(charge) for charge in recurring]
    lines: list[Line] = []
    number = 1
    for some, period in (
        (recurring, charges.period), (charges.added, None), (charges.usage, charges.usage_period)
    ):  # fmt: skip
        for charge in some:
            line = charged_line(charge, assessor, period, number)
            lines.append(line)
            number = _number_after(line, number)
    summary = tax_summary(lines, assessor.currency, charges.period, number)
    return (*lines, summary)


def with_settlements(
    lines: Sequence[Line],
    currency: str,
    payments: Iterable[BookedPayment] = (),
    credits_used: Iterable[UsedCredit] = (),
) -> tuple[Line, ...]:
    """``lines`` with payments and then credits put in front of the summary of taxes, numbered anew."""
    charges = [line for line in lines if not line.is_tax_summary]
    summaries = [line for line in lines if line.is_tax_summary]
    settled = [
        _settlement(f"Payment {payment.merchant_transaction_id}", payment.amount, currency)
        for payment in payments
    ]
    settled += [_settlement(credit.text, credit.amount, currency) for credit in credits_used]
    return numbered([*charges, *settled, *summaries])


def tax_summary(
    lines: Sequence[Line], currency: str, period: ServicePeriod | None = None, index_number: int | None = None
) -> Line:
    """The ``Total Tax`` line for ``lines``: all their taxes, whether added or contained."""
    parts = sum_by_jurisdiction(part for line in lines for part in line.tax)
    deciding = [line for line in lines if line.tax] or lines
    types = (line.tax_type for line in deciding if line.tax_type)
    return _summary(parts, next(types, TaxType.EXCLUSIVE_SALES), currency, period, index_number)


def payment_lines(amount: Money) -> tuple[Line, ...]:
    """The lines of a payment towards an invoice: one for the amount, and a summary of 0 (autobill §6.26)."""
    return generic_lines(amount, TaxAssessor(amount.currency))


def payment_with_fee_lines(payment: Money, fee: Money) -> tuple[Line, ...]:
    """A payment towards an invoice with what the customer pays for paying so, in a line of its own (dialects §3)."""
    plain = payment_lines(payment)
    charged = replace(
        _plain_line(CONVENIENCE_FEE, fee.amount, tax_classification=TAX_EXEMPT), sku=CONVENIENCE_FEE
    )
    return numbered([*plain[:-1], charged, plain[-1]])


def convenience_fee_of(lines: Iterable[Line], currency: str) -> Decimal:
    """What of a payment is the fee for paying so; it never pays an invoice."""
    return _sum((line.total for line in lines if line.sku == CONVENIENCE_FEE), currency)


def document_lines(charges: Iterable[Charge], currency: str) -> tuple[Line, ...]:
    """The lines of what is owed without an AutoBill; their amounts are final, no tax is added to them."""
    assessor = TaxAssessor(currency)
    return numbered([charged_line(charge, assessor) for charge in charges])


def generic_lines(amount: Money, assessor: TaxAssessor) -> tuple[Line, ...]:
    """The lines of an amount that came without items.

    The amount stays as it is; the tax on it is shown in the summary alone, for information.
    """
    tax = assessor.assess(amount.amount, OTHER_TAXABLE)
    line = _plain_line(
        GENERIC_ITEM, amount.amount, tax_classification=OTHER_TAXABLE, tax_type=tax.type, index_number=1
    )
    return line, _summary(sum_by_jurisdiction(tax.parts), tax.type, amount.currency, None, index_number=2)


def validation_lines(amount: Money) -> tuple[Line, ...]:
    """The one line of an authorization that only proves a payment method (payment-method §3.2)."""
    return numbered([_plain_line(VALIDATION, amount.amount, tax_classification=TAX_EXEMPT)])


def projection_lines(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines as ``nextBilling`` shows them: without numbers, without the summary and lines of 0."""
    return tuple(replace(line, index_number=None) for line in lines if line.total and not line.is_tax_summary)


def projected_amount(lines: Iterable[Line], currency: str) -> Decimal:
    """What the next attempt would ask for; 0 when payments and credits cover more than the charges."""
    return max(amount_of(lines, currency), quantise(_ZERO, currency))


def amount_of(lines: Iterable[Line], currency: str) -> Decimal:
    """The amount of a transaction: the totals of all lines but the summary of taxes."""
    return _sum((line.total for line in lines if not line.is_tax_summary), currency)


def charges_of(lines: Iterable[Line], currency: str) -> Decimal:
    """What the lines charge with exclusive tax, payments and credits left out."""
    return amount_of(filter(is_ordinary_charge, lines), currency)


def is_ordinary_charge(line: Line) -> bool:
    """Whether the line charges something: not the summary of taxes, nor a payment or a credit."""
    return not line.is_tax_summary and line.item_type is not ItemType.CREDIT


def exclusive_tax_of(lines: Iterable[Line], currency: str) -> Decimal:
    """The tax that is part of the amount."""
    return _sum((line.exclusive_tax for line in lines), currency)


def inclusive_tax_of(lines: Iterable[Line], currency: str) -> Decimal:
    """The tax that the prices contain."""
    charged = [line for line in lines if not line.is_tax_summary]
    shown = _sum((part.amount for line in charged for part in line.tax), currency)
    return shown - exclusive_tax_of(charged, currency)


def numbered(lines: Iterable[Line]) -> tuple[Line, ...]:
    """``lines`` numbered from 1. A discount takes a number of its own after its line, which is not shown."""
    result: list[Line] = []
    index = 1
    for line in lines:
        result.append(line if line.index_number == index else replace(line, index_number=index))
        index = _number_after(line, index)
    return tuple(result)


def _number_after(line: Line, number: int) -> int:
    return number + (2 if line.discount else 1)


def _for_free(charge: Charge) -> Charge:
    return replace(charge, price=_ZERO, discount=_ZERO, campaign_id=None, campaign_description=None)


def _settlement(name: str, amount: Decimal, currency: str) -> Line:
    return _plain_line(
        name,
        quantise(-amount, currency),
        item_type=ItemType.CREDIT,
        tax_classification=TAX_EXEMPT,
        tax_type=TaxType.EXCLUSIVE_SALES,
    )


def _plain_line(
    name: str,
    amount: Decimal,
    *,
    item_type: ItemType = ItemType.PURCHASE,
    tax_classification: str | None,
    tax_type: TaxType | None = None,
    index_number: int | None = None,
) -> Line:
    return Line(
        name=name,
        index_number=index_number,
        price=amount,
        subtotal=amount,
        total=amount,
        item_type=item_type,
        tax_classification=tax_classification,
        tax_type=tax_type,
    )


def _summary(
    parts: tuple[TaxLine, ...],
    tax_type: TaxType,
    currency: str,
    period: ServicePeriod | None,
    index_number: int | None = None,
) -> Line:
    nothing = quantise(_ZERO, currency)
    return Line(
        name=TOTAL_TAX,
        price=nothing,
        subtotal=nothing,
        total=_sum((part.amount for part in parts), currency),
        sku=TOTAL_TAX,
        index_number=index_number,
        tax_classification=TAX_EXEMPT,
        service_start=period.first if period else None,
        service_end=period.last if period else None,
        tax_type=tax_type,
        tax=parts,
        discount=nothing,
    )


def _sum(amounts: Iterable[Decimal], currency: str) -> Decimal:
    return sum(amounts, quantise(_ZERO, currency))
