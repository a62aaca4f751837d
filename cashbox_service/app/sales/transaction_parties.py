"""Who a one-time sale is with: the account and the payment method, found or created (transaction §7.1).

All of it runs inside the caller's write transaction; the account, if there is one, is locked afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import has_content
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.wallet import payers, payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    MissingField,
    PaymentMethodNotFound,
    UnsupportedType,
)
from cashbox_service.domain.instruments import PaymentMethodType, Secret
from cashbox_service.domain.return_address import checked
from cashbox_service.processors.protocol import CustomerBrowser
from cashbox_service.store.entities import Account, PaymentMethod

D = TypeVar("D", AccountDraft, PaymentMethodDraft)

NOBODY = "No Account or PaymentMethod information"
NO_ACCOUNT_ID = "Account object is invalid: No merchantAccountId (unique identifier) specified for Account."

_NEEDS_ACCOUNT = frozenset({PaymentMethodType.HOSTED_PAGE})
"""Types whose provider has to know the customer before (payment-method §2.3)."""


@dataclass(slots=True)
class Parties:
    """Who buys, and with what. ``by_hand`` is money taken outside; it is stored once its amount is known.

    In his ``browser`` the buyer can be sent to the bank of his card.
    """

    account: Account | None
    method: PaymentMethod | None
    cvn: Secret | None = None
    browser: CustomerBrowser | None = None
    by_hand: PaymentMethodDraft | None = None

    @property
    def method_type(self) -> str:
        """What the status log names; a sale that nobody is charged for counts as taken by the merchant."""
        if self.method is not None:
            return self.method.type
        return PaymentMethodType.MERCHANT_ACCEPTED_PAYMENT

    def pays_with(self, type_: PaymentMethodType) -> bool:
        """Whether the payment method is of that type."""
        return self.method is not None and self.method.type == type_


def find_or_create(work: Work, draft: TransactionDraft) -> Parties:
    """The parties of a sale that is processed.

    Raises InvalidRequest and its kinds, AccountNotFound and PaymentMethodNotFound for unknown VIDs, DataValidation for
    what cannot be stored.
    """
    method = given(draft.source_payment_method)
    if draft.dest_payment_method is not None or draft.ecp_transaction_type in ("Outbound", "Transfer"):
        raise UnsupportedType("ECP", "Payments from the merchant to a customer are not supported.")
    if given(draft.account) is None and method is None:
        raise InvalidRequest(NOBODY)
    known = payment_methods.find(work, method) if method is not None else None
    account = account_of(work, given(draft.account), known, _type_of(method, known))
    if method is None:
        return Parties(account, default_of(work, account))
    if payers.is_by_hand(method):
        if account is None:
            raise InvalidRequest(NOBODY)
        return Parties(account, None, by_hand=method)
    number = payment_methods.cvn_of(method)
    cvn, browser = Secret(number) if number else None, _browser(method)
    return Parties(account, _method(work, account, known, method), cvn, browser)


def given(draft: D | None) -> D | None:
    """The draft, if it says anything: clients send empty objects for none."""
    return draft if draft is not None and has_content(draft) else None


def account_of(
    work: Work, draft: AccountDraft | None, known: PaymentMethod | None, method_type: str | None
) -> Account | None:
    """The account that the draft names, the payment method's where none is named, a new one for an unknown id."""
    if draft is None:
        owner = known.account_vid if known is not None else None
        return accounts.lock(work, owner) if owner is not None else None
    if draft.vid is None and draft.merchant_account_id is None:
        raise InvalidRequest(NO_ACCOUNT_ID)
    try:
        found = accounts.resolve(work, Reference(draft.vid, draft.merchant_account_id))
    except AccountNotFound:
        if draft.vid is not None or method_type in _NEEDS_ACCOUNT:
            raise
        return accounts.put(work, draft).account
    account = accounts.lock(work, found.vid)
    accounts.put_payment_methods(work, account, draft)
    return account


def _type_of(draft: PaymentMethodDraft | None, known: PaymentMethod | None) -> str | None:
    if known is not None:
        return known.type
    return draft.type if draft is not None else None


def default_of(work: Work, account: Account | None) -> PaymentMethod | None:
    """The account's first active payment method, if money can be asked for with it."""
    if account is None:
        return None
    default = work.uow.payment_methods.default_of(account.vid)
    return default if default is not None and default.type != payers.MERCHANT_ACCEPTED else None


def _method(
    work: Work, account: Account | None, known: PaymentMethod | None, draft: PaymentMethodDraft
) -> PaymentMethod:
    if known is None:
        check_new(draft)
    if account is not None:
        return payers.to_charge(work, account, known, draft)
    method = payment_methods.put(work, draft).payment_method
    if not method.active:
        raise InvalidRequest(payers.INACTIVE)
    return method


def _browser(draft: PaymentMethodDraft) -> CustomerBrowser | None:
    """What is known of the buyer's browser; None when it cannot be sent back from his bank.

    Source: payment-method §1, field 26.
    """
    told = draft.extended_verification
    if told is None or not told.return_url:
        return None
    page = checked("sourcePaymentMethod.extendedVerification.returnUrl", told.return_url)
    return CustomerBrowser(page, told.browser_accept_header, told.browser_user_agent_header)


def check_new(draft: PaymentMethodDraft) -> None:
    """Raises PaymentMethodNotFound or MissingField for a payment method that is not stored and says too little."""
    if draft.type is not None:
        return
    if draft.merchant_payment_method_id is not None:
        raise PaymentMethodNotFound("merchantPaymentMethodId", draft.merchant_payment_method_id)
    raise MissingField("sourcePaymentMethod.type")
