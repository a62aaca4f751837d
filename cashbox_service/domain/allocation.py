"""Where a payment goes: to the invoice it is meant for, its overage by disposition, the rest to credit.

One function serves every way to pay. It keeps four promises, whatever it is given: what is allocated plus the
remainder is the payment; no invoice gets more than its balance; an Open invoice gets money only as the target
a caller named; amounts of different currencies never meet.
Source: autobill §6.26, account §3.3, billing-engine §6, §7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final

from cashbox_service.domain.credit import CreditOwner, OwnerKind
from cashbox_service.domain.errors import IllegalState, InvalidValue, InvoiceNotFound, NothingPayable
from cashbox_service.domain.invoice import UNPAID, InvoiceState, accepts_payment
from cashbox_service.domain.money import Money, given, total


class Disposition(Enum):
    """What is done with money above the target's balance; the values are the schema's spellings.

    The schema writes two of them with a small "to", the documentation and every client with a capital one.
    """

    OLDEST_INVOICE = "applytoOldestInvoice"
    THIS_AUTOBILL = "applyToThisAutoBill"
    CREDIT = "applytoCredit"

    @classmethod
    def parse(cls, text: str | None) -> Disposition:
        """The disposition a caller names in any letter case, the default when none is named.

        `InvalidValue` for any other text.
        """
        if not text:
            return cls.OLDEST_INVOICE
        disposition = _DISPOSITIONS.get(text.lower())
        if disposition is None:
            raise InvalidValue("overageDisposition", text, "is not a PaymentOverageDisposition")
        return disposition


_DISPOSITIONS: Final = {disposition.value.lower(): disposition for disposition in Disposition}


@dataclass(frozen=True, slots=True)
class PayableInvoice:
    """What the allocator knows of an invoice.

    ``key`` identifies it, ``invoice_id`` is what callers name, ``autobill`` is the key of the AutoBill it belongs to,
    if any; ``made_at`` is when that was created, or else the invoice. The balance of an Open invoice is its
    projection less what is booked on it.
    """

    key: str
    invoice_id: str
    autobill: str | None
    number: int
    state: InvoiceState
    due_on: date
    made_at: datetime
    balance: Money

    @property
    def age(self) -> tuple[date, int, datetime, str]:
        """The oldest invoice has the smallest: due date, number, creation, key."""
        return (self.due_on, self.number, self.made_at, self.key)

    @property
    def is_unpaid(self) -> bool:
        """Due or Overdue with something left to pay."""
        return self.state in UNPAID and self.balance.is_positive


@dataclass(frozen=True, slots=True)
class PaymentScope:
    """On whose behalf a payment is made.

    ``made_on`` tells a payment on an AutoBill from one on an Account; ``autobill`` is the AutoBill paid on,
    or else the one that the target invoice belongs to. An AutoBill that has ended gets no credit.
    """

    made_on: OwnerKind
    account: str
    autobill: str | None
    autobill_ended: bool = False


@dataclass(frozen=True, slots=True)
class Allocation:
    """A part of a payment put on an invoice, or on one line of it; always more than nothing."""

    key: str
    amount: Money
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Distribution:
    """A payment in parts: ``remainder`` becomes currency credit of ``remainder_to``, nothing when zero."""

    allocations: tuple[Allocation, ...]
    remainder: Money
    remainder_to: CreditOwner


def select_target(
    invoices: Iterable[PayableInvoice], named_invoice: str | None, owner: str
) -> PayableInvoice:
    """The invoice a payment is meant for.

    ``invoices`` are those of the AutoBill or of the account; ``named_invoice`` is the invoice id the caller
    gave, empty or ``None`` for the oldest unpaid one; ``owner`` names the payer in the refusal.
    `InvoiceNotFound`; `IllegalState` when the named one takes no payment; `NothingPayable` when none is due.
    """
    if named_invoice:
        return _named(invoices, named_invoice)
    unpaid = [invoice for invoice in invoices if invoice.is_unpaid]
    if not unpaid:
        raise NothingPayable(owner)
    return min(unpaid, key=lambda invoice: invoice.age)


def _named(invoices: Iterable[PayableInvoice], invoice_id: str) -> PayableInvoice:
    # An AutoBill whose id was changed and taken over by another one leaves two invoices of the same id.
    matches = sorted((i for i in invoices if i.invoice_id == invoice_id), key=lambda invoice: invoice.age)
    if not matches:
        raise InvoiceNotFound("invoiceId", invoice_id, f"Invoice {invoice_id} not found.")
    for invoice in matches:
        if accepts_payment(invoice.state, named=True):
            return invoice
    state = matches[0].state.value
    message = f"Invoice {invoice_id} cannot accept payment in state {state}."
    raise IllegalState("Invoice", invoice_id, state, message)


def payment_amount(amount: Decimal, currency: str | None, target: PayableInvoice) -> Money:
    """What is paid, rounded to the currency, which is the target's when none is given.

    `InvalidValue` when it is not more than nothing or in another currency than the target.
    """
    owed_in = target.balance.currency
    if currency and currency != owed_in:
        message = f"Currency {currency} does not match invoice currency {owed_in}."
        raise InvalidValue("currency", currency, f"does not match {owed_in}", message)
    payment = Money(given("amount", amount, owed_in), owed_in)
    if not payment.is_positive:
        raise InvalidValue("amount", amount, "is not positive", "Amount must be greater than zero.")
    return payment


def allocate(
    payment: Money,
    target: PayableInvoice | None,
    candidates: Iterable[PayableInvoice],
    disposition: Disposition,
    scope: PaymentScope,
) -> Distribution:
    """Distribute ``payment``: the target first, then by disposition, what nobody can take to credit.

    ``target`` comes from `select_target` and stands as it is now: one that takes no payment any more, because
    it was settled while the payment was pending, is passed over. ``candidates`` are the invoices of the
    account in any order, the target among them or not; they are looked at only for what the target leaves.
    `InvalidValue` when the payment is not more than nothing or not in the target's currency.
    """
    if not payment.is_positive:
        raise InvalidValue("amount", payment.amount, "is not positive", "Amount must be greater than zero.")

    def queue() -> Iterator[PayableInvoice]:
        if target is not None and accepts_payment(target.state, named=True):
            yield target
        yield from _overage_queue(payment.currency, target, candidates, disposition, scope)

    allocations, remainder = _fill(payment, queue())
    return Distribution(allocations, remainder, _remainder_owner(disposition, scope))


@dataclass(frozen=True, slots=True)
class NamedPart:
    """A part of a payment that its payer means for an invoice, or for one line of it."""

    invoice: PayableInvoice
    amount: Money
    line: int | None = None


def allocate_named(
    payment: Money,
    parts: Sequence[NamedPart],
    candidates: Iterable[PayableInvoice],
    disposition: Disposition,
    scope: PaymentScope,
) -> Distribution:
    """Distribute ``payment`` over the parts in their order, what is left by disposition, then to credit (dialects §2).

    A part gets what it names and no more than its invoice still owes: one that was settled meanwhile is passed over.
    `InvalidValue` when the payment is not more than nothing, or when the parts are more than the payment.
    """
    if not payment.is_positive:
        raise InvalidValue("amount", payment.amount, "is not positive", "Amount must be greater than zero.")
    if total((part.amount for part in parts), payment.currency) > payment:
        raise InvalidValue("amount", payment.amount, "is less than the parts of the payment")
    owed = {part.invoice.key: part.invoice.balance for part in parts}
    allocations: list[Allocation] = []
    left = payment
    for part in parts:
        key = part.invoice.key
        amount = (
            part.amount.min(owed[key]) if accepts_payment(part.invoice.state, named=True) else left - left
        )
        if amount.is_positive:
            allocations.append(Allocation(key, amount, part.line))
            owed[key], left = owed[key] - amount, left - amount
    queue = _overage_queue(payment.currency, None, candidates, disposition, scope)
    rest = [replace(one, balance=owed.get(one.key, one.balance)) for one in queue]
    further, remainder = _fill(left, rest)
    return Distribution((*allocations, *further), remainder, _remainder_owner(disposition, scope))


def _overage_queue(
    currency: str,
    target: PayableInvoice | None,
    candidates: Iterable[PayableInvoice],
    disposition: Disposition,
    scope: PaymentScope,
) -> list[PayableInvoice]:
    if disposition is Disposition.CREDIT:
        return []
    chosen = None if target is None else target.key
    only = scope.autobill if disposition is Disposition.THIS_AUTOBILL else None
    takers = (
        invoice
        for invoice in candidates
        if invoice.key != chosen
        and invoice.is_unpaid
        and invoice.balance.currency == currency
        and (disposition is Disposition.OLDEST_INVOICE or invoice.autobill == only)
    )
    return sorted(takers, key=lambda invoice: invoice.age)


def _fill(payment: Money, queue: Iterable[PayableInvoice]) -> tuple[tuple[Allocation, ...], Money]:
    allocations: list[Allocation] = []
    left = payment
    for invoice in queue:
        amount = left.min(invoice.balance)
        if amount.is_positive:
            allocations.append(Allocation(invoice.key, amount))
            left = left - amount
        if left.is_zero:
            break
    return tuple(allocations), left


def _remainder_owner(disposition: Disposition, scope: PaymentScope) -> CreditOwner:
    """Who gets what no invoice could take (the table of autobill §6.26, and account §3.3)."""
    to_autobill = disposition is Disposition.THIS_AUTOBILL or (
        disposition is Disposition.CREDIT and scope.made_on is OwnerKind.AUTOBILL
    )
    if to_autobill and scope.autobill is not None and not scope.autobill_ended:
        return CreditOwner.autobill(scope.autobill)
    return CreditOwner.account(scope.account)
