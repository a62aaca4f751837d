"""What CheckOut is asked and answers."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, WithJsonSchema

from cashbox_service.dialects.body import Body, Model, Number, Text
from cashbox_service.dialects.media import Unreadable, json_text


def _loose(given: Any) -> Any:
    """Text, or what stands for one: what is wrong with it is the failure of a stage."""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | Decimal):
        return format(given, "f") if isinstance(given, Decimal) else str(given)
    return given


Loose = Annotated[Text, BeforeValidator(_loose)]


def _object(given: Any) -> Any:
    """The object itself, or JSON text of it."""
    if not isinstance(given, str):
        return given
    try:
        return json_text.loads(given)
    except Unreadable as unreadable:
        raise ValueError(str(unreadable)) from None


class CheckOutObject(Body):
    """A client, a BilledMisc fee, and what is charged."""

    secrets: ClassVar[frozenset[str]] = frozenset({"CCNumber", "CVV", "AccountNumber", "RoutingNumber"})

    client_id: Loose | None = Field(None, alias="ClientID", description="Or the members of a new client")
    first_name: Loose | None = Field(None, alias="FirstName")
    last_name: Loose | None = Field(None, alias="LastName")
    company: Loose | None = Field(None, alias="Company")
    address: Loose | None = Field(None, alias="Address")
    address2: Loose | None = Field(None, alias="Address2")
    city: Loose | None = Field(None, alias="City")
    state: Loose | None = Field(None, alias="State")
    zip: Loose | None = Field(None, alias="Zip")
    country: Loose | None = Field(None, alias="Country")
    phone: Loose | None = Field(None, alias="Phone")
    email: Loose | None = Field(None, alias="Email")
    cc_number: Loose | None = Field(None, alias="CCNumber", description="Card number")
    cc_exp: Loose | None = Field(None, alias="CCExp", description="MMYY")
    cvv: Loose | None = Field(None, alias="CVV")
    routing_number: Loose | None = Field(None, alias="RoutingNumber")
    account_number: Loose | None = Field(None, alias="AccountNumber", description="Bank account number")
    account_type: Loose | None = Field(None, alias="AccountType")
    description: Loose | None = Field(None, alias="Description", description="What is billed")
    amount: Loose | None = Field(None, alias="Amount", description="Per unit; AmountPaid when absent")
    quantity: Loose | None = Field(None, alias="Quantity", description="1 when absent")
    category: Loose | None = Field(None, alias="Category")
    recurring: Loose | None = Field(None, alias="Recurring", description="true or false")
    frequency: Loose | None = Field(None, alias="Frequency", description="Monthly, Quarterly or Yearly")
    start_date: Loose | None = Field(None, alias="StartDate", description="YYYY-MM-DD; today when absent")
    currency: Loose | None = Field(None, alias="Currency", description="That of the client when absent")
    amount_paid: Number = Field(alias="AmountPaid", description="What the client is charged")


class CheckOutCall(Body):
    """The object of a call whose signature is right."""

    object: Annotated[CheckOutObject, BeforeValidator(_object)]


class CheckOutParams(Body):
    """The five members of a call."""

    service: Text = Field(alias="Service", description='Must contain "CheckOut"')
    apikey: Text = Field(alias="apikey", description="Your identifier")
    sig: Text = Field(
        alias="sig",
        description="Hexadecimal HMAC-SHA256 of apikey + service + timestamp, keyed with your private key",
    )
    timestamp: Text = Field(alias="timestamp", description="YYYYMMDD HH:MM, UTC")
    object: Annotated[Text, WithJsonSchema({"type": "string", "contentMediaType": "application/json"})] = (
        Field(alias="object", description="JSON text: ClientID or a new client, the fee, AmountPaid")
    )


class CheckOutAnswer(Model):
    """What became of a call; which ids are there, the message says."""

    message: str
    response_code: str | None = Field(None, alias="Response_code")
    client_id: str | None = Field(None, alias="ClientID")
    invoice: str | None = Field(None, alias="Invoice")
    fee: str | None = Field(None, alias="Fee")
    recurring: str | None = Field(None, alias="Recurring")
    payment: str | None = Field(None, alias="Payment")
