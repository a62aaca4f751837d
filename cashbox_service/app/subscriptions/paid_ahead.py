"""What was paid for service beyond the end of an AutoBill: found, and given back (autobill §6.5, §6.40)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.disputes import refund_effects, refunding
from cashbox_service.app.engine import running_service
from cashbox_service.app.subscriptions import paid_service
from cashbox_service.app.subscriptions.paid_service import Credit, Payments
from cashbox_service.domain import final_settlement as rules
from cashbox_service.domain import ledger
from cashbox_service.domain.credit import CreditOwner, CreditUse
from cashbox_service.domain.invoice import InvoiceState
from cashbox_service.domain.lines import Line, amount_of
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, Invoice, Refund, Transaction

GIVEN_BACK = "Settlement"


@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """A paid invoice that serves beyond today: what is taken back of it, and who paid it.

    ``payments`` can be refunded, newest first, each as far as it paid this invoice; ``credit`` is what it used, by the
    transaction that a refund would give it back with, or by none; ``by_hand`` was paid in a way that cannot go back.
    """

    invoice: Invoice
    lines: tuple[Line, ...]
    payments: Payments
    credit: Credit
    by_hand: Money

    @property
    def worth(self) -> Money:
        return Money.of(-amount_of(self.lines, self.invoice.currency), self.invoice.currency)


def of(work: Work, autobill: AutoBill) -> Iterator[PaidInvoice]:
    """Paid invoices that serve beyond today, the newest first, each with what is taken back of it."""
    running = running_service.of(work, autobill)
    for one in reversed(running.periods):
        invoice, last = one.invoice, one.period.last
        if invoice.state != InvoiceState.PAID or last <= work.today:
            continue
        money = paid_service.paid_with(work, autobill, one.invoices)
        names = [transaction.merchant_transaction_id for transaction, _ in money.payments]
        lines = (
            (paid, rules.unused(paid.line, paid.period.last, work.today, invoice.currency, names))
            for paid in running.lines_of(one)
        )
        found = [(paid, line) for paid, line in lines if line is not None]
        taken_back = [line for line in paid_service.still_there(work, found, money) if line.total]
        if taken_back:
            yield PaidInvoice(invoice, tuple(taken_back), money.payments, money.credit, money.by_hand)


def give_back(work: Work, autobill: AutoBill, paid: Sequence[PaidInvoice], amount: Money) -> list[Refund]:
    """First to those who paid, then as the credit that was used; what is left becomes credit of the account."""
    refunds = []
    rest = Money.zero(amount.currency)
    for one, wanted in zip(paid, rules.draw(amount, [each.worth for each in paid]), strict=True):
        limits = [limit for _, limit in (*one.payments, *one.credit)]
        parts = rules.draw(wanted, limits)
        money = list(zip((payer for payer, _ in one.payments), parts, strict=False))
        credit = list(zip((user for user, _ in one.credit), parts[len(money) :], strict=True))
        for transaction, (cash, used) in _by_transaction(money, credit, amount.currency).items():
            refunds.append(refunding.accept(work, transaction, cash, used))
        for user, used in credit:
            if user is None and used.is_positive:
                _restore(work, autobill, one.invoice, used)
        for part in parts:
            wanted = wanted - part  # noqa: PLW2901
        rest = rest + wanted
    if rest.is_positive:
        _grant(work, autobill, rest)
    return refunds


def _by_transaction(
    money: Sequence[tuple[Transaction, Money]],
    credit: Sequence[tuple[Transaction | None, Money]],
    currency: str,
) -> dict[Transaction, tuple[Money, Money]]:
    """Money and credit that goes back with the refund of each transaction, the payments first."""
    nothing = Money.zero(currency)
    found: dict[Transaction, tuple[Money, Money]] = {}
    for transaction, amount in money:
        if amount.is_positive:
            cash, used = found.get(transaction, (nothing, nothing))
            found[transaction] = (cash + amount, used)
    for user, amount in credit:
        if user is not None and amount.is_positive:
            cash, used = found.get(user, (nothing, nothing))
            found[user] = (cash, used + amount)
    return found


def _restore(work: Work, autobill: AutoBill, invoice: Invoice, amount: Money) -> None:
    """Credit that an issued invoice used returns to its owners, the latest use first."""
    parts = [
        part
        for event in work.uow.invoices.credit_events_on(invoice.vid)
        for part in event.parts
        if event.type == "Consumption" and part.vid is not None and part.amount is not None
    ]
    limits = [Money.of(part.amount or Decimal(0), amount.currency) for part in reversed(parts)]
    for part, back in zip(reversed(parts), rules.draw(amount, limits), strict=True):
        if back.is_positive and part.vid is not None:
            use = CreditUse(part.vid, back.amount)
            grant = refund_effects.grant_again(work, autobill.account, use)
            books.post(work, ledger.credit_granted(crediting.owner_of(grant), back))


def _grant(work: Work, autobill: AutoBill, amount: Money) -> None:
    account = autobill.account
    grant = books.grant_currency(
        work, account, None, amount.amount, amount.currency, source="Refund", description=GIVEN_BACK
    )
    books.log_credit(work, "Grant", account, None, [books.currency_part(grant, amount.amount)])
    books.post(work, ledger.credit_granted(CreditOwner.account(account.vid), amount))
