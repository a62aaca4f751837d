"""What an answer shows of an object beyond its own row, loaded only when it is asked for.

Mappers read these lazily, so that an answer narrowed by a sparse response description costs fewer queries.
"""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.context import Work
from cashbox_service.lazily import made_once
from cashbox_service.store.entities import (
    Account,
    CreditGrant,
    Entitlement,
    PaymentMethod,
    TokenBalance,
)
from cashbox_service.store.repositories.payments import Holdings


class AccountView:
    """An account with everything an answer may carry of it (account §1.1, "Returned content")."""

    def __init__(self, work: Work, account: Account) -> None:
        self.work = work
        self.account = account

    def load(self) -> None:
        """Load everything, so that nothing needs to be asked of the store later."""
        _ = self.parent_merchant_account_id, self.payment_methods
        _ = self.token_balances, self.credit, self.entitlements

    @made_once
    def parent_merchant_account_id(self) -> str | None:
        if self.account.parent_vid is None:
            return None
        parent = self.work.uow.accounts.by_vid(self.account.parent_vid)
        return parent.merchant_account_id if parent is not None else None

    @made_once
    def payment_methods(self) -> Sequence[PaymentMethod]:
        """Active ones by sortOrder."""
        return self.work.uow.payments.methods_of(self.account.vid)

    @made_once
    def _holdings(self) -> Holdings:
        return self.work.uow.payments.holdings_of(self.account.vid)

    @made_once
    def token_balances(self) -> Sequence[TokenBalance]:
        if not self._holdings.tokens:
            return ()
        return self.work.uow.payments.token_balances_of(self.account.vid)

    @made_once
    def credit(self) -> Sequence[CreditGrant]:
        """Grants to the account itself of which something is left."""
        if not self._holdings.credit:
            return ()
        return self.work.uow.payments.credit_of(self.account.vid)

    @made_once
    def entitlements(self) -> Sequence[Entitlement]:
        """Granted to the account itself."""
        if not self._holdings.entitlements:
            return ()
        return self.work.uow.payments.entitlements_of(self.account.vid)


def account_view(work: Work, account: Account) -> AccountView:
    """The view of an account, one per account and call."""
    view = work.views.get(account.vid)
    if view is None:
        view = work.views[account.vid] = AccountView(work, account)
    return view
