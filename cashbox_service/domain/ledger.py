"""The double-entry ledger: its accounts, balanced entries, and one builder per movement of money.

Debits are positive, credits negative; every entry adds up to nothing in one currency. What the customer owes on
an invoice is the debit balance of its receivable; money booked on an Open invoice makes it negative until the
bill is entered. What we owe the customer is the credit balance of customer credit. A correction is a further
entry, never an edit.

========================  ====================  ===================================================
account                   kept for              grows on the debit side with
========================  ====================  ===================================================
cash                      processor             payments received
receivable                invoice               charges and exclusive tax billed
customer credit           account or AutoBill   credit used, revoked, taken back (we owe less)
token liability           owner and token type  tokens used, revoked
subscription balance      AutoBill              what a reversed payment or the end leaves owed outside invoices
revenue                   —                     (credit side: charges)
tax payable               —                     (credit side: tax billed)
credit granted            — or token type       credit given without being paid for; tokens by their type
write-off                 invoice               debts given up
chargeback loss           processor             disputed payments lost
refunds                   processor             payments, and credit used beside them, given back
========================  ====================  ===================================================

Source: billing-engine §6–§8, autobill §6.26, §6.27, §6.30; the checks on the whole of it are in `audit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.money import TOKEN_CURRENCY, Money, quantise, total


class AccountKind(StrEnum):
    """What a ledger account counts."""

    CASH = "cash"
    RECEIVABLE = "receivable"
    CUSTOMER_CREDIT = "customer credit"
    TOKEN_LIABILITY = "token liability"
    SUBSCRIPTION_BALANCE = "subscription balance"
    REVENUE = "revenue"
    TAX_PAYABLE = "tax payable"
    CREDIT_GRANTED = "credit granted"
    WRITE_OFF = "write-off"
    CHARGEBACK_LOSS = "chargeback loss"
    REFUNDS = "refunds"


class EntryKind(StrEnum):
    """What an entry is about."""

    INVOICE_BILLED = "invoice billed"
    PAYMENT_RECEIVED = "payment received"
    PAYMENT_REVERSED = "payment reversed"
    PREPAYMENT_RELEASED = "prepayment released"
    PREPAYMENT_MOVED = "prepayment moved"
    CREDIT_GRANTED = "credit granted"
    CREDIT_REVOKED = "credit revoked"
    CREDIT_TRANSFERRED = "credit transferred"
    CREDIT_CONSUMED = "credit consumed"
    CREDIT_RESTORED = "credit restored"
    INVOICE_WRITTEN_OFF = "invoice written off"
    SALE = "sale"
    SALE_CANCELLED = "sale cancelled"
    PAYMENT_REFUNDED = "payment refunded"
    CREDIT_REFUNDED = "credit refunded"
    REFUND_FAILED = "refund failed"
    PAYMENT_CHARGED_BACK = "payment charged back"
    CHARGEBACK_RECOVERED = "chargeback recovered"
    SUBSCRIPTION_SETTLED = "subscription settled"
    CREDIT_SETTLED = "credit settled"
    BALANCE_PAID = "balance paid"


class InvalidEntry(ValueError):
    """A set of postings that no ledger may hold: unbalanced, of several currencies, or not in minor units."""


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """One account of the chart; ``subject`` names what it is kept for, empty where there is only one."""

    kind: AccountKind
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of an entry: debit positive, credit negative."""

    account: LedgerAccount
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """A balanced movement in one currency; without postings when nothing moved, as in a free cycle."""

    kind: EntryKind
    currency: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if sum((posting.amount for posting in self.postings), Decimal(0)):
            raise InvalidEntry(f"{self.kind.value}: debits and credits differ")
        for posting in self.postings:
            if not posting.amount:
                raise InvalidEntry(f"{self.kind.value}: a posting of nothing")
            if quantise(posting.amount, self.currency) != posting.amount:
                raise InvalidEntry(f"{self.kind.value}: {posting.amount} is no amount in {self.currency}")

    @classmethod
    def of(cls, kind: EntryKind, currency: str, *movements: tuple[LedgerAccount, Money]) -> Entry:
        """The entry of these movements, debit positive; those of nothing are left out. `InvalidEntry`."""
        if any(amount.currency != currency for _, amount in movements):
            raise InvalidEntry(f"{kind.value}: several currencies")
        postings = (Posting(account, amount.amount) for account, amount in movements if not amount.is_zero)
        return cls(kind, currency, tuple(postings))

    def reversed(self, kind: EntryKind) -> Entry:
        """The entry that undoes this one."""
        return Entry(kind, self.currency, tuple(Posting(p.account, -p.amount) for p in self.postings))


