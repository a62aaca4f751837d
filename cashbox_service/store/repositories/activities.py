"""Activities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cashbox_service.store.entities import Activity
from cashbox_service.store.repositories.base import Repository


class ActivityRepository(Repository):
    """What one merchant's customers did."""

    def of_account(
        self,
        account_vid: str,
        since: datetime,
        until: datetime,
        page: int,
        size: int,
        types: Sequence[str] = (),
    ) -> Sequence[Activity]:
        """What happened at or after ``since`` and before ``until``, oldest first; of all types when none is named."""
        statement = self._of(Activity).where(
            Activity.account_vid == account_vid, Activity.at >= since, Activity.at < until
        )
        if types:
            statement = statement.where(Activity.type.in_(types))
        return self._page(statement.order_by(Activity.at, Activity.row_id), page, size)
