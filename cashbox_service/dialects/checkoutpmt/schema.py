"""Checkouts and their payments; members as the text names and orders them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from cashbox_service.dialects.body import Amount, Body, Day, Model, Moment, Number, Text, Whole32, Whole64


def _text(alias: str, longest: int, description: str) -> Any:
    return Field(None, alias=alias, max_length=longest, description=description)


class CheckoutPmt(Body):
    """A payment of a checkout."""

    agency_id: Whole32 | None = Field(None, alias="AgencyId", description="The identifier of an agency")
    authorization_code: Text | None = _text(
        "AuthorizationCode", 10, "Returned by the gateway or trust account system"
    )
    authorization_dttm: Moment | None = Field(
        None, alias="AuthorizationDttm", description="Returned by the gateway or trust account system"
    )
    authorization_status: Text | None = _text("AuthorizationStatus", 4, "The status returned by the gateway")
    cashier_id: Text | None = _text("CashierId", 50, "The cashier")
    change_amount: Number | None = Field(
        None,
        alias="ChangeAmount",
        description="Handed back: TotalTendAmount less LineAmount, worked out here",
    )
    check_address: Text | None = _text("CheckAddress", 240, "The address on the check")
    check_date: Day | None = Field(
        None, alias="CheckDate", description="When the check was received; for CHECK"
    )
    check_name: Text | None = _text("CheckName", 100, "The name on the check; for CHECK")
    check_number: Text | None = _text("CheckNumber", 10, "The number of the check; for CHECK")
    checkout_id: Text | None = _text("CheckoutId", 50, "The checkout; that of the path")
    checkout_pmt_id: Whole64 | None = Field(
        None, alias="CheckoutPmtId", description="Unique number of the payment; generated when absent"
    )
    comments: Text | None = _text("Comments", 240, "Comments for the payment")
    description: Text | None = _text("Description", 100, "Description of the payment")
    drawer_id: Text | None = _text("DrawerId", 30, "The cash drawer")
    first_response_message: Text | None = _text(
        "FirstResponseMessage", 100, "First part of the gateway's message"
    )
    line_amount: Number | None = Field(
        None, alias="LineAmount", description="What the payment pays; the balance when absent"
    )
    payer_address: Text | None = _text("PayerAddress", 240, "The address of the payer")
    payer_name: Text | None = _text("PayerName", 100, "The name of the payer")
    payment_currency: Text | None = _text("PaymentCurrency", 3, "That of the checkout")
    payment_date: Day | None = Field(None, alias="PaymentDate", description="Today when absent")
    payment_method_code: Text | None = _text(
        "PaymentMethodCode", 30, "CASH, CHECK, CC, ACH or TRUST; required"
    )
    payment_reference_id: Text | None = _text(
        "PaymentReferenceId", 50, "A 4-character prefix and random digits; generated when absent"
    )
    payment_tracking_data: Text | None = _text(
        "PaymentTrackingData", 50, "Passed by the originator of the fees"
    )
    payment_tracking_data_plus: Text | None = _text(
        "PaymentTrackingDataPlus", 50, "Passed by the originator of the fees"
    )
    payment_transaction_id: Text | None = _text("PaymentTransactionId", 50, "The gateway's reference")
    primary_id: Text | None = _text("PrimaryId", 3, "First document that identifies the payer of a check")
    secondary_id: Text | None = _text(
        "SecondaryId", 3, "Second document that identifies the payer of a check"
    )
    second_response_message: Text | None = _text("SecondResponseMessage", 100, "Second part of the message")
    session_id: Text | None = _text("SessionId", 50, "The cashier session")
    third_response_message: Text | None = _text("ThirdResponseMessage", 100, "Third part of the message")
    total_tend_amount: Number | None = Field(
        None, alias="TotalTendAmount", description="Everything handed over; LineAmount when absent"
    )


class Relation(StrEnum):
    """The name of a relation to a resource."""

    SELF = "self"
    LOV = "lov"
    PARENT = "parent"
    CANONICAL = "canonical"
    CHILD = "child"
    ENCLOSURE = "enclosure"
    ACTION = "action"
    CUSTOM = "custom"


class Kind(StrEnum):
    """What is at the other end of a link."""

    COLLECTION = "collection"
    ITEM = "item"
    DESCRIBE = "describe"
    OTHER = "other"


class LinkProperties(Model):
    """What is told of the resource at the other end."""

    change_indicator: str = Field(alias="changeIndicator")


class Link(Model):
    """A link to a related resource."""

    rel: Relation
    href: str
    name: str
    kind: Kind
    properties: LinkProperties | None = None


class CheckoutPmtItem(Model):
    """A payment as it is answered: every member, null where there is none, and links."""

    agency_id: int | None = Field(None, alias="AgencyId")
    authorization_code: str | None = Field(None, alias="AuthorizationCode")
    authorization_dttm: datetime | None = Field(None, alias="AuthorizationDttm")
    authorization_status: str | None = Field(None, alias="AuthorizationStatus")
    cashier_id: str | None = Field(None, alias="CashierId")
    change_amount: Amount | None = Field(None, alias="ChangeAmount")
    check_address: str | None = Field(None, alias="CheckAddress")
    check_date: date | None = Field(None, alias="CheckDate")
    check_name: str | None = Field(None, alias="CheckName")
    check_number: str | None = Field(None, alias="CheckNumber")
    checkout_id: str | None = Field(None, alias="CheckoutId")
    checkout_pmt_id: int | None = Field(None, alias="CheckoutPmtId")
    comments: str | None = Field(None, alias="Comments")
    description: str | None = Field(None, alias="Description")
    drawer_id: str | None = Field(None, alias="DrawerId")
    first_response_message: str | None = Field(None, alias="FirstResponseMessage")
    line_amount: Amount | None = Field(None, alias="LineAmount")
    links: list[Link] = Field(default_factory=list)
    payer_address: str | None = Field(None, alias="PayerAddress")
    payer_name: str | None = Field(None, alias="PayerName")
    payment_currency: str | None = Field(None, alias="PaymentCurrency")
    payment_date: date | None = Field(None, alias="PaymentDate")
    payment_method_code: str | None = Field(None, alias="PaymentMethodCode")
    payment_reference_id: str | None = Field(None, alias="PaymentReferenceId")
    payment_tracking_data: str | None = Field(None, alias="PaymentTrackingData")
    payment_tracking_data_plus: str | None = Field(None, alias="PaymentTrackingDataPlus")
    payment_transaction_id: str | None = Field(None, alias="PaymentTransactionId")
    primary_id: str | None = Field(None, alias="PrimaryId")
    secondary_id: str | None = Field(None, alias="SecondaryId")
    second_response_message: str | None = Field(None, alias="SecondResponseMessage")
    session_id: str | None = Field(None, alias="SessionId")
    third_response_message: str | None = Field(None, alias="ThirdResponseMessage")
    total_tend_amount: Amount | None = Field(None, alias="TotalTendAmount")


class CheckoutPmts(Model):
    """Payments of a checkout, oldest first."""

    items: list[CheckoutPmtItem]
    count: int
    has_more: bool = Field(alias="hasMore")
    limit: int
    offset: int
    links: list[Link]


class CheckoutParams(Body):
    """A new checkout."""

    checkout_id: Text | None = _text("CheckoutId", 50, "Generated when absent")
    account_id: Text | None = _text("AccountId", 255, "merchantAccountId; a new account when absent")
    agency_id: Whole32 | None = Field(None, alias="AgencyId")
    amount: Number = Field(alias="Amount", description="What is due")
    currency: Text | None = _text("Currency", 3, "That of the account when absent")
    description: Text | None = _text("Description", 100, "What is paid for")


class CheckoutItem(Model):
    """A checkout as it stands."""

    checkout_id: str = Field(alias="CheckoutId")
    account_id: str = Field(alias="AccountId")
    agency_id: int | None = Field(None, alias="AgencyId")
    amount: Amount = Field(alias="Amount")
    balance: Amount = Field(alias="Balance")
    currency: str = Field(alias="Currency")
    description: str | None = Field(None, alias="Description")
    status: str = Field(alias="Status")
    links: list[Link]


class Checkouts(Model):
    """The merchant's checkouts in order of their ids."""

    items: list[CheckoutItem]
    count: int
    has_more: bool = Field(alias="hasMore")
    limit: int
    offset: int
    links: list[Link]