_REVENUE: Final = LedgerAccount(AccountKind.REVENUE)
_TAX: Final = LedgerAccount(AccountKind.TAX_PAYABLE)
_GRANTED: Final = LedgerAccount(AccountKind.CREDIT_GRANTED)


def receivable(invoice: str) -> LedgerAccount:
    """What is owed on the invoice."""
    return LedgerAccount(AccountKind.RECEIVABLE, invoice)


def cash(processor: str) -> LedgerAccount:
    """What the processor collected for us."""
    return LedgerAccount(AccountKind.CASH, processor)


def customer_credit(owner: CreditOwner) -> LedgerAccount:
    """What an account or an AutoBill has as money credit."""
    return LedgerAccount(AccountKind.CUSTOMER_CREDIT, f"{owner.kind.name.lower()}:{owner.key}")


def token_liability(owner: CreditOwner, token: str) -> LedgerAccount:
    """The tokens of one type that an owner has, counted in the token currency."""
    return LedgerAccount(AccountKind.TOKEN_LIABILITY, f"{owner.kind.name.lower()}:{owner.key}:{token}")


def subscription_balance(autobill: str) -> LedgerAccount:
    """What is owed on the AutoBill outside of its invoices."""
    return LedgerAccount(AccountKind.SUBSCRIPTION_BALANCE, autobill)


def written_off(invoice: str) -> LedgerAccount:
    """What was given up on the invoice."""
    return LedgerAccount(AccountKind.WRITE_OFF, invoice)


def invoice_billed(
    invoice: str, charges: Money, exclusive_tax: Money, inclusive_tax: Money | None = None
) -> Entry:
    """The invoice date has come. ``charges`` hold the inclusive tax, never the exclusive one."""
    contained = inclusive_tax or Money.zero(charges.currency)
    return Entry.of(
        EntryKind.INVOICE_BILLED,
        charges.currency,
        (receivable(invoice), charges + exclusive_tax),
        (_REVENUE, contained - charges),
        (_TAX, -(exclusive_tax + contained)),
    )


def payment_received(
    *,
    processor: str,
    allocations: Iterable[tuple[str, Money]],
    remainder: Money,
    remainder_to: CreditOwner,
    fee: Money | None = None,
) -> Entry:
    """A payment put on invoices (an Open one too: a prepayment), its overage granted as credit.

    ``fee`` is what the customer paid for paying so, beside all invoices (dialects §3).
    """
    parts = tuple(allocations)
    earned = fee or Money.zero(remainder.currency)
    paid = total((amount for _, amount in parts), remainder.currency) + remainder + earned
    return Entry.of(
        EntryKind.PAYMENT_RECEIVED,
        paid.currency,
        (cash(processor), paid),
        *((receivable(invoice), -amount) for invoice, amount in parts),
        (customer_credit(remainder_to), -remainder),
        (_REVENUE, -earned),
    )


def payment_reversed(
    *,
    processor: str,
    allocations: Iterable[tuple[str, Money]],
    credit_taken_back: Iterable[tuple[CreditOwner, Money]],
    owed_by: str,
    spent: Money,
    fee: Money | None = None,
) -> Entry:
    """A payment taken back, reversed or lost later.

    ``allocations`` are what still stood on each invoice, ``credit_taken_back`` what was unspent of its overage;
    ``spent``, the rest of the overage, is owed on the subscription balance of the AutoBill ``owed_by``.
    """
    parts, taken = tuple(allocations), tuple(credit_taken_back)
    earned = fee or Money.zero(spent.currency)
    lost = total((amount for _, amount in (*parts, *taken)), spent.currency) + spent + earned
    return Entry.of(
        EntryKind.PAYMENT_REVERSED,
        lost.currency,
        *((receivable(invoice), amount) for invoice, amount in parts),
        *((customer_credit(owner), amount) for owner, amount in taken),
        (subscription_balance(owed_by), spent),
        (_REVENUE, earned),
        (cash(processor), -lost),
    )


