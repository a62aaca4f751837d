"""Checks on the whole ledger: the trial balance, and stored figures against what the postings say.

Every function works on the trial balance, which is made in one pass over all entries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.ledger import (
    AccountKind,
    Entry,
    LedgerAccount,
    customer_credit,
    receivable,
    subscription_balance,
    token_liability,
    written_off,
)
from cashbox_service.domain.money import TOKEN_CURRENCY, Money

TrialBalance = Mapping[tuple[LedgerAccount, str], Decimal]
"""Balance per account and currency, debit positive; balances of nothing are left out."""

_NOTHING: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A stored figure that the ledger does not confirm."""

    account: LedgerAccount
    currency: str
    stored: Decimal
    posted: Decimal


def trial_balance(entries: Iterable[Entry]) -> TrialBalance:
    """The balance of every account after all entries."""
    balances: dict[tuple[LedgerAccount, str], Decimal] = {}
    for entry in entries:
        for posting in entry.postings:
            key = (posting.account, entry.currency)
            balances[key] = balances.get(key, _NOTHING) + posting.amount
    return {key: balance for key, balance in balances.items() if balance}


def currency_totals(trial: TrialBalance) -> Mapping[str, Decimal]:
    """What all accounts add up to per currency, where it is not nothing: empty when the ledger is sound."""
    totals: dict[str, Decimal] = {}
    for (_, currency), balance in trial.items():
        totals[currency] = totals.get(currency, _NOTHING) + balance
    return {currency: amount for currency, amount in totals.items() if amount}


def invoice_balance(trial: TrialBalance, invoice: str, currency: str) -> Money:
    """What the postings say is left to pay, written off or not; minus what is booked on an Open invoice."""
    posted = _balance(trial, receivable(invoice), currency) + _balance(trial, written_off(invoice), currency)
    return Money.of(posted, currency)


def credit_balance(trial: TrialBalance, owner: CreditOwner, currency: str) -> Money:
    """The money credit that the postings say an owner has."""
    return Money.of(-_balance(trial, customer_credit(owner), currency), currency)


def check_invoices(
    trial: TrialBalance, stored: Mapping[str, Money], given_up: Iterable[str] = ()
) -> tuple[Discrepancy, ...]:
    """Compare invoice balances; an Open invoice enters ``stored`` with minus what is booked on it.

    ``given_up`` are the invoices written off: only they may have anything written off.
    """
    expected = {(receivable(invoice), amount.currency): amount.amount for invoice, amount in stored.items()}
    merged: dict[tuple[LedgerAccount, str], Decimal] = {}
    allowed = frozenset(given_up)
    for (account, currency), balance in trial.items():
        if account.kind is AccountKind.WRITE_OFF and account.subject in allowed:
            key = (receivable(account.subject), currency)
        else:
            key = (account, currency)
        merged[key] = merged.get(key, _NOTHING) + balance
    return _compare(merged, expected, lambda kind: kind in (AccountKind.RECEIVABLE, AccountKind.WRITE_OFF))


def check_credits(
    trial: TrialBalance, stored: Iterable[tuple[CreditOwner, Money]]
) -> tuple[Discrepancy, ...]:
    """Compare what is left of money grants, any number of them per owner, with customer credit."""
    expected: dict[tuple[LedgerAccount, str], Decimal] = {}
    for owner, left in stored:
        key = (customer_credit(owner), left.currency)
        expected[key] = expected.get(key, _NOTHING) - left.amount
    return _compare(trial, expected, lambda kind: kind is AccountKind.CUSTOMER_CREDIT)


def check_tokens(
    trial: TrialBalance, stored: Iterable[tuple[CreditOwner, str, int]]
) -> tuple[Discrepancy, ...]:
    """Compare balances of tokens, by owner and type, with what is owed in tokens."""
    expected = {
        (token_liability(owner, token), TOKEN_CURRENCY): Decimal(-balance)
        for owner, token, balance in stored
        if balance
    }
    return _compare(trial, expected, lambda kind: kind is AccountKind.TOKEN_LIABILITY)


def check_subscription_balances(trial: TrialBalance, stored: Mapping[str, Money]) -> tuple[Discrepancy, ...]:
    """Compare what reversed payments left owed on AutoBills."""
    expected = {
        (subscription_balance(autobill), owed.currency): owed.amount for autobill, owed in stored.items()
    }
    return _compare(trial, expected, lambda kind: kind is AccountKind.SUBSCRIPTION_BALANCE)


def check_given_back(trial: TrialBalance, stored: Iterable[tuple[str, Money]]) -> tuple[Discrepancy, ...]:
    """Compare what refunds gave back, money and used credit, by processor."""
    return _check_by_processor(trial, AccountKind.REFUNDS, stored)


def check_losses(trial: TrialBalance, stored: Iterable[tuple[str, Money]]) -> tuple[Discrepancy, ...]:
    """Compare what chargebacks say is lost, by processor."""
    return _check_by_processor(trial, AccountKind.CHARGEBACK_LOSS, stored)


def _check_by_processor(
    trial: TrialBalance, kind: AccountKind, stored: Iterable[tuple[str, Money]]
) -> tuple[Discrepancy, ...]:
    expected: dict[tuple[LedgerAccount, str], Decimal] = {}
    for processor, amount in stored:
        key = (LedgerAccount(kind, processor), amount.currency)
        expected[key] = expected.get(key, _NOTHING) + amount.amount
    return _compare(trial, expected, lambda other: other is kind)


def _compare(
    posted: TrialBalance, stored: TrialBalance, of_interest: Callable[[AccountKind], bool]
) -> tuple[Discrepancy, ...]:
    keys = {key for key in posted if of_interest(key[0].kind)} | set(stored)
    found = (
        Discrepancy(account, currency, stored.get((account, currency), _NOTHING),
                    posted.get((account, currency), _NOTHING))
        for account, currency in sorted(keys, key=lambda key: (key[0].kind.value, key[0].subject, key[1]))
    )  # fmt: skip
    return tuple(one for one in found if one.stored != one.posted)


def _balance(trial: TrialBalance, account: LedgerAccount, currency: str) -> Decimal:
    return trial.get((account, currency), _NOTHING)