class PageQuery(Body):
    """Which part of a collection."""

    limit: Whole32 | None = Field(None, ge=1, le=500)
    offset: Whole32 | None = Field(None, ge=0)


class Attribute(Model):
    """A member of a resource."""

    name: str
    type: str
    max_length: int | None = Field(None, alias="maxLength")
    mandatory: bool = False
    title: str


class ResourceDescription(Model):
    """What a resource is made of."""

    attributes: list[Attribute]
    links: list[Link]


class Resources(Model):
    """The described resources by name."""

    checkout_pmt: ResourceDescription = Field(alias="CheckoutPmt")


class Description(Model):
    """A description of the payments of a checkout."""

    resources: Resources = Field(alias="Resources")


class SessionTotal(Model):
    """What came in by one method in one currency."""

    payment_method_code: str = Field(alias="PaymentMethodCode")
    payment_currency: str = Field(alias="PaymentCurrency")
    count: int = Field(alias="Count")
    total_tend_amount: Amount = Field(alias="TotalTendAmount")
    change_amount: Amount = Field(alias="ChangeAmount")
    net_amount: Amount = Field(alias="NetAmount")


class LedgerAmount(Model):
    """What the ledger has of a session in one currency."""

    payment_currency: str = Field(alias="PaymentCurrency")
    amount: Amount = Field(alias="Amount")


class CashierSessionItem(Model):
    """The totals of a cashier session."""

    session_id: str = Field(alias="SessionId")
    drawer_ids: list[str] = Field(alias="DrawerIds")
    cashier_ids: list[str] = Field(alias="CashierIds")
    totals: list[SessionTotal] = Field(alias="Totals")
    ledger: list[LedgerAmount] = Field(alias="Ledger")
    links: list[Link]


class Failure(Model):
    """Why a request was refused."""

    title: str
    status: str
    detail: str
    member: str | None = Field(None, alias="o:errorPath")
