"""Transaction.calculateSalesTax: what a sale would be taxed with, and nothing of it stored (transaction §7.5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers.catalog import has_content
from cashbox_service.app.sales import transaction_order, transaction_pricing
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_order import Order
from cashbox_service.app.sales.transaction_parties import Parties
from cashbox_service.app.taxes import taxing
from cashbox_service.app.taxes.taxing import WhenUnavailable
from cashbox_service.app.wallet import payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import AccountNotFound, MissingField
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.tax import TaxAddress, sum_by_level
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, PaymentMethod, Transaction


@dataclass(frozen=True, slots=True)
class Quote:
    """The sale as it would be, to be read before the rehearsal ends.

    ``address`` decides about tax, ``by_level`` is what each kind of jurisdiction takes. ``would_be_new`` are identities
    that nothing has; ``account_is_known`` tells whether the account shown is one that the caller named.
    """

    transaction: Transaction
    address: TaxAddress | None
    by_level: tuple[tuple[str, Decimal], ...]
    total: Decimal
    would_be_new: set[str]
    account_is_named: bool


@contextmanager
def quote(work: Work, draft: TransactionDraft | None) -> Iterator[Quote]:
    """Raises InvalidRequest and its kinds, AccountNotFound for an unknown VID, TaxUnavailable without an engine.

    An account that does not exist is no error: it counts as what is said of it.
    """
    if draft is None or not has_content(draft):
        raise MissingField("transaction", "Must specify transaction to calculate sales tax")
    with work.rehearsing() as made:
        account = _account(work, draft.account)
        method, billing = _payer(work, draft.source_payment_method)
        priced = transaction_pricing.price(work, draft, account, billing, WhenUnavailable.FAIL)
        transaction = transaction_order.record(
            work,
            Order(
                draft=replace(
                    draft,
                    merchant_transaction_id=new_vid(),  # the one sent may be in use
                    payment_processor=None,
                    payment_processor_transaction_id=None,
                ),
                parties=Parties(account, method),
                amount=priced.total,
                lines=priced.lines,
                uses=(),
                assessment=priced.assessment,
                shipping_address=priced.shipping_address,
                existing=None,
                processed=False,
            ),
        )
        work.uow.flush()
        taxes = [part for line in priced.lines if line.is_tax_summary for part in line.tax]
        yield Quote(
            transaction,
            priced.assessment.address if priced.assessment.enabled else None,
            sum_by_level(taxes),
            sum((part.amount for part in taxes), Decimal(0)),
            made,
            account_is_named=draft.account is not None and _is_named(draft.account),
        )


def _account(work: Work, given: AccountDraft | None) -> Account | None:
    """The account, or one made for the rehearsal of what is said of it. Raises AccountNotFound for an unknown VID."""
    if given is None or not has_content(given):
        return None
    if _is_named(given):
        try:
            return accounts.resolve(work, Reference(given.vid, given.merchant_account_id))
        except AccountNotFound:
            if given.vid is not None:
                raise
    own_id = given.merchant_account_id or new_vid()
    return accounts.put(work, replace(given, merchant_account_id=own_id, payment_methods=())).account


def _is_named(account: AccountDraft) -> bool:
    return account.vid is not None or account.merchant_account_id is not None


def _payer(work: Work, given: PaymentMethodDraft | None) -> tuple[PaymentMethod | None, PostalAddress | None]:
    """The payment method, if it is stored, and where whoever pays lives: as sent, else as stored."""
    if given is None:
        return None, None
    known = payment_methods.find(work, given)
    return known, transaction_pricing.address_of(work, given.billing_address) or taxing.billing_address(known)
