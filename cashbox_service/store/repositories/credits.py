"""Credit grants, token balances and the credit history."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.store.entities import CreditEvent, CreditGrant, TokenBalance
from cashbox_service.store.repositories.base import Repository


class CreditRepository(Repository):
    """Credit of one merchant's customers."""

    def available_to_account(self, account_vid: str) -> Sequence[CreditGrant]:
        """What is left of the account's own grants, oldest first."""
        return self._all(
            self._of(CreditGrant)
            .where(
                CreditGrant.account_vid == account_vid,
                CreditGrant.autobill_vid.is_(None),
                CreditGrant.remaining > 0,
            )
            .order_by(CreditGrant.granted_at, CreditGrant.vid)
        )

    def available_to_autobill(self, autobill_vid: str) -> Sequence[CreditGrant]:
        """What is left of the AutoBill's own grants, oldest first."""
        return self._all(
            self._of(CreditGrant)
            .where(CreditGrant.autobill_vid == autobill_vid, CreditGrant.remaining > 0)
            .order_by(CreditGrant.granted_at, CreditGrant.vid)
        )

    def from_transaction(self, transaction_vid: str) -> Sequence[CreditGrant]:
        """Grants that an overpayment of this transaction created."""
        return self._all(
            self._of(CreditGrant)
            .where(CreditGrant.source_transaction_vid == transaction_vid)
            .order_by(CreditGrant.granted_at, CreditGrant.vid)
        )

    def grant(self, vid: str) -> CreditGrant | None:
        return self._one(self._of(CreditGrant).where(CreditGrant.vid == vid))

    def everything(self) -> Sequence[CreditGrant]:
        """All grants, for the audit."""
        return self._all(self._of(CreditGrant).order_by(CreditGrant.vid))

    def all_events(self) -> Sequence[CreditEvent]:
        """The whole history, oldest first, for the audit."""
        return self._all(self._of(CreditEvent).order_by(CreditEvent.at, CreditEvent.row_id))

    def token_balances(self, account_vid: str) -> Sequence[TokenBalance]:
        return self._all(
            self._of(TokenBalance)
            .where(TokenBalance.account_vid == account_vid)
            .order_by(TokenBalance.token_vid)
        )

    def token_balance(self, account_vid: str, token_vid: str) -> TokenBalance | None:
        return self._one(
            self._of(TokenBalance).where(
                TokenBalance.account_vid == account_vid, TokenBalance.token_vid == token_vid
            )
        )
