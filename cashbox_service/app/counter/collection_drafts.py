"""What goes into collection attempts and their payments, and what comes out (dialects §3)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cashbox_service.domain.collection import CollectionMethod, Flag
from cashbox_service.domain.errors import NotFound
from cashbox_service.store.entities import Invoice, Transaction

FEES = "Fees"
"""What the line of an attempt's fees is called."""


class CollectionAttemptNotFound(NotFound):
    """No such collection attempt."""

    kind = "collection attempt"


@dataclass(frozen=True, slots=True)
class AttemptDraft:
    """What is to be collected from whom: an amount, and the fees that come on top."""

    amount: Decimal
    currency: str | None = None
    fees: Decimal = Decimal(0)
    account_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Payor:
    """Who pays; what is needed and missing is filled in by the merchant's settings."""

    first_name: str
    last_name: str
    address: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    zip: str | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CollectionPayment:
    """A payment as it is asked for; the amount does not contain the convenience fee."""

    token: str = field(repr=False)
    amount: Decimal
    payor: Payor
    method: CollectionMethod
    fingerprint: str
    last_four: str
    card_type: str
    is_fee_payment: bool
    convenience_fee: Decimal = Decimal(0)
    gateway_name: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a payment; ids are those of its main part, None when nothing was tried."""

    attempt_id: str
    outcome: Flag
    applied: Decimal
    fee: Decimal = Decimal(0)
    payment_id: str | None = None
    gateway_response: str = ""
    method: CollectionMethod = CollectionMethod.CREDIT_CARD
    transaction: Transaction | None = None

    @property
    def is_successful(self) -> bool:
        return Flag.DONE in self.outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """A collection attempt as it stands."""

    id: str
    invoice: Invoice
    account_ref: str
    amount: Decimal
    fees: Decimal
    balance: Decimal
    payments: Sequence[Tried]


def guid_of(vid: str) -> str:
    """The GUID that an object of ours has for those who know GUIDs only."""
    return str(uuid.UUID(vid[:32]))