def prepayment_released(invoice: str, owner: CreditOwner, amount: Money) -> Entry:
    """Money booked ahead on an invoice that will not need it becomes credit.

    The invoice was closed before its date, or charges less than was booked.
    """
    return Entry.of(
        EntryKind.PREPAYMENT_RELEASED,
        amount.currency,
        (receivable(invoice), amount),
        (customer_credit(owner), -amount),
    )


def prepayment_moved(from_invoice: str, to_invoice: str, amount: Money) -> Entry:
    """Money booked ahead goes over to the Open invoice that takes the other one's place."""
    return Entry.of(
        EntryKind.PREPAYMENT_MOVED,
        amount.currency,
        (receivable(from_invoice), amount),
        (receivable(to_invoice), -amount),
    )


def credit_granted(owner: CreditOwner, amount: Money) -> Entry:
    """Credit given by the merchant, by a product or a gift card; overage is part of `payment_received`."""
    return Entry.of(
        EntryKind.CREDIT_GRANTED, amount.currency, (_GRANTED, amount), (customer_credit(owner), -amount)
    )


def credit_revoked(owner: CreditOwner, amount: Money) -> Entry:
    """Credit taken away from its owner."""
    return credit_granted(owner, amount).reversed(EntryKind.CREDIT_REVOKED)


def credit_transferred(giver: CreditOwner, receiver: CreditOwner, amount: Money) -> Entry:
    """Credit moved within a family."""
    return Entry.of(
        EntryKind.CREDIT_TRANSFERRED,
        amount.currency,
        (customer_credit(giver), amount),
        (customer_credit(receiver), -amount),
    )


def credit_consumed(invoice: str, owner: CreditOwner, amount: Money) -> Entry:
    """Credit used on an invoice."""
    return Entry.of(
        EntryKind.CREDIT_CONSUMED,
        amount.currency,
        (customer_credit(owner), amount),
        (receivable(invoice), -amount),
    )


def credit_restored(invoice: str, owner: CreditOwner, amount: Money) -> Entry:
    """Credit given back because the attempt that used it failed."""
    return credit_consumed(invoice, owner, amount).reversed(EntryKind.CREDIT_RESTORED)


def tokens_granted(owner: CreditOwner, token: str, count: int) -> Entry:
    """Tokens added to a balance."""
    tokens = Money.of(count, TOKEN_CURRENCY)
    return Entry.of(
        EntryKind.CREDIT_GRANTED,
        TOKEN_CURRENCY,
        (LedgerAccount(AccountKind.CREDIT_GRANTED, token), tokens),
        (token_liability(owner, token), -tokens),
    )


def tokens_revoked(owner: CreditOwner, token: str, count: int) -> Entry:
    """Tokens taken off a balance without buying anything."""
    return tokens_granted(owner, token, count).reversed(EntryKind.CREDIT_REVOKED)


def tokens_transferred(giver: CreditOwner, receiver: CreditOwner, token: str, count: int) -> Entry:
    """Tokens moved within a family, or to the account that another one is merged into."""
    tokens = Money.of(count, TOKEN_CURRENCY)
    return Entry.of(
        EntryKind.CREDIT_TRANSFERRED,
        TOKEN_CURRENCY,
        (token_liability(giver, token), tokens),
        (token_liability(receiver, token), -tokens),
    )


def tokens_consumed(invoice: str, owner: CreditOwner, token: str, count: int) -> Entry:
    """Tokens that pay an invoice whose prices are in tokens."""
    tokens = Money.of(count, TOKEN_CURRENCY)
    return Entry.of(
        EntryKind.CREDIT_CONSUMED,
        TOKEN_CURRENCY,
        (token_liability(owner, token), tokens),
        (receivable(invoice), -tokens),
    )


