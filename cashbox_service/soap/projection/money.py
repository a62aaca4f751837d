"""Fields of sales, refunds and payment methods that older versions have otherwise.

Source: spec transaction §5.3, refund-chargeback §1, account §14, conventions §1.3.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cashbox_service.soap.projection.rows import Passage, TypeRow

_ONE = 1


def _give_period(ours: Any, older: Any, _: Passage) -> None:
    """From the first to the last day that the items were billed for."""
    starts = [item.servicePeriodStartDate for item in ours.transactionItems if item.servicePeriodStartDate]
    ends = [item.servicePeriodEndDate for item in ours.transactionItems if item.servicePeriodEndDate]
    older.billingPeriodStart = min(starts, default=None)
    older.billingPeriodEnd = max(ends, default=None)


def _take_quantity(older: Any, ours: Any, _: Passage) -> None:
    if older.quantity is not None:
        ours.quantity = Decimal(older.quantity)


def _give_quantity(ours: Any, older: Any, _: Passage) -> None:
    """A quantity with a fraction becomes one of the whole: the line still adds up."""
    if ours.quantity is None:
        return
    if ours.quantity == ours.quantity.to_integral_value():
        older.quantity = int(ours.quantity)
        return
    older.quantity = _ONE
    older.price = ours.subtotal if ours.subtotal is not None else ours.price * ours.quantity


def _give_discounts(ours: Any, older: Any, passage: Passage) -> None:
    """Each discount as a line of its own behind the line it is taken off."""
    lines: list[Any] = []
    for item, line in zip(ours.transactionItems, older.transactionItems, strict=True):
        lines.append(line)
        if item.discount:
            lines.append(_discount_line(item, line, passage))
    older.transactionItems = tuple(lines)


def _discount_line(item: Any, line: Any, passage: Passage) -> Any:
    label = f"Discount for merchantProductId {item.sku}"
    made = passage.make("TransactionItem", sku=label, name=label, price=item.discount, quantity=_ONE)
    if hasattr(line, "campaignId"):
        made.campaignId, line.campaignId = line.campaignId, None
    return made


def _give_refunded(ours: Any, older: Any, _: Passage) -> None:
    if ours.amount is not None:
        older.amount = ours.amount
        return
    older.amount = sum((item.amount for item in ours.refundItems if item.amount is not None), Decimal(0))


def _take_amount(older: Any, ours: Any, _: Passage) -> None:
    ours.amount = older.amount


def _give_card_facts(ours: Any, older: Any, passage: Passage) -> None:
    facts = ours.extendedCardAttributes
    if facts is None:
        return
    kinds = [(facts.PrepaidCard, "PREPAID"), (facts.DebitCard, "DEBIT"), (facts.CreditCard, "CREDIT")]
    affluence = [(facts.Affluent, "AFFLUENT"), (facts.MassAffluent, "MASS AFFLUENT")]
    older.enhancedAuthResponse = passage.make(
        "EnhancedAuthResponse",
        fundingSourceType=next((word for flag, word in kinds if flag), None),
        fundingSourceReloadable=None if facts.Reloadable is None else ("YES" if facts.Reloadable else "NO"),
        customerAffluence=next((word for flag, word in affluence if flag), None),
        issuerCountryCode=facts.CountryOfIssuance,
    )


def add_first_bill(ours: Any, older: Any, passage: Passage) -> None:
    """When, and at what amount, an AutoBill is billed first: now, or as its next billing says."""
    first = ours.initialTransaction
    if first is None and ours.autobill is not None and (older.created or _is_unbilled(ours.autobill)):
        first = ours.autobill.nextBilling
    if first is None:
        return
    older.firstBillAmount, older.firstBillingCurrency = first.amount, first.currency
    if first.timestamp is not None:
        older.firstBillDate = first.timestamp.astimezone(passage.zone).date()


def _is_unbilled(autobill: Any) -> bool:
    return bool(autobill.billingState == "Unbilled")


MONEY: tuple[TypeRow, ...] = (
    TypeRow(
        "AutoBillUpdate",
        ("firstBillDate", "firstBillAmount", "firstBillingCurrency"),
        "of the initial transaction, else of the next billing of an AutoBill not billed yet",
        gives=add_first_bill,
    ),
    TypeRow(
        "Transaction",
        ("billingPeriodStart", "billingPeriodEnd"),
        "from the first to the last day of the items' service periods; ignored in requests",
        gives=_give_period,
    ),
    TypeRow(
        "Transaction",
        (),
        "a discount is a line of its own, `Discount for merchantProductId <sku>`, with a negative price",
        gives=_give_discounts,
        lacks=("TransactionItem", "discount"),
    ),
    TypeRow(
        "TransactionItem",
        ("quantity",),
        "whole; a fraction is shown as one at the amount of the line",
        _take_quantity,
        _give_quantity,
    ),
    TypeRow(
        "Refund",
        ("amount",),
        "required: where none is stated, the sum of the refunded items",
        _take_amount,
        _give_refunded,
    ),
    TypeRow(
        "CreditCard",
        ("enhancedAuthResponse",),
        "read-only: what extendedCardAttributes says of it",
        gives=_give_card_facts,
    ),
    TypeRow("TokenTransaction", ("account",), "ignored: the account of the call counts (account §14)"),
)
