"""What callers give of accounts; the conventions are those of `app.drafts`."""

from __future__ import annotations

from dataclasses import dataclass

from cashbox_service.app.credit.drafts import TokenAmountDraft
from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft
from cashbox_service.app.wallet.drafts import PaymentMethodDraft


@dataclass(slots=True)
class TaxExemptionDraft:
    """Input of a TaxExemption."""

    region: str | None = None
    exemption_id: str | None = None
    active: bool | None = None


@dataclass(slots=True)
class AccountDraft:
    """Input of a Account."""

    vid: str | None = None
    merchant_account_id: str | None = None
    external_id: str | None = None
    default_currency: str | None = None
    email_address: str | None = None
    email_type_preference: str | None = None
    preferred_language: str | None = None
    warn_before_autobilling: bool | None = None
    company: str | None = None
    name: str | None = None
    shipping_address: AddressDraft | None = None
    payment_methods: tuple[PaymentMethodDraft, ...] = ()
    name_values: tuple[NameValuePairDraft, ...] = ()
    tax_exemptions: tuple[TaxExemptionDraft, ...] = ()
    token_balances: tuple[TokenAmountDraft, ...] = ()
    tax_type: str | None = None
