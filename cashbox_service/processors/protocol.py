"""What a payment processor is asked, and what it answers.

Every request carries a key. A processor carries a request out once: asked again with the same key it gives the
first answer, and `Processor.status` tells what became of a key even after a crash on either side. Nobody here
raises for a declined payment or a processor that does not answer; both are results. Source: DESIGN §6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final, Protocol, Self, runtime_checkable

from cashbox_service.domain import auth_codes
from cashbox_service.domain.instruments import PaymentMethodType, Secret
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge
from cashbox_service.domain.transaction_state import TransactionStatusType

MAX_KEY_LENGTH: Final = 50
"""Longest request key; leaves room for what a processor's own books append."""

MAX_CALL_SECONDS: Final = 60.0
"""Longest time a processor may take to answer; a request older than twice this is not on its way any more."""


class OutcomeKind(StrEnum):
    """What a request came to."""

    APPROVED = "approved"
    """Done; for a part of the amount when the result names one."""

    DECLINED = "declined"
    """Not done, and it will not be: the code says why."""

    PENDING = "pending"
    """Somebody else has to act first: the customer on a page, or a bank."""

    UNKNOWN = "unknown"
    """No answer came. The request may have been carried out: ask `Processor.status`, never send it anew."""


PENDING_STATUSES: Final = frozenset(
    {
        TransactionStatusType.AUTHORIZATION_PENDING,
        TransactionStatusType.AUTHORIZED_PENDING,
        TransactionStatusType.PENDING,
    }
)


@dataclass(frozen=True, slots=True)
class CardDetails:
    """A card. ``expiration_date`` is ``YYYYMM``; the number is empty where only a token stands for it."""

    number: Secret
    expiration_date: str | None = None
    type: str = PaymentMethodType.CREDIT_CARD


@dataclass(frozen=True, slots=True)
class DepositDetails:
    """A bank account that is debited: ECP or direct debit. ``routing_number`` is the bank's, ABA or sort code."""

    type: str
    account: Secret
    routing_number: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class WalletDetails:
    """Everything whose number the processor keeps: PayPal, Skrill, Amazon, Apple Pay, hosted pages, and the like.

    ``agreement`` is the processor's id of a standing permission to charge. Without one the customer is sent to a
    page of the processor and comes back to one of the two addresses; the request that completes the payment then
    carries the ``token`` of that visit, and the ``payer_id`` or the ``confirmation_code`` that the customer was given.
    ``payment_data`` is what the customer's device encrypted for the processor, as Apple Pay does.
    """

    type: str
    agreement: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    token: str | None = None
    payer_id: str | None = None
    confirmation_code: str | None = None
    payment_data: Secret | None = None


Instrument = CardDetails | DepositDetails | WalletDetails


@dataclass(frozen=True, slots=True)
class ProcessorAddress:
    """A billing address as address checks need it."""

    addr1: str | None = None
    city: str | None = None
    district: str | None = None
    postal_code: str | None = None
    country: str | None = None
    name: str | None = None
    addr2: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerBrowser:
    """The customer is there and can be sent to a page where the card's bank makes sure of him (3-D Secure).

    The page sends him back to ``return_url``. Source: payment-method §1, field 26.
    """

    return_url: str
    accept_header: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """A request for money: authorize it, or prove that the instrument could.

    ``key`` is unique over all merchants and requests, ``merchant`` the merchant's VID, ``reference`` the order
    number that the merchant and the processor both show (merchantTransactionId), ``today`` the merchant's date, by
    which a card has expired or not. With ``capture`` the money is taken in the same step. ``external_token`` is the
    processor's or a vault's own name for the instrument, and goes before its number. ``browser`` is given when the
    customer can answer a challenge, ``unattended`` when he is not there at all: a charge of a subscription. Raises
    ValueError for a malformed key and for a negative amount.
    """

    key: str
    merchant: str
    reference: str
    amount: Money
    instrument: Instrument
    today: date
    cvn: Secret | None = None
    billing_address: ProcessorAddress | None = None
    holder_name: str | None = None
    statement_identifier: str | None = None
    name_values: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    capture: bool = False
    external_token: Secret | None = None
    browser: CustomerBrowser | None = None
    unattended: bool = False

    def __post_init__(self) -> None:
        check_key(self.key)
        if self.amount.is_negative:
            raise ValueError("a payment is not negative")


_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_KEY_LENGTH}}}")


