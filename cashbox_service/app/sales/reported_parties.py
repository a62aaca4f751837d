"""Who took part in a sale that is only put on record: scored, reported or migrated (transaction §7.6 to §7.8).

Parties are found or created as for a sale that is processed, but nobody has to be chargeable: a card may be told by
its ends or its hash. Runs inside the caller's write transaction.
"""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.sales import transaction_parties
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_parties import Parties
from cashbox_service.app.wallet import payers, payment_methods, reported_cards
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.store.entities import Account, PaymentMethod


def find_or_record(work: Work, draft: TransactionDraft, *, paid: bool) -> Parties:
    """The parties of a sale that was ``paid`` elsewhere, or of one that is about to be.

    Money taken by hand has a payment method of its own once it was paid. Raises what
    `transaction_parties.find_or_create` raises, but for a sale without anybody.
    """
    method = transaction_parties.given(draft.source_payment_method)
    known = payment_methods.find(work, method) if method is not None else None
    account = transaction_parties.account_of(work, transaction_parties.given(draft.account), known, None)
    if method is None:
        return Parties(account, transaction_parties.default_of(work, account))
    if known is None and payers.is_by_hand(method) and not paid:
        return Parties(account, None, by_hand=method)
    return Parties(account, record(work, account, known, method))


def record(
    work: Work, account: Account | None, known: PaymentMethod | None, draft: PaymentMethodDraft
) -> PaymentMethod:
    """The payment method that the draft names (``known``) or describes; what cannot be charged is stored retired."""
    if known is not None:
        if account is not None and not payment_methods.usable_by(work, account, known):
            raise InvalidRequest("Payment method belongs to an account outside the family.")
        return known
    transaction_parties.check_new(draft)
    told = reported_cards.told(work, draft)
    if told is not None:
        found = _told_before(work, account, told.fingerprint, draft)
        described = reported_cards.without_number(draft)
        return found or payment_methods.create_retired(work, account, described, told)
    if payers.is_by_hand(draft):
        return payment_methods.create_retired(work, account, draft)
    if account is not None:
        return payment_methods.attach(work, account, draft, append=True).payment_method
    return payment_methods.put(work, draft).payment_method


def _told_before(
    work: Work, account: Account | None, fingerprint: str | None, draft: PaymentMethodDraft
) -> PaymentMethod | None:
    """The record of the same card of the same account; a draft with an id of its own is always a new one."""
    if fingerprint is None or account is None or draft.merchant_payment_method_id is not None:
        return None
    expiry = draft.credit_card.expiration_date if draft.credit_card is not None else None
    for method in work.uow.payment_methods.matching("CreditCard", fingerprint):
        if method.account_vid == account.vid and method.details.get("expiration_date") == (expiry or None):
            return method
    return None
