"""What CreatePayment is asked and answers. Names are those of JSON and JSV; XML and CSV begin them with a capital."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from cashbox_service.dialects.body import Amount, Body, Flag, Model, Number, Text
from cashbox_service.domain.collection import CollectionMethod


class CardType(StrEnum):
    """The type of card being used."""

    VISA = "visa"
    MASTER = "master"
    AMERICAN_EXPRESS = "american_express"
    DISCOVER = "discover"
    JCB = "jcb"
    DINERS_CLUB = "diners_club"
    DANKORT = "dankort"


def _lower(given: Any) -> Any:
    return given.strip().lower() if isinstance(given, str) else given


def _upper(given: Any) -> Any:
    return given.strip().upper() or CollectionMethod.CREDIT_CARD if isinstance(given, str) else given


class Payor(Body):
    """Who makes the payment; what is not supplied of address, city, state, country and email is filled in."""

    first_name: Text = Field(alias="firstName", max_length=127, min_length=1)
    last_name: Text = Field(alias="lastName", max_length=127, min_length=1)
    address: Text | None = Field(None, alias="address", max_length=255)
    address2: Text | None = Field(None, alias="address2", max_length=255)
    city: Text | None = Field(None, alias="city", max_length=255)
    state: Text | None = Field(None, alias="state", max_length=255)
    country: Text | None = Field(None, alias="country", max_length=255)
    zip: Text | None = Field(None, alias="zip", max_length=40)
    email: Text | None = Field(None, alias="email", max_length=255)
    phone: Text | None = Field(None, alias="phone", max_length=40)
    note: Text | None = Field(None, alias="note", max_length=1000)


class CreatePayment(Body):
    """A payment on a collection attempt."""

    secrets: ClassVar[frozenset[str]] = frozenset({"paymentToken"})

    payment_token: Text = Field(
        alias="paymentToken", min_length=1, description="Token for payment info provided by the gateway"
    )
    payment_amount: Number = Field(alias="paymentAmount", description="Without convenience fees")
    convenience_fee: Number | None = Field(None, alias="convenienceFee", description="Charged on top")
    payor: Payor = Field(alias="payor")
    card_type: Annotated[CardType | None, BeforeValidator(lambda given: _lower(given) or None)] = Field(
        alias="cardType", description="Empty only for EC, CP and OTHER"
    )
    last_four: Text = Field(alias="lastFour", max_length=4, description="Empty only for EC, CP and OTHER")
    fingerprint: Text = Field(alias="fingerprint", max_length=255, description="The card fingerprint")
    payment_method: Annotated[CollectionMethod, BeforeValidator(_upper)] = Field(
        CollectionMethod.CREDIT_CARD, alias="paymentMethod"
    )
    is_fee_payment: Flag = Field(
        alias="isFeePayment", description="Whether fees are paid, by the fee gateway"
    )
    gateway_name: Text | None = Field(None, alias="gatewayName", max_length=40)


class PaymentProcessingResult(Model):
    """What a payment came to."""

    payment_id: str | None = Field(None, alias="paymentId", json_schema_extra={"format": "uuid"})
    originating_attempt_id: str | None = Field(
        None, alias="originatingAttemptId", json_schema_extra={"format": "uuid"}
    )
    amount_applied: Amount = Field(alias="amountApplied")
    payment_processing_outcome: int = Field(alias="paymentProcessingOutcome")
    is_successful: bool = Field(alias="isSuccessful")
    tsys_mapped_gateway_response: str = Field(alias="tsysMappedGatewayResponse")


class CreatePaymentResult(Model):
    """The answer of CreatePayment."""

    result: PaymentProcessingResult
    errors: list[str]


class Failure(Model):
    """Why a request was refused."""

    errors: list[str]


class CollectionAttemptParams(Body):
    """What is to be collected."""

    amount: Number
    currency: Text | None = Field(None, max_length=3)
    fees: Number | None = None
    account_ref: Text | None = Field(
        None, alias="accountRef", max_length=255, description="merchantAccountId; a new account when absent"
    )


class AttemptPayment(Model):
    """A payment that was tried on an attempt."""

    payment_id: str = Field(alias="paymentId")
    payment_method: str = Field(alias="paymentMethod")
    amount_applied: Amount = Field(alias="amountApplied")
    convenience_fee: Amount = Field(alias="convenienceFee")
    payment_processing_outcome: int = Field(alias="paymentProcessingOutcome")
    is_successful: bool = Field(alias="isSuccessful")
    created_at: datetime = Field(alias="createdAt")


class CollectionAttempt(Model):
    """A collection attempt as it stands."""

    id: str
    account_ref: str = Field(alias="accountRef")
    invoice_id: str = Field(alias="invoiceId")
    currency: str
    amount: Amount
    fees: Amount
    balance: Amount
    status: str
    payments: list[AttemptPayment]
