"""Finding payment methods, and accounts, by a pattern (account §2.8, transaction §7.13)."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.context import Work
from cashbox_service.app.paging import page
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.app.wallet.instruments import natural_key
from cashbox_service.domain.errors import InvalidRequest, MissingField, NothingFound
from cashbox_service.store.entities import Account, PaymentMethod

SEARCHABLE_TYPES = ("CreditCard", "ECP", "Boleto", "PayPal")


def accounts_having(
    work: Work, pattern: PaymentMethodDraft | None, number: int | None, size: int | None
) -> Sequence[Account]:
    """Accounts that own a matching payment method, active or not; each once, oldest first.

    Raises MissingField and InvalidRequest for a pattern that cannot be used, InvalidWindow, NothingFound.
    """
    wanted = page(number, size, work.settings.max_page_size)
    pattern = _usable(work, pattern)
    repository = work.uow.accounts
    if pattern.vid is not None or pattern.merchant_payment_method_id is not None:
        method = _by_id(work, pattern)
        found = (
            repository.with_payment_method(wanted.number, wanted.size, vid=method.vid)
            if method is not None
            else ()
        )
    else:
        found = repository.with_payment_method(
            wanted.number, wanted.size, type_=pattern.type, fingerprint=natural_key(work, pattern)
        )
    if not found:
        raise NothingFound("No accounts found for payment method.")
    return found


def matching(work: Work, pattern: PaymentMethodDraft | None) -> Sequence[PaymentMethod]:
    """Payment methods that match. Raises MissingField and InvalidRequest for a pattern that cannot be used."""
    pattern = _usable(work, pattern)
    if pattern.vid is not None or pattern.merchant_payment_method_id is not None:
        method = _by_id(work, pattern)
        return [method] if method is not None else []
    assert pattern.type is not None
    return work.uow.payment_methods.matching(pattern.type, natural_key(work, pattern))


def _by_id(work: Work, pattern: PaymentMethodDraft) -> PaymentMethod | None:
    if pattern.vid is not None:
        return work.uow.payment_methods.by_vid(pattern.vid)
    assert pattern.merchant_payment_method_id is not None
    return work.uow.payment_methods.by_merchant_id(pattern.merchant_payment_method_id)


def _usable(work: Work, pattern: PaymentMethodDraft | None) -> PaymentMethodDraft:
    """A pattern has an id, or a searchable type with its natural key; PayPal alone means all of them."""
    if pattern is None:
        raise MissingField("paymentMethod")
    if pattern.vid is not None or pattern.merchant_payment_method_id is not None:
        return pattern
    if pattern.type not in SEARCHABLE_TYPES:
        raise InvalidRequest("The payment method cannot be searched for: no id and no searchable type.")
    if pattern.type != "PayPal" and natural_key(work, pattern) is None:
        raise InvalidRequest("The payment method cannot be searched for: its full number is missing.")
    return pattern
