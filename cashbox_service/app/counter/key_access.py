"""Letting programs in by their keys: whose key it is, and the merchant as it is stored now (dialects, common rules)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.operating.merchant_keys import KeyPurpose

LONGEST_KEY = 256


@dataclass(frozen=True, slots=True)
class Admitted:
    """A merchant let in by a key; ``secret`` is what signatures made with the key are checked by."""

    merchant: MerchantContext
    secret: str | None = field(default=None, repr=False)


def admit(env: Environment, purpose: KeyPurpose, key: str) -> Admitted | None:
    """The merchant behind a key; None when the key is nobody's, or is for another purpose."""
    if not 0 < len(key) <= LONGEST_KEY:
        return None
    found = merchant_keys.find(env.database, env.vault, purpose, key)
    if found is None:
        return None
    merchant = env.merchant_of(found.merchant_vid)
    return None if merchant is None else Admitted(merchant, found.secret)
