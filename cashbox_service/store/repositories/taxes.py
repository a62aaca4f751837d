"""The table of tax rates."""

from __future__ import annotations

from cashbox_service.store.entities import MerchantTaxTable
from cashbox_service.store.repositories.base import Repository


class TaxRepository(Repository):
    """The tax table of one merchant."""

    def current(self) -> MerchantTaxTable | None:
        """The table that counts now; None when none was ever loaded."""
        return self._one(self._of(MerchantTaxTable))
