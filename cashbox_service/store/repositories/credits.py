"""Credit grants, token balances and the credit history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.store.entities import CreditEvent, CreditGrant, TokenBalance, TokenBooking
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

    def of_account(self, account_vid: str) -> Sequence[CreditGrant]:
        """All grants to the account itself, used up or not."""
        return self._all(
            self._of(CreditGrant)
            .where(CreditGrant.account_vid == account_vid, CreditGrant.autobill_vid.is_(None))
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

    def history(
        self,
        since: datetime,
        until: datetime,
        page: int,
        size: int,
        *,
        account_vid: str | None = None,
        autobill_vid: str | None = None,
        of_autobills: bool = False,
    ) -> Sequence[CreditEvent]:
        """Events at or after ``since`` and before ``until``, oldest first: of AutoBills, or of accounts themselves."""
        owner = CreditEvent.autobill_vid
        statement = self._of(CreditEvent).where(
            CreditEvent.at >= since,
            CreditEvent.at < until,
            owner.is_not(None) if of_autobills else owner.is_(None),
        )
        if account_vid is not None:
            statement = statement.where(CreditEvent.account_vid == account_vid)
        if autobill_vid is not None:
            statement = statement.where(owner == autobill_vid)
        return self._page(statement.order_by(CreditEvent.at, CreditEvent.row_id), page, size)

    def all_token_balances(self) -> Sequence[TokenBalance]:
        """For the audit."""
        return self._all(self._of(TokenBalance))

    def all_token_bookings(self) -> Sequence[TokenBooking]:
        """For the audit."""
        return self._all(self._of(TokenBooking))

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
