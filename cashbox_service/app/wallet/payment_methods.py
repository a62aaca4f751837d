"""Payment methods: storing them, alone and on an account (payment-method §1, §2).

Numbers go to the vault at once; what is kept in ``details`` may be shown. The card verification number never leaves
the draft it came in, except into one processor request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.customers import addresses
from cashbox_service.app.drafts import NameValuePairDraft
from cashbox_service.app.lookup import named
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.app.wallet.instrument_parts import Instrument, missing
from cashbox_service.app.wallet.instruments import merged_instrument
from cashbox_service.domain.errors import (
    DataValidation,
    InvalidRequest,
    InvalidValue,
    MissingField,
    NothingFound,
    PaymentMethodNotFound,
)
from cashbox_service.ids import new_vid
from cashbox_service.store.direct import fresh
from cashbox_service.store.entities import Account, Card, PaymentMethod

MAX_DESCRIPTION_BYTES = 512
MAX_HOLDER_NAME = 255
MAX_ID_BYTES = 1024

CARD_TYPES = ("CreditCard", "MilitaryStar")
"""Types whose number has a record, and a VID, of its own (payment-method §1.1)."""

_SAYS_NOTHING = PaymentMethodDraft()

CVN = "CVN"
"""The name-value pair that carries a card verification number: used for the call, never stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored payment method and whether this call created it."""

    payment_method: PaymentMethod
    created: bool


def cvn_of(draft: PaymentMethodDraft) -> str | None:
    """The card verification number sent along; a military exchange calls its own the cid."""
    own = draft.military_star.cid if draft.military_star is not None else None
    return name_values.value_of(draft.name_values, CVN) or own or None


def find(work: Work, draft: PaymentMethodDraft) -> PaymentMethod | None:
    """By VID, else by id. Raises PaymentMethodNotFound for an unknown VID, InvalidRequest for two."""
    by_id = None
    if draft.merchant_payment_method_id is not None:
        by_id = work.uow.payment_methods.by_merchant_id(draft.merchant_payment_method_id)
    if draft.vid is None:
        return by_id
    found = work.uow.payment_methods.by_vid(draft.vid)
    if found is None:
        raise PaymentMethodNotFound("VID", draft.vid)
    if by_id is not None and by_id.vid != found.vid:
        raise InvalidRequest("VID and merchantPaymentMethodId belong to different objects.")
    return found


def by_vid(work: Work, vid: str | None) -> PaymentMethod:
    """Raises MissingField, PaymentMethodNotFound."""
    return named("vid", vid, work.uow.payment_methods.by_vid, PaymentMethodNotFound, "VID")


def by_merchant_id(work: Work, merchant_payment_method_id: str | None) -> PaymentMethod:
    """Raises MissingField, PaymentMethodNotFound."""
    return named(
        "paymentMethodId",
        merchant_payment_method_id,
        work.uow.payment_methods.by_merchant_id,
        PaymentMethodNotFound,
        "merchantPaymentMethodId",
    )


def of_accounts(work: Work, account_vids: Sequence[str]) -> Sequence[PaymentMethod]:
    """Active ones of the accounts, each account's by sortOrder. Raises NothingFound."""
    found = [method for vid in account_vids for method in work.uow.payment_methods.of_account(vid)]
    if not found:
        raise NothingFound("No PaymentMethods found for account.")
    return found


def put(work: Work, draft: PaymentMethodDraft) -> Stored:
    """Create or change one by its ids alone, inside the caller's transaction.

    A new one belongs to nobody; one that an account has is changed by the rules of ``attach``.
    """
    found = find(work, draft)
    if found is not None and found.account_vid is not None:
        account = work.uow.accounts.by_vid(found.account_vid)
        assert account is not None
        return attach(work, account, draft, append=True)
    method = found or _new(work, draft)
    _merge(work, method, draft)
    _activate(method, draft.active)
    work.uow.flush()
    work.uow.events.record_told("payment methods", "data change", method.vid, work.now)
    return Stored(method, found is None)


