"""Who pays, in Stripe's terms: the payment method and the customer it belongs to, and what his bank shows him."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Final

from cashbox_service.domain import auth_codes
from cashbox_service.processors.protocol import CardDetails, PaymentRequest, WalletDetails
from cashbox_service.processors.stripe import codes
from cashbox_service.processors.stripe.calls import Answer, StripeCalls

CUSTOMER: Final = "cus_"

_MAX_SUFFIX: Final = 22
_NOT_IN_SUFFIX = re.compile(r"[<>\\'\"*\x00-\x1f]|[^\x00-\x7f]")


class NoMeans(Exception):
    """There is nothing that Stripe could charge; ``auth_code`` says what is missing."""

    def __init__(self, auth_code: str) -> None:
        super().__init__(auth_code)
        self.auth_code = auth_code


@dataclass(frozen=True, slots=True)
class Means:
    """A payment method, and the customer whom Stripe wants named with it."""

    payment_method: str
    customer: str | None = None


def means_of(request: PaymentRequest, calls: StripeCalls, *, send_numbers: bool) -> Means:
    """What is to be charged. A card's number is sent only when ``send_numbers``.

    A token names a payment method (``pm_...``), a customer (``cus_...``), who then pays as he does by default, or
    both (``cus_.../pm_...``). Raises NoMeans, and what the calls raise.
    """
    token = _token(request)
    if token is None:
        if not send_numbers or not isinstance(request.instrument, CardDetails):
            raise NoMeans(codes.MISSING_FIELDS)
        return Means(_from_number(request, request.instrument, calls)["id"])
    if not token.startswith(CUSTOMER):
        method = calls.read("payment_methods", token)
        return Means(method["id"], _id_of(method.get("customer")))
    customer, _, payment_method = token.partition("/")
    if not payment_method:
        payment_method = _default_of(calls.read("customers", customer))
    return Means(payment_method, customer)


def return_url(request: PaymentRequest) -> str | None:
    """Where the customer is sent back to from his bank's page, if he can be sent there at all."""
    if request.browser is not None:
        return request.browser.return_url
    wallet = request.instrument
    return wallet.return_url if isinstance(wallet, WalletDetails) else None


def statement_suffix(identifier: str | None) -> str | None:
    """What the customer reads behind the merchant's name on his statement; it needs a letter in it."""
    text = _NOT_IN_SUFFIX.sub("", identifier or "").strip()[:_MAX_SUFFIX].strip()
    return text if any(one.isalpha() for one in text) else None


def _token(request: PaymentRequest) -> str | None:
    if request.external_token:
        return request.external_token.reveal().strip() or None
    wallet = request.instrument
    return wallet.agreement if isinstance(wallet, WalletDetails) else None


def _default_of(customer: Answer) -> str:
    settings = customer.get("invoice_settings") or {}
    found = _id_of(settings.get("default_payment_method")) or _id_of(customer.get("default_source"))
    if found is None:
        raise NoMeans(auth_codes.NOT_ON_FILE)
    return found


def _id_of(given: Any) -> str | None:
    """Stripe gives an id, or the whole object."""
    found: str | None = given.get("id") if isinstance(given, dict) else given
    return found or None


def _from_number(request: PaymentRequest, card: CardDetails, calls: StripeCalls) -> Answer:
    if not card.number or not card.expiration_date:
        raise NoMeans(codes.MISSING_FIELDS)
    details = {
        "number": card.number.reveal(),
        "exp_month": card.expiration_date[4:],
        "exp_year": card.expiration_date[:4],
    }
    if request.cvn:
        details["cvc"] = request.cvn.reveal()
    return calls.create("payment_methods", type="card", card=details, billing_details=_billing(request))


def _billing(request: PaymentRequest) -> dict[str, Any]:
    """The address that the bank compares; empty members are left out."""
    given = asdict(request.billing_address) if request.billing_address is not None else {}
    address = {
        "line1": given.get("addr1"),
        "line2": given.get("addr2"),
        "city": given.get("city"),
        "state": given.get("district"),
        "postal_code": given.get("postal_code"),
        "country": given.get("country"),
    }
    present = {name: value for name, value in address.items() if value}
    name = request.holder_name or given.get("name")
    return ({"name": name} if name else {}) | ({"address": present} if present else {})
