"""Everything that an account owns, given to another account at once (account §8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from cashbox_service.store.base import Base
from cashbox_service.store.entities import (
    Activity,
    AutoBill,
    CampaignRedemption,
    CreditEvent,
    CreditGrant,
    ElectronicSignature,
    Entitlement,
    GiftCard,
    Invoice,
    RatedEvent,
    TokenBalance,
    TokenBooking,
    Transaction,
)
from cashbox_service.store.repositories.base import Repository

MOVED: tuple[type[Base], ...] = (
    AutoBill, Invoice, Transaction, CreditGrant, CreditEvent, TokenBooking, RatedEvent, Activity, GiftCard,
    CampaignRedemption, ElectronicSignature,
)  # fmt: skip
"""What goes over as it stands. Payment methods, entitlements and balances of tokens change with their owner."""


class MergeRepository(Repository):
    """Rows of one merchant that change hands."""

    def move_all(self, source_vid: str, target_vid: str, now: datetime) -> None:
        """Write the new owner; what was loaded before is read anew afterwards.

        A paymentId that both accounts have used stays with the target, where it must be unique.
        """
        self._forget_payment_ids(source_vid, target_vid)
        for entity in MOVED:
            self._move(entity, source_vid, account_vid=target_vid)
        self._move(Entitlement, source_vid, account_vid=target_vid, changed_at=now)
        self._close_balances(source_vid)
        self.session.expire_all()

    def _forget_payment_ids(self, source_vid: str, target_vid: str) -> None:
        used = select(Transaction.payment_id).where(
            Transaction.merchant_vid == self.merchant_vid,
            Transaction.account_vid == target_vid,
            Transaction.payment_id.is_not(None),
        )
        self.session.execute(
            update(Transaction)
            .where(
                Transaction.merchant_vid == self.merchant_vid,
                Transaction.account_vid == source_vid,
                Transaction.payment_id.in_(used),
            )
            .values(payment_id=None)
            .execution_options(synchronize_session=False)
        )

    def _close_balances(self, source_vid: str) -> None:
        """Balances of tokens that were moved are nothing now, and nobody's."""
        self.session.execute(
            delete(TokenBalance)
            .where(TokenBalance.merchant_vid == self.merchant_vid, TokenBalance.account_vid == source_vid)
            .execution_options(synchronize_session=False)
        )

    def _move(self, entity: type[Any], source_vid: str, **values: Any) -> None:
        self.session.execute(
            update(entity)
            .where(entity.merchant_vid == self.merchant_vid, entity.account_vid == source_vid)
            .values(**values)
            .execution_options(synchronize_session=False)
        )
