"""What a log entry tells beside its status, in codes of single payment types (transaction §3, TransactionStatus).

One shape serves all ten sub-objects of the interface; which of its fields a payment type shows is the wire's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.domain.catalog import NameValue


@dataclass(frozen=True, slots=True)
class CardAttributes:
    """What a processor tells about the kind of a card; whole numbers are 0 or 1 (payment-method §2.2)."""

    commercial_card: int | None = None
    consumer_card: int | None = None
    credit_card: int | None = None
    debit_card: int | None = None
    signature_debit_card: int | None = None
    pinless_debit_card: int | None = None
    gift_card: int | None = None
    prepaid_card: int | None = None
    payroll_card: int | None = None
    healthcare_card: int | None = None
    virtual_account_number: int | None = None
    reloadable: int | None = None
    country_of_issuance: str | None = None
    durbin_regulated: int | None = None
    affluent: int | None = None
    mass_affluent: int | None = None
    card_description: str | None = None


@dataclass(frozen=True, slots=True)
class CustomerChallenge:
    """A page that the customer is posted to with these values, as 3-D Secure asks for."""

    redirect_url: str
    post_values: tuple[NameValue, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusDetails:
    """Everything of a log entry that has no column of its own.

    ``page_url`` is where the customer has to go: the redirectUrl of a wallet or hosted page, the buyUrl of carrier
    billing, the uri of a Boleto slip. ``token`` names that visit, ``payer_id`` and ``payer_email`` who came.
    ``auth_approval_code`` is the issuer's own approval number, ``funding_source_balance`` what a prepaid card has left.
    """

    page_url: str | None = None
    token: str | None = None
    payer_id: str | None = None
    payer_email: str | None = None
    auth_approval_code: str | None = None
    card_attributes: CardAttributes | None = None
    funding_source_balance: Decimal | None = None
    challenge: CustomerChallenge | None = None
