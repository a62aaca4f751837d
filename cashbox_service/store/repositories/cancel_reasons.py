"""Cancel reasons of merchants' own."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.store.entities import OwnCancelReason
from cashbox_service.store.repositories.base import Repository


class CancelReasonRepository(Repository):
    """What one merchant says of cancel reasons."""

    def by_code(self, code: str) -> OwnCancelReason | None:
        return self._one(self._of(OwnCancelReason).where(OwnCancelReason.code == code))

    def everything(self) -> Sequence[OwnCancelReason]:
        return self._all(self._of(OwnCancelReason).order_by(OwnCancelReason.code))