def attach(work: Work, account: Account, draft: PaymentMethodDraft, *, append: bool) -> Stored:
    """Create or change one on an account, inside the caller's transaction; the account is locked by the caller.

    A card that an active payment method of the account already has (number and expiry) means that one, which is edited;
    a new id sent with it finds it from now on (payment-method §1.1). A new one without sortOrder is put last when
    ``append``, else first. Raises InvalidRequest for one that belongs to another account.
    """
    found = find(work, draft)
    if found is not None and found.account_vid not in (None, account.vid):
        raise InvalidRequest("The payment method belongs to another account.")
    if found is not None and found.account_vid == account.vid and found.active and _only_names(draft, found):
        return Stored(found, False)
    twin = _twin(work, account, found, draft)
    if twin is not None:
        if found is None:
            _learn_id(work, twin, draft.merchant_payment_method_id)
        draft = replace(draft, vid=None, merchant_payment_method_id=None)
    method = twin or found or _new(work, draft)
    is_new, was_active = method.account_vid is None, method.active
    _merge(work, method, draft)
    _activate(method, draft.active)
    method.account_vid = account.vid
    _place(
        work, account, method, draft.sort_order, first=is_new and not append, moved=is_new or not was_active
    )
    work.uow.flush()
    work.uow.events.record_told("payment methods", "data change", method.vid, work.now)
    work.uow.events.record_told("accounts", "data change", account.vid, work.now)
    return Stored(method, found is None and twin is None)


def create_retired(
    work: Work, account: Account | None, draft: PaymentMethodDraft, told: Instrument | None = None
) -> PaymentMethod:
    """A new payment method that may belong to the account but is never used again (payment-method §1.1).

    ``told`` is what is known of an instrument whose number is not. The caller has made sure that its id is not in use.
    """
    method = _new(work, draft)
    method.account_vid = account.vid if account is not None else None
    if told is not None:
        method.details, method.fingerprint = told.details, told.fingerprint
    if draft.merchant_payment_method_id is not None:
        method.merchant_payment_method_id = _check_id(draft.merchant_payment_method_id)
    _merge(work, method, draft)
    method.active = False
    return method


def usable_by(work: Work, account: Account, method: PaymentMethod) -> bool:
    """Whether the account may be charged with it: its own, or one of its family's (payment-method §1.1)."""
    return method.account_vid is None or method.account_vid in work.uow.accounts.family_vids(account)


def _only_names(draft: PaymentMethodDraft, found: PaymentMethod) -> bool:
    """Whether the draft says nothing of the payment method but which one it is."""
    known_by = draft.merchant_payment_method_id in (None, found.merchant_payment_method_id)
    named = replace(draft, vid=None, merchant_payment_method_id=None, type=None)
    return known_by and draft.type in (None, found.type) and named == _SAYS_NOTHING


def _twin(
    work: Work, account: Account, found: PaymentMethod | None, draft: PaymentMethodDraft
) -> PaymentMethod | None:
    """Another active payment method of the account with the card, number and expiry, that the draft leads to.

    Asked for where a card comes to the account: by its number, with a payment method that belonged to nobody, or with
    one that was retired. Other changes leave two alone that are alike already.
    """
    if (draft.type or (found.type if found is not None else None)) != "CreditCard":
        return None
    has_number = draft.credit_card is not None and bool(draft.credit_card.account)
    comes_back = found is not None and (
        found.account_vid is None or (bool(draft.active) and not found.active)
    )
    if not has_number and not comes_back:
        return None
    instrument = merged_instrument(work, found, draft)
    if instrument.fingerprint is None or (instrument.number is None and not comes_back):
        return None
    expiry = instrument.details.get("expiration_date")
    for method in work.uow.payment_methods.same_card(account.vid, instrument.fingerprint):
        if method is not found and method.details.get("expiration_date") == expiry:
            return method
    return None


def _learn_id(work: Work, method: PaymentMethod, merchant_payment_method_id: str | None) -> None:
    if merchant_payment_method_id is None:
        return
    _check_id(merchant_payment_method_id)
    if method.merchant_payment_method_id is None:
        method.merchant_payment_method_id = merchant_payment_method_id
    else:
        work.uow.payment_methods.add_alias(method, merchant_payment_method_id)


def _new(work: Work, draft: PaymentMethodDraft) -> PaymentMethod:
    if draft.type is None:
        raise MissingField("type", "Invalid payment method type:  ")
    return work.uow.payment_methods.add(
        fresh(
            PaymentMethod,
            vid=new_vid(),
            account_vid=None,
            type=draft.type,
            merchant_payment_method_id=None,
            details={},
            card_vid=None,
            sealed=None,
            fingerprint=None,
            name_values=(),
            account_holder_name=None,
            billing_address_vid=None,
            customer_specified_type=None,
            customer_description=None,
            currency=None,
            sort_order=0,
            active=True,
            external_token=None,
            created_at=work.now,
            modified_at=work.now,
        )
    )


def _merge(work: Work, method: PaymentMethod, draft: PaymentMethodDraft) -> None:
    if draft.type is not None and draft.type != method.type:
        raise InvalidRequest("The type of a payment method cannot be changed.")
    _merge_instrument(work, method, draft)
    known = {method.merchant_payment_method_id, None}
    if draft.merchant_payment_method_id not in known and not _is_alias(work, method, draft):
        _check_id(draft.merchant_payment_method_id or "")
        method.merchant_payment_method_id = draft.merchant_payment_method_id
    _merge_texts(method, draft)
    if draft.billing_address is not None:
        method.billing_address = addresses.put(work, draft.billing_address, method.billing_address)
    pairs = _storable(draft.name_values)
    if pairs:
        method.name_values = name_values.merged(work, "PaymentMethod", method.name_values, pairs)
    method.modified_at = work.now


