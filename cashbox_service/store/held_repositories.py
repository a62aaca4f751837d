"""The repositories of a transaction over a held group: what is held they answer from memory (see ``store.held``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from cashbox_service.store.direct import Batch
from cashbox_service.store.entities import (
    Account,
    AutoBill,
    AutoBillCharge,
    CreditGrant,
    Entitlement,
    Invoice,
    PaymentAttempt,
    Transaction,
)
from cashbox_service.store.held import CURRENT, Held
from cashbox_service.store.repositories.accounts import AccountRepository
from cashbox_service.store.repositories.autobills import AutoBillRepository
from cashbox_service.store.repositories.credits import CreditRepository
from cashbox_service.store.repositories.entitlements import EntitlementRepository
from cashbox_service.store.repositories.invoices import UNPAID, InvoiceRepository
from cashbox_service.store.repositories.transactions import TransactionRepository


class HeldAutoBills(AutoBillRepository):
    """AutoBills, the held ones from memory."""

    held: Held

    def by_vid(self, vid: str) -> AutoBill | None:
        return self.held.autobills.get(vid) or super().by_vid(vid)

    def lock(self, vid: str) -> AutoBill | None:
        return self.held.autobills.get(vid) or super().lock(vid)

    def pending_charges(self, autobill_vid: str) -> Sequence[AutoBillCharge]:
        if autobill_vid not in self.held.autobills:
            return super().pending_charges(autobill_vid)
        return [one for one in self.held.charges[autobill_vid] if one.invoice_vid is None]


class HeldAccounts(AccountRepository):
    """Accounts, the held ones from memory."""

    held: Held

    def by_vid(self, vid: str) -> Account | None:
        return self.held.accounts.get(vid) or super().by_vid(vid)

    def lock(self, vid: str) -> Account | None:
        return self.held.accounts.get(vid) or super().lock(vid)


class HeldInvoices(InvoiceRepository):
    """Invoices; of held AutoBills those that are Open or unpaid, and the last one that is settled, from memory."""

    held: Held

    def add(self, entity: Any) -> Any:
        super().add(entity)
        if isinstance(entity, Invoice) and entity.autobill_vid in self.held.autobills:
            self.held.note(entity)
        return entity

    def by_vid(self, vid: str) -> Invoice | None:
        return self.held.by_vid.get(vid) or super().by_vid(vid)

    def lock(self, vid: str) -> Invoice | None:
        return self.held.by_vid.get(vid) or super().lock(vid)

    def of_autobill(self, autobill_vid: str, state: str | None = None) -> Sequence[Invoice]:
        if state not in CURRENT or autobill_vid not in self.held.autobills:
            return super().of_autobill(autobill_vid, state)
        return [one for one in self.held.invoices[autobill_vid] if one.state == state]

    def latest_of_autobill(self, autobill_vid: str) -> Sequence[Invoice]:
        if autobill_vid not in self.held.autobills:
            return super().latest_of_autobill(autobill_vid)
        return list(self.held.invoices[autobill_vid])

    def open_of(self, autobill_vid: str) -> Invoice | None:
        if autobill_vid not in self.held.autobills:
            return super().open_of(autobill_vid)
        return next((one for one in self.held.invoices[autobill_vid] if one.state == "Open"), None)

    def unpaid_of_autobill(self, autobill_vid: str) -> Sequence[Invoice]:
        if autobill_vid not in self.held.autobills:
            return super().unpaid_of_autobill(autobill_vid)
        unpaid = (one for one in self.held.invoices[autobill_vid] if one.state in UNPAID)
        return sorted(unpaid, key=lambda one: (one.due_on, one.number))

    def turning_overdue(self, autobill_vid: str, today: date) -> Sequence[Invoice]:
        if autobill_vid not in self.held.autobills:
            return super().turning_overdue(autobill_vid, today)
        return [
            one
            for one in self.held.invoices[autobill_vid]
            if one.state == "Due" and one.overdue_on is not None and one.overdue_on <= today
        ]


class HeldEntitlements(EntitlementRepository):
    """Entitlements, those of held AutoBills from memory."""

    held: Held

    def add(self, entity: Any) -> Any:
        super().add(entity)
        if isinstance(entity, Entitlement) and entity.autobill_vid in self.held.autobills:
            self.held.entitlements[entity.autobill_vid or ""].append(entity)
        return entity

    def of_autobill(self, autobill_vid: str) -> Sequence[Entitlement]:
        if autobill_vid not in self.held.autobills:
            return super().of_autobill(autobill_vid)
        return sorted(self.held.entitlements[autobill_vid], key=lambda one: (one.start_at, one.vid))


class HeldCredits(CreditRepository):
    """Credit, what is left of the grants of held accounts from memory."""

    held: Held

    def add(self, entity: Any) -> Any:
        super().add(entity)
        if isinstance(entity, CreditGrant) and entity.account_vid in self.held.accounts:
            self.held.grants[entity.account_vid].append(entity)
        return entity

    def available_to_account(self, account_vid: str) -> Sequence[CreditGrant]:
        if account_vid not in self.held.accounts:
            return super().available_to_account(account_vid)
        return self._left(account_vid, None)

    def available_to_autobill(self, autobill_vid: str) -> Sequence[CreditGrant]:
        autobill = self.held.autobills.get(autobill_vid)
        if autobill is None:
            return super().available_to_autobill(autobill_vid)
        return self._left(autobill.account_vid, autobill_vid)

    def grant(self, vid: str) -> CreditGrant | None:
        held = next((one for some in self.held.grants.values() for one in some if one.vid == vid), None)
        return held if held is not None else super().grant(vid)

    def _left(self, account_vid: str, autobill_vid: str | None) -> list[CreditGrant]:
        left = (
            one
            for one in self.held.grants[account_vid]
            if one.autobill_vid == autobill_vid and one.remaining > 0
        )
        return sorted(left, key=lambda one: (one.granted_at, one.vid))


class HeldTransactions(TransactionRepository):
    """Transactions and attempts, those of the group's attempts from memory."""

    held: Held

    def add(self, entity: Any) -> Any:
        super().add(entity)
        if isinstance(entity, Transaction) and entity.invoice_vid is not None:
            self.held.unsettled.add(entity.invoice_vid)
        return entity

    def by_vid(self, vid: str) -> Transaction | None:
        return self.held.transactions.get(vid) or super().by_vid(vid)

    def lock(self, vid: str) -> Transaction | None:
        return self.held.transactions.get(vid) or super().lock(vid)

    def attempt(self, request_key: str) -> PaymentAttempt | None:
        return self.held.attempts.get(request_key) or super().attempt(request_key)

    def lock_attempt(self, request_key: str) -> PaymentAttempt | None:
        return self.held.attempts.get(request_key) or super().lock_attempt(request_key)

    def unsettled_on(self, invoice_vid: str) -> bool:
        is_known = invoice_vid in self.held.by_vid and invoice_vid not in self.held.unsettled
        return False if is_known else super().unsettled_on(invoice_vid)


REPOSITORIES: dict[str, type[Any]] = {
    "autobills": HeldAutoBills,
    "accounts": HeldAccounts,
    "invoices": HeldInvoices,
    "entitlements": HeldEntitlements,
    "credits": HeldCredits,
    "transactions": HeldTransactions,
}
"""The repositories that know of what is held, by the name that a unit of work gives them."""


def changed_of(held: Held | None, batch: Batch) -> None:
    """Hand to the batch what was changed of the held entities."""
    for entity in held.changeable() if held is not None else ():
        batch.change_if_needed(entity)
