"""What goes into a CheckOut and what comes out (dialects §1)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft
from cashbox_service.app.wallet.drafts import CreditCardDraft, EcpDraft, PaymentMethodDraft
from cashbox_service.app.wallet.payment_methods import CVN
from cashbox_service.domain.errors import CashboxError, InvalidValue


class Stage(StrEnum):
    """What a CheckOut does one after the other; the values name the stages in what is stored."""

    CLIENT = "client"
    VAULT = "vault"
    INVOICE = "invoice"
    FEE = "fee"
    RECURRING = "recurring"
    PAYMENT = "payment"
    RECORD = "record"

    @property
    def done_by(self) -> str:
        """What stands in the progress once the stage is done."""
        return {"invoice": "Invoice", "fee": "Fee", "recurring": "Recurring"}.get(self.value, self.value)


class StageFailed(CashboxError):
    """A stage failed; ``code`` is the processor's, where it was asked."""

    stage: Stage
    code: str | None

    def __init__(self, stage: Stage, code: str | None = None) -> None:
        super().__init__(f"{stage.value} failed", stage=stage, code=code)


@dataclass(frozen=True, slots=True)
class Finished:
    """How far a CheckOut came: ``failed`` is None when it succeeded; ``ids`` by their wire names."""

    failed: Stage | None
    code: str | None
    ids: dict[str, str]


@dataclass(frozen=True, slots=True)
class ClientData:
    """The members of a client as they were sent; None was not given."""

    number: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    address: str | None = None
    address2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    phone: str | None = None
    email: str | None = None

    @property
    def name(self) -> str | None:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None

    @property
    def has_address(self) -> bool:
        given = (self.address, self.address2, self.city, self.state, self.zip, self.country, self.phone)
        return any(part is not None for part in given)

    def address_draft(self) -> AddressDraft:
        return AddressDraft(
            name=self.name,
            addr1=self.address,
            addr2=self.address2,
            city=self.city,
            district=self.state,
            postal_code=self.zip,
            country=self.country,
            phone=self.phone,
        )


@dataclass(frozen=True, slots=True)
class CheckOutOrder:
    """A CheckOut as it is asked for. What belongs to a stage is text here, and wrong only once its stage comes."""

    client: ClientData
    amount_paid: Decimal
    card_number: str | None = field(default=None, repr=False)
    card_expiry: str | None = None
    cvv: str | None = field(default=None, repr=False)
    routing_number: str | None = field(default=None, repr=False)
    account_number: str | None = field(default=None, repr=False)
    account_type: str | None = None
    description: str | None = None
    amount: str | None = None
    quantity: str | None = None
    category: str | None = None
    recurring: str | None = None
    frequency: str | None = None
    start_date: str | None = None
    currency: str | None = None

    def payment_method(self, own_id: str) -> PaymentMethodDraft | None:
        """The card or bank account that was sent, as a payment method of that id; None when none was."""
        if not self.card_number and not self.account_number:
            return None
        draft = PaymentMethodDraft(
            merchant_payment_method_id=own_id,
            account_holder_name=self.client.name or self.client.company,
            billing_address=self.client.address_draft() if self.client.has_address else None,
        )
        if self.card_number:
            draft.type = "CreditCard"
            draft.credit_card = CreditCardDraft(
                account=self.card_number, expiration_date=_expiration_date(self.card_expiry)
            )
            draft.name_values = (NameValuePairDraft(CVN, self.cvv),) if self.cvv else ()
            return draft
        draft.type = "ECP"
        draft.ecp = EcpDraft(
            account=self.account_number,
            routing_number=self.routing_number,
            account_type=self.account_type or "ConsumerChecking",
        )
        return draft


_DIGITS = 4


def _expiration_date(expiry: str | None) -> str | None:
    """``MMYY`` as ``YYYYMM``; anything else as it is, for the vault to refuse."""
    if expiry is None or len(expiry) != _DIGITS or not (expiry.isascii() and expiry.isdigit()):
        return expiry
    return f"20{expiry[2:]}{expiry[:2]}"


def day(name: str, text: str) -> date:
    """A day as ``YYYY-MM-DD`` or ``YYYYMMDD``. Raises InvalidValue."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidValue(name, text[:40], "is not a day such as 2024-02-29") from None
