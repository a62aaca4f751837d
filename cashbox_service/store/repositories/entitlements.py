"""Entitlements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cashbox_service.store.entities import Entitlement
from cashbox_service.store.repositories.base import Repository


class EntitlementRepository(Repository):
    """Entitlements of one merchant's customers."""

    def of_account_itself(self, account_vid: str) -> Sequence[Entitlement]:
        """Granted to the account, not through an AutoBill."""
        return self._all(
            self._of(Entitlement)
            .where(Entitlement.account_vid == account_vid, Entitlement.autobill_vid.is_(None))
            .order_by(Entitlement.start_at, Entitlement.vid)
        )

    def with_vids(self, vids: Iterable[str]) -> dict[str, Entitlement]:
        return self._with_vids(Entitlement, vids)

    def of_autobill(self, autobill_vid: str) -> Sequence[Entitlement]:
        return self._all(
            self._of(Entitlement)
            .where(Entitlement.autobill_vid == autobill_vid)
            .order_by(Entitlement.start_at, Entitlement.vid)
        )
