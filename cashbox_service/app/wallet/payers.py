"""Which payment method a charge is made on: one that is stored, or one that the charge brings along.

Payments and one-time sales share it (autobill §6.26, transaction §7.1, payment-method §1.1). All of it runs inside the
caller's write transaction with the account locked.
"""

from __future__ import annotations

from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.wallet import payment_methods
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.errors import Duplicate, InvalidRequest, InvalidValue
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import Account, PaymentMethod

MERCHANT_ACCEPTED = "MerchantAcceptedPayment"
INACTIVE = "Payment method is inactive."


def is_by_hand(draft: PaymentMethodDraft) -> bool:
    """Whether the money was taken outside and is only booked here."""
    return draft.type == MERCHANT_ACCEPTED or draft.merchant_accepted_payment is not None


def to_charge(
    work: Work, account: Account, known: PaymentMethod | None, draft: PaymentMethodDraft
) -> PaymentMethod:
    """The payment method that the draft leads to, stored on the account when it belonged to nobody.

    ``known`` is what the draft's ids name. One of the account's family is used as it is. Raises InvalidRequest for one
    that is retired or a stranger's, and for what cannot be stored.
    """
    if known is not None and known.account_vid not in (None, account.vid):
        method = known
    else:
        method = payment_methods.attach(work, account, draft, append=True).payment_method
    if not method.active:
        raise InvalidRequest(INACTIVE)
    if not payment_methods.usable_by(work, account, method):
        raise InvalidRequest("Payment method belongs to an account outside the family.")
    return method


def by_hand(work: Work, account: Account, draft: PaymentMethodDraft, amount: Money) -> PaymentMethod:
    """A new, retired payment method for money taken outside; ids that were used before are refused."""
    payment = draft.merchant_accepted_payment
    if draft.vid is not None or (payment is None and draft.merchant_payment_method_id is None):
        raise InvalidRequest("A MerchantAcceptedPayment must be a new payment method on every call.")
    used = work.uow.payments.used(account.vid, draft.merchant_payment_method_id, payment_id_of(draft))
    if used.payment_method_id:
        raise Duplicate("merchantPaymentMethodId", draft.merchant_payment_method_id)
    if used.payment_id:
        raise Duplicate("paymentId", payment_id_of(draft))
    if payment is not None:
        _check_inner_amount(payment.amount, payment.currency, amount)
        payment.amount = amount.amount
        payment.currency = amount.currency
    draft.type = MERCHANT_ACCEPTED
    return payment_methods.create_retired(work, account, draft)


def payment_id_of(draft: PaymentMethodDraft) -> str | None:
    """The paymentId of money taken outside."""
    payment = draft.merchant_accepted_payment
    return (payment.payment_id or None) if payment is not None else None


def _check_inner_amount(amount: Decimal | None, currency: str | None, charged: Money) -> None:
    """Amount and currency inside the payment method agree with the charge or are left out."""
    if amount is not None and amount != 0 and Money.of(amount, charged.currency) != charged:
        raise InvalidValue("merchantAcceptedPayment.amount", amount, f"is not {charged.amount}")
    if currency and currency != charged.currency:
        raise InvalidValue("merchantAcceptedPayment.currency", currency, f"is not {charged.currency}")
