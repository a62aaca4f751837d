"""Entitlements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_

from cashbox_service.store.entities import Entitlement
from cashbox_service.store.repositories.base import Repository


class EntitlementRepository(Repository):
    """Entitlements of one merchant's customers."""

    def of_account_itself(self, account_vid: str, own_id: str | None = None) -> Sequence[Entitlement]:
        """Granted to the account, not through an AutoBill; those of one name where it is given."""
        statement = self._of(Entitlement).where(
            Entitlement.account_vid == account_vid, Entitlement.autobill_vid.is_(None)
        )
        if own_id is not None:
            statement = statement.where(Entitlement.merchant_entitlement_id == own_id)
        return self._all(statement.order_by(Entitlement.start_at, Entitlement.vid))

    def of_accounts(self, account_vids: Iterable[str], own_id: str | None = None) -> Sequence[Entitlement]:
        """Whatever they come from, by their start; those of one name where it is given."""
        statement = self._of(Entitlement).where(Entitlement.account_vid.in_(list(account_vids)))
        if own_id is not None:
            statement = statement.where(Entitlement.merchant_entitlement_id == own_id)
        return self._all(statement.order_by(Entitlement.start_at, Entitlement.vid))

    def changed_between(
        self, since: datetime, until: datetime, page: int, size: int
    ) -> Sequence[Entitlement]:
        """By the time of their last change."""
        return self._page(
            self._of(Entitlement)
            .where(Entitlement.changed_at >= since, Entitlement.changed_at < until)
            .order_by(Entitlement.changed_at, Entitlement.vid),
            page,
            size,
        )

    def ended_by_themselves(
        self, after: datetime, after_vid: str, until: datetime, limit: int
    ) -> Sequence[Entitlement]:
        """Those whose time ran out behind the given end and by that moment, by their ends.

        One that was ended by a decision at its end, or later, is none of them.
        """
        return self._all(
            self._of(Entitlement)
            .where(
                Entitlement.end_at >= after,
                Entitlement.end_at <= until,
                or_(Entitlement.end_at > after, Entitlement.vid > after_vid),
                Entitlement.end_at > Entitlement.changed_at,
                Entitlement.end_at > Entitlement.start_at,
            )
            .order_by(Entitlement.end_at, Entitlement.vid)
            .limit(limit)
        )

    def with_vids(self, vids: Iterable[str]) -> dict[str, Entitlement]:
        return self._with_vids(Entitlement, vids)

    def of_autobill(self, autobill_vid: str) -> Sequence[Entitlement]:
        return self._all(
            self._of(Entitlement)
            .where(Entitlement.autobill_vid == autobill_vid)
            .order_by(Entitlement.start_at, Entitlement.vid)
        )

    def remove(self, entry: Entitlement) -> None:
        """Take away a right that has not begun."""
        self.session.delete(entry)
