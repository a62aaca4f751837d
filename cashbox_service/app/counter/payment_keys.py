"""Repeats of a payment: the caller's key, what was asked for under it, and what came of it (dialects, common rules).

A key is kept in the transaction that books the payment, or that intends to, so that a refused call uses none up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.domain.errors import Duplicate
from cashbox_service.store.entities import PaymentKey

MAX_KEY = 255


class KeyReused(Duplicate):
    """A key was used before for something else; ``transaction_id`` is the payment it was used for."""

    transaction_id: str

    def __init__(self, field: str, value: str, transaction_id: str) -> None:
        super().__init__(field, value[:40], f"{field} was used before for another payment.")
        self.transaction_id = transaction_id


@dataclass(frozen=True, slots=True)
class Key:
    """A key as it came: the wire name it has, whose keys it is compared with, and its text."""

    field: str
    scope: str
    text: str


def digest(content: object) -> str:
    """The hash of what a payment asks for; ``content`` has one form for what means the same."""
    return hashlib.sha256(repr(content).encode()).hexdigest()


def known(work: Work, keys: tuple[Key, ...], content: str) -> PaymentKey | None:
    """The row of a payment that is repeated, None when all keys are new. Raises KeyReused for other content."""
    for key in keys:
        row = work.uow.naming.key(key.scope, key.text)
        if row is None:
            continue
        if row.digest != content:
            raise KeyReused(key.field, key.text, _transaction_id(work, row))
        return row
    return None


def keep(
    work: Work,
    keys: tuple[Key, ...],
    content: str,
    transaction_vid: str | None,
    progress: Mapping[str, Any] | None = None,
) -> None:
    """Remember the keys of a payment inside the caller's write transaction."""
    for key in keys:
        work.uow.naming.add(
            PaymentKey(
                scope=key.scope,
                key=key.text,
                digest=content,
                transaction_vid=transaction_vid,
                progress=dict(progress or {}),
                created_at=work.now,
            )
        )


def _transaction_id(work: Work, row: PaymentKey) -> str:
    found = work.uow.transactions.by_vid(row.transaction_vid) if row.transaction_vid is not None else None
    return found.merchant_transaction_id if found is not None else ""