def _activate(method: PaymentMethod, active: bool | None) -> None:
    """What a draft says of whether it may be used; nothing, mostly."""
    if active is None:
        return
    if active and method.type in CARD_TYPES and method.card is None:
        raise missing("creditCard.account")
    method.active = active


def _is_alias(work: Work, method: PaymentMethod, draft: PaymentMethodDraft) -> bool:
    """Whether the id in the draft already finds this payment method as a second key."""
    assert draft.merchant_payment_method_id is not None
    found = work.uow.payment_methods.by_merchant_id(draft.merchant_payment_method_id)
    return found is not None and found.vid == method.vid


def _merge_texts(method: PaymentMethod, draft: PaymentMethodDraft) -> None:
    if draft.account_holder_name is not None and len(draft.account_holder_name) > MAX_HOLDER_NAME:
        raise InvalidValue("accountHolderName", draft.account_holder_name[:40] + "…", "is too long")
    description = draft.customer_description
    if description is not None and len(description.encode()) > MAX_DESCRIPTION_BYTES:
        raise InvalidValue("customerDescription", description[:40] + "…", "is too long")
    for name in ("account_holder_name", "customer_specified_type", "customer_description", "external_token"):
        text = getattr(draft, name)
        if text is not None:
            setattr(method, name, text or None)
    if draft.currency:
        method.currency = check_currency("currency", draft.currency)


def _merge_instrument(work: Work, method: PaymentMethod, draft: PaymentMethodDraft) -> None:
    holder = draft.account_holder_name or method.account_holder_name
    instrument = merged_instrument(work, method, draft)
    if method.type == "DirectDebit" and not holder:
        raise DataValidation(
            "Failed to create Payment-Type-Specific Payment Record: accountHolderName is missing"
        )
    method.details = instrument.details
    method.fingerprint = instrument.fingerprint
    if method.type in CARD_TYPES and instrument.number is not None:
        method.card = _card(work, instrument)
        method.card_vid = method.card.vid
    elif instrument.sealed is not None:
        method.sealed = instrument.sealed


def _card(work: Work, instrument: Instrument) -> Card:
    """The merchant's one record of a card number; its VID is the same wherever the number is used."""
    assert instrument.fingerprint is not None
    assert instrument.sealed is not None
    card = work.uow.payment_methods.card(instrument.fingerprint)
    if card is None:
        card = work.uow.payment_methods.add(
            Card(
                vid=new_vid(),
                fingerprint=instrument.fingerprint,
                sealed=instrument.sealed,
                created_at=work.now,
            )
        )
        work.uow.flush()
    return card


def _place(
    work: Work, account: Account, method: PaymentMethod, sort_order: int | None, *, first: bool, moved: bool
) -> None:
    """Number the active payment methods of the account from 0, in order of preference (payment-method §1, field 24).

    ``sort_order`` inserts at a position, and those from there on move down. Without one, a payment method that has no
    position (``moved``) is put ``first``, or else last. A retired one keeps its number and holds no position.
    """
    in_order = [one for one in work.uow.payment_methods.of_account(account.vid) if one is not method]
    if method.active:
        in_order.insert(_position(in_order, method, sort_order, first=first, moved=moved), method)
    elif moved:
        method.sort_order = len(in_order)
    for index, one in enumerate(in_order):
        if one.sort_order != index:
            one.sort_order = index


def _position(
    others: Sequence[PaymentMethod],
    method: PaymentMethod,
    sort_order: int | None,
    *,
    first: bool,
    moved: bool,
) -> int:
    if sort_order is not None:
        return max(0, min(sort_order, len(others)))
    if moved:
        return 0 if first else len(others)
    return sum(1 for other in others if other.sort_order < method.sort_order)


def _storable(pairs: Sequence[NameValuePairDraft]) -> list[NameValuePairDraft]:
    return [pair for pair in pairs if (pair.name or "").lower() != CVN.lower()]


def _check_id(merchant_payment_method_id: str) -> str:
    if len(merchant_payment_method_id.encode()) > MAX_ID_BYTES:
        raise InvalidValue("merchantPaymentMethodId", merchant_payment_method_id[:40] + "…", "is too long")
    return check_merchant_id("merchantPaymentMethodId", merchant_payment_method_id, MAX_ID_BYTES)