def invoice_written_off(invoice: str, balance: Money) -> Entry:
    """A debt given up; what stays on record as its balance is receivable plus write-off."""
    return Entry.of(
        EntryKind.INVOICE_WRITTEN_OFF,
        balance.currency,
        (written_off(invoice), balance),
        (receivable(invoice), -balance),
    )


def sale(
    *, processor: str, paid: Money, credit_used: Iterable[tuple[CreditOwner, Money]], tax: Money
) -> Entry:
    """A one-time transaction approved: money and credit for goods, ``tax`` of any type contained in them."""
    uses = tuple(credit_used)
    value = total((amount for _, amount in uses), paid.currency) + paid
    return Entry.of(
        EntryKind.SALE,
        paid.currency,
        (cash(processor), paid),
        *((customer_credit(owner), amount) for owner, amount in uses),
        (_REVENUE, tax - value),
        (_TAX, -tax),
    )


def payment_refunded(processor: str, amount: Money) -> Entry:
    """Money given back; invoices and credit stay as they are (billing-engine §9.6)."""
    refunds = LedgerAccount(AccountKind.REFUNDS, processor)
    return Entry.of(
        EntryKind.PAYMENT_REFUNDED, amount.currency, (refunds, amount), (cash(processor), -amount)
    )


def credit_refunded(processor: str, owner: CreditOwner, amount: Money) -> Entry:
    """Credit that a payment had used returns to its owner, who is refunded."""
    refunds = LedgerAccount(AccountKind.REFUNDS, processor)
    return Entry.of(
        EntryKind.CREDIT_REFUNDED, amount.currency, (refunds, amount), (customer_credit(owner), -amount)
    )


def credit_refund_failed(processor: str, owner: CreditOwner, amount: Money) -> Entry:
    """The part of returned credit that was unspent when its refund failed is taken back."""
    return credit_refunded(processor, owner, amount).reversed(EntryKind.REFUND_FAILED)


def payment_charged_back(processor: str, amount: Money) -> Entry:
    """Money lost in a dispute; invoices and credit stay as they are (billing-engine §9.6)."""
    loss = LedgerAccount(AccountKind.CHARGEBACK_LOSS, processor)
    return Entry.of(
        EntryKind.PAYMENT_CHARGED_BACK, amount.currency, (loss, amount), (cash(processor), -amount)
    )


def chargeback_recovered(processor: str, amount: Money) -> Entry:
    """A dispute was won, or its amount was corrected: so much is not lost."""
    return payment_charged_back(processor, amount).reversed(EntryKind.CHARGEBACK_RECOVERED)


def subscription_settled(
    autobill: str, charges: Money, exclusive_tax: Money, inclusive_tax: Money | None = None
) -> Entry:
    """An AutoBill ends with charges that were never billed, less what is taken back of earlier ones.

    ``charges`` hold the inclusive tax, never the exclusive one; nothing is owed where the two make up for each other.
    """
    contained = inclusive_tax or Money.zero(charges.currency)
    return Entry.of(
        EntryKind.SUBSCRIPTION_SETTLED,
        charges.currency,
        (subscription_balance(autobill), charges + exclusive_tax),
        (_REVENUE, contained - charges),
        (_TAX, -(exclusive_tax + contained)),
    )


def credit_settled(autobill: str, owner: CreditOwner, amount: Money) -> Entry:
    """Credit is counted against what an AutoBill that has ended owes, or stays owed to its customer there."""
    return Entry.of(
        EntryKind.CREDIT_SETTLED,
        amount.currency,
        (customer_credit(owner), amount),
        (subscription_balance(autobill), -amount),
    )


def balance_paid(processor: str, autobill: str, amount: Money) -> Entry:
    """Money for what an AutoBill that has ended still owed."""
    return Entry.of(
        EntryKind.BALANCE_PAID,
        amount.currency,
        (cash(processor), amount),
        (subscription_balance(autobill), -amount),
    )
