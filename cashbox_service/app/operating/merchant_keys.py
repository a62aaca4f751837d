"""Keys by which programs call as a merchant without its SOAP log-in, and the one that signs push messages.

A key is random and shown once. What is kept of it is a keyed hash, by which it is found again; only what signatures are
made with is kept so that it can be read, sealed in the vault: the secret of a CheckOut key, and the push key itself.
Source: dialects, common rules and §1; notifications §1.1.

These run outside of any merchant's own work, over the registry of the store.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cashbox_service.app.operating import merchants
from cashbox_service.crypto import Vault
from cashbox_service.domain.errors import NotFound
from cashbox_service.store import registry
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import MerchantKey
from cashbox_service.store.registry import FoundKey

_KEY_BYTES = 30
"""Random bytes of a key or a secret: 40 characters, as many as the key of push messages has to have."""

ID_LENGTH = 12
"""Characters of a key's hash that operators know it by; they tell nothing of the key."""


class KeyPurpose(StrEnum):
    """What a key is good for: one dialect, or the signatures of push messages."""

    CHECKOUT = "checkout"
    MAKE_PAYMENT = "makepayment"
    CREATE_PAYMENT = "createpayment"
    CHECKOUT_PAYMENTS = "checkoutpmt"
    PUSH = "push"


class KeyNotFound(NotFound):
    """No such key."""

    kind = "key"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown once; ``secret`` is what calls with it are signed with, None where they are not."""

    id: str
    key: str = field(repr=False)
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """A key that somebody came with, and whose it is."""

    merchant_vid: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class ListedKey:
    """What can be told of a key afterwards."""

    id: str
    purpose: KeyPurpose
    created_at: datetime


def add(database: Database, vault: Vault, merchant_vid: str, purpose: KeyPurpose, now: datetime) -> NewKey:
    """A new key of the merchant. Of push keys a merchant has one: the new one takes the place of the old.

    Raises MerchantNotFound.
    """
    key = secrets.token_urlsafe(_KEY_BYTES)
    secret = secrets.token_urlsafe(_KEY_BYTES) if purpose is KeyPurpose.CHECKOUT else None
    to_keep = key if purpose is KeyPurpose.PUSH else secret
    row = MerchantKey(
        digest=_digest(vault, key),
        merchant_vid=merchant_vid,
        purpose=purpose.value,
        sealed=None if to_keep is None else vault.seal(to_keep, _context(merchant_vid, purpose.value)),
        created_at=now,
    )
    with registry.changing(database) as rows:
        merchants.existing(rows, merchant_vid)
        if purpose is KeyPurpose.PUSH and (old := rows.key_for(merchant_vid, purpose.value)) is not None:
            rows.remove_key(old)
        rows.add(row)
    return NewKey(row.digest[:ID_LENGTH], key, secret)


def find(database: Database, vault: Vault, purpose: KeyPurpose, key: str) -> KeyRecord | None:
    """Whose key this is; None when it is nobody's, or is for another purpose."""
    row = registry.find_key(database, _digest(vault, key))
    if row is None or row.purpose != purpose:
        return None
    return KeyRecord(row.merchant_vid, _opened(vault, row))


def push_key(database: Database, vault: Vault, merchant_vid: str) -> str | None:
    """What the merchant's push messages are signed with; None when it has no such key."""
    with registry.reading(database) as rows:
        row = rows.key_for(merchant_vid, KeyPurpose.PUSH.value)
        return None if row is None else _opened(vault, row)


def listed(database: Database, merchant_vid: str) -> Sequence[ListedKey]:
    """The keys of the merchant, the oldest first."""
    with registry.reading(database) as rows:
        return [
            ListedKey(row.digest[:ID_LENGTH], KeyPurpose(row.purpose), row.created_at)
            for row in rows.keys(merchant_vid)
        ]


def remove(database: Database, merchant_vid: str, key_id: str) -> None:
    """Let a key open nothing from now on. Raises KeyNotFound when the merchant has no key of that id."""
    with registry.changing(database) as rows:
        found = [row for row in rows.keys(merchant_vid, locked=True) if row.digest[:ID_LENGTH] == key_id]
        if not found:
            raise KeyNotFound("key", key_id)
        rows.remove_key(found[0])


def _digest(vault: Vault, key: str) -> str:
    return vault.fingerprint(key, "merchant key")


def _context(merchant_vid: str, purpose: str) -> str:
    """Binds a sealed secret to its merchant and purpose."""
    return f"{merchant_vid}/key/{purpose}"


def _opened(vault: Vault, row: MerchantKey | FoundKey) -> str | None:
    return None if row.sealed is None else vault.open(row.sealed, _context(row.merchant_vid, row.purpose))
