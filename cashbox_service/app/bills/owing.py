"""What an AutoBill that has ended owes outside of its invoices: its subscription balance (autobill §6.5).

Everything runs inside the caller's write transaction with the account and the AutoBill locked.
"""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app import books
from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting
from cashbox_service.app.taxes import taxing
from cashbox_service.app.usage import rated_items
from cashbox_service.domain import ledger
from cashbox_service.domain.lines import Line, charged_line, charges_of, exclusive_tax_of, inclusive_tax_of
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill


def owe(work: Work, autobill: AutoBill, lines: Sequence[Line]) -> None:
    """What the lines come to is owed from now on."""
    currency = autobill.currency
    tax = Money.of(exclusive_tax_of(lines, currency), currency)
    charges = Money.of(charges_of(lines, currency), currency) - tax
    contained = Money.of(inclusive_tax_of(lines, currency), currency)
    books.post(work, ledger.subscription_settled(autobill.vid, charges, tax, contained))
    autobill.subscription_balance += (charges + tax).amount


def owe_usage(work: Work, autobill: AutoBill) -> None:
    """No bill will come for what was used since the last one: it stays owed (billing-engine §4.5)."""
    charges = projecting.unbilled_usage(work, autobill)
    if not charges:
        return
    assessor = taxing.of_autobill(work, autobill).assessor
    owe(work, autobill, [charged_line(charge, assessor) for charge in charges])
    rated_items.mark_settled(work, autobill)