def check_key(key: str) -> str:
    """The key. Raises ValueError unless it has 1 to 50 letters, digits, dashes and underscores."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"a request key has 1 to {MAX_KEY_LENGTH} letters, digits, dashes and underscores")
    return key


@dataclass(frozen=True, slots=True)
class PaymentResult:
    """What a request came to.

    ``auth_code``, ``avs_code`` and ``cvn_code`` are the processor's own; ``is_hard`` says of a decline that trying
    again cannot help; ``approved_amount`` is set when less than the whole was approved; ``pending_status`` is the
    state in which a pending transaction waits, with ``redirect_url`` and ``token`` when the customer has to visit a
    page. ``agreement``, ``payer_id`` and ``payer_email`` are what a wallet tells once the customer agreed.
    ``redirect_url`` is also the page of a Boleto slip and the buyUrl of carrier billing. ``challenge`` is the page a
    card's bank wants to see the customer on. ``auth_approval_code`` is the issuer's own approval number,
    ``card_attributes`` what is known of the card, ``funding_balance`` what a prepaid one has left.
    """

    kind: OutcomeKind
    auth_code: str | None = None
    is_hard: bool = False
    avs_code: str | None = None
    cvn_code: str | None = None
    processor_transaction_id: str | None = None
    approved_amount: Money | None = None
    pending_status: TransactionStatusType | None = None
    redirect_url: str | None = None
    token: str | None = None
    agreement: str | None = None
    payer_id: str | None = None
    payer_email: str | None = None
    auth_approval_code: str | None = None
    card_attributes: CardAttributes | None = None
    funding_balance: Money | None = None
    challenge: CustomerChallenge | None = None

    def __post_init__(self) -> None:
        assert (self.pending_status in PENDING_STATUSES) == (self.kind is OutcomeKind.PENDING)
        assert self.kind is not OutcomeKind.DECLINED or self.auth_code is not None
        assert not self.is_hard or self.kind is OutcomeKind.DECLINED
        assert self.approved_amount is None or self.kind is OutcomeKind.APPROVED

    @classmethod
    def approved(cls, auth_code: str | None = None, approved_amount: Money | None = None) -> Self:
        """All of it, or the given part."""
        return cls(OutcomeKind.APPROVED, auth_code, approved_amount=approved_amount)

    @classmethod
    def declined(cls, auth_code: str, is_hard: bool | None = None) -> Self:
        """Hard or soft as the catalogue of codes has it, unless said otherwise."""
        hard = auth_codes.is_hard(auth_code) if is_hard is None else is_hard
        return cls(OutcomeKind.DECLINED, auth_code, is_hard=hard)

    @classmethod
    def pending(
        cls,
        status: TransactionStatusType,
        auth_code: str | None = None,
        redirect_url: str | None = None,
        token: str | None = None,
    ) -> Self:
        """Waiting in the given state."""
        return cls(
            OutcomeKind.PENDING, auth_code, pending_status=status, redirect_url=redirect_url, token=token
        )

    @classmethod
    def unknown(cls) -> Self:
        """No answer."""
        return cls(OutcomeKind.UNKNOWN)

    @classmethod
    def never_received(cls) -> Self:
        """The processor knows no request of that key: nothing was done, and trying again can help."""
        return cls.declined(auth_codes.PROCESSING_UNAVAILABLE)

    @property
    def is_partial(self) -> bool:
        """Whether less than the whole amount was approved."""
        return self.approved_amount is not None

    def for_reference(self, reference: str) -> Self:
        """The same result under the processor's transaction id."""
        return replace(self, processor_transaction_id=reference)

    def money(self, requested: Money) -> Money:
        """What was approved of the amount asked for; nothing unless approved."""
        if self.kind is not OutcomeKind.APPROVED:
            return Money(requested.amount * 0, requested.currency)
        return self.approved_amount or requested


class Processor(Protocol):
    """Whoever moves the money. Implementations may be used from several threads.

    Captures, voids and refunds name the request key of the authorization they follow. Their own key may be left out
    where there is only one such request: one capture of the authorization, one void of it.
    """

    @property
    def name(self) -> str:
        """What settings and stored attempts call it; never changes."""

    @property
    def wire_name(self) -> str:
        """What clients see as paymentProcessor."""

    def validate(self, request: PaymentRequest) -> PaymentResult:
        """Whether the instrument could pay. Leaves nothing authorized."""

    def authorize(self, request: PaymentRequest) -> PaymentResult:
        """Reserve the amount, or take it at once when the request says so."""

    def capture(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Take authorized money, at most what was approved; of a pending deposit: learn what the bank did."""

    def void(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Give back all of an authorization of which nothing was captured."""

    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        """Pay captured money back, all or a part of it; several refunds give back no more than was captured."""

    def status(self, key: str) -> PaymentResult:
        """What became of the request with this key: its result, or `PaymentResult.never_received`.

        ``unknown`` when the processor does not answer now.
        """


@dataclass(frozen=True, slots=True)
class VisitOutcome:
    """A customer's visit to a page of a processor: who came, whether he agreed, and where his order goes.

    ``agreed`` is None as long as he has not decided.
    """

    agreed: bool | None = None
    payer_id: str | None = None
    payer_email: str | None = None
    shipping_address: ProcessorAddress | None = None
    billing_address: ProcessorAddress | None = None


@runtime_checkable
class KnowsVisits(Protocol):
    """A processor with pages of its own that tells what came of a visit before the payment is completed."""

    def visit_outcome(self, token: str) -> VisitOutcome | None:
        """What is known of the visit with this token; None for a token that was never given out."""


def capture_key(authorization: str) -> str:
    """The key of the only capture of an authorization."""
    return f"{check_key(authorization)}/capture"


def void_key(authorization: str) -> str:
    """The key of the void of an authorization."""
    return f"{check_key(authorization)}/void"
