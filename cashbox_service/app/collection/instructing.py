"""What a payment processor is told: the request for money, with the instrument that it is to be taken from.

Numbers are opened from the vault here and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.context import Work
from cashbox_service.domain import instruments as instrument_rules
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.processors.protocol import (
    CardDetails,
    CustomerBrowser,
    DepositDetails,
    Instrument,
    PaymentRequest,
    ProcessorAddress,
    WalletDetails,
)
from cashbox_service.store.entities import PaymentMethod


@dataclass(frozen=True, slots=True)
class Visit:
    """A customer's way over a page of the processor: where the page sends him back to, and what it then told."""

    return_url: str | None = None
    cancel_url: str | None = None
    token: str | None = None
    payer_id: str | None = None
    confirmation_code: str | None = None


def prepare(
    work: Work,
    key: str,
    method: PaymentMethod,
    amount: Money,
    reference: str,
    cvn: Secret | None = None,
    statement_identifier: str | None = None,
    name_values: tuple[tuple[str, str], ...] = (),
    *,
    capture: bool = False,
    visit: Visit | None = None,
    browser: CustomerBrowser | None = None,
    unattended: bool = False,
) -> PaymentRequest:
    """What a processor needs to know.

    With a ``visit`` the customer is sent to a page, or has come back from it; without one a wallet is charged by its
    standing agreement. In his ``browser`` the customer of a card can answer its bank. ``unattended`` says that he is
    not there: nobody can.
    """
    pairs = tuple((pair.name, pair.value) for pair in method.name_values) + name_values
    return PaymentRequest(
        key=key,
        merchant=work.merchant.vid,
        reference=reference,
        amount=amount,
        instrument=_instrument(work, method, visit),
        cvn=cvn,
        billing_address=_billing_address(method),
        statement_identifier=statement_identifier,
        name_values=pairs,
        today=work.today,
        holder_name=method.account_holder_name,
        capture=capture,
        external_token=Secret(method.external_token) if method.external_token else None,
        browser=browser,
        unattended=unattended,
    )


def _billing_address(method: PaymentMethod) -> ProcessorAddress | None:
    address = method.billing_address
    if address is None:
        return None
    return ProcessorAddress(
        addr1=address.addr1,
        city=address.city,
        district=address.district,
        postal_code=address.postal_code,
        country=address.country,
        name=address.name,
        addr2=address.addr2,
    )


def _number(work: Work, method: PaymentMethod) -> Secret:
    """The number of a card; empty where a token of the processor stands for it (payment-method §1, field 27)."""
    if method.card is not None:
        return Secret(work.env.vault.open(method.card.sealed, f"{work.merchant.vid}/{method.type}"))
    if method.external_token:
        return Secret("")
    raise InvalidRequest("The card is known without its number: nothing can be charged on it.")


def _payment_data(work: Work, method: PaymentMethod) -> Secret | None:
    """What a device encrypted for the processor (Apple Pay)."""
    if not method.sealed:
        return None
    return Secret(work.env.vault.open(method.sealed, f"{work.merchant.vid}/{method.type}"))


def _instrument(work: Work, method: PaymentMethod, visit: Visit | None) -> Instrument:
    details = method.details
    if method.type in ("CreditCard", "MilitaryStar"):
        return CardDetails(
            number=_number(work, method), expiration_date=details.get("expiration_date"), type=method.type
        )
    if method.type in ("ECP", "DirectDebit"):
        sealed = method.sealed or ""
        number = work.env.vault.open(sealed, f"{work.merchant.vid}/{method.type}") if sealed else ""
        return DepositDetails(
            type=method.type,
            account=Secret(number),
            routing_number=details.get("routing_number") or details.get("bank_sort_code"),
            country=details.get("country_code"),
        )
    if visit is None:
        return WalletDetails(
            type=method.type,
            agreement=instrument_rules.agreement_of(details),
            payment_data=_payment_data(work, method),
        )
    return WalletDetails(
        type=method.type,
        return_url=visit.return_url,
        cancel_url=visit.cancel_url,
        token=visit.token,
        payer_id=visit.payer_id,
        confirmation_code=visit.confirmation_code,
    )
