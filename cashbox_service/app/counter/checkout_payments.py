"""Payments of a checkout: recorded by a cashier, or taken through a processor (dialects §4).

What the caller tells of a payment beside money stands in the transaction's particulars, under the names of the
interface; what a gateway told is read off the transaction itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from cashbox_service.app.collection import charging
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter import checkouts, gateway_payments, payment_keys
from cashbox_service.app.counter.checkouts import Checkout
from cashbox_service.app.counter.gateway_payments import GatewayPayment
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.app.counter.payment_keys import Key
from cashbox_service.app.sales import transactions
from cashbox_service.app.wallet import payers
from cashbox_service.app.wallet.drafts import MerchantAcceptedPaymentDraft, PaymentMethodDraft
from cashbox_service.domain import auth_codes
from cashbox_service.domain.errors import Duplicate, InvalidValue, MissingField, NotFound
from cashbox_service.domain.money import Money
from cashbox_service.domain.tender import Tender, TenderMethod, tender
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, Invoice, PaymentMethod, Transaction

REFERENCE_PREFIX: Final = "CBPS"
_REFERENCE_DIGITS: Final = 16
_ID_BITS: Final = 53
"""Generated ids stay exact in programs that keep all numbers as floating point."""

FIXED: Final = (
    "LineAmount",
    "TotalTendAmount",
    "ChangeAmount",
    "PaymentCurrency",
    "PaymentMethodCode",
    "PaymentDate",
    "SessionId",
)
"""Members of a recorded payment that no update changes."""

_OF_GATEWAY: Final = ("AuthorizationCode", "AuthorizationDttm", "AuthorizationStatus", "PaymentTransactionId")
_S = TransactionStatusType
_STATUSES: Final = {_S.CAPTURED: "APPR", _S.AUTHORIZED: "APPR", _S.REFUNDED: "APPR", _S.CANCELLED: "DECL"}
_LONGEST_CODE, _LONGEST_MESSAGE, _LONGEST_REFERENCE = 10, 100, 50


class CheckoutPaymentNotFound(NotFound):
    """No such payment of the checkout."""

    kind = "checkout payment"


class CheckoutPaymentExists(Duplicate):
    """A payment of the checkout has that id already."""


class ChangedMeanwhile(Duplicate):
    """The payment is not what the caller thinks it is."""


@dataclass(frozen=True, slots=True)
class CheckoutPaymentDraft:
    """A payment as it is told, by the names of the interface; numbers, days and moments as such."""

    members: Mapping[str, Any]
    upsert: bool = False
    if_match: str | None = None

    def text(self, name: str) -> str | None:
        return self.members.get(name) or None


@dataclass(frozen=True, slots=True)
class CheckoutPayment:
    """A payment as it is shown: every member that has a value."""

    checkout_id: str
    id: int
    members: Mapping[str, Any]
    created: bool = False
    transaction: Transaction | None = field(default=None, repr=False)

    @property
    def change_indicator(self) -> str:
        """Another one as soon as any member changes."""
        return payment_keys.digest(sorted((name, str(value)) for name, value in self.members.items()))[:40]


def put(work: Work, checkout_id: str, draft: CheckoutPaymentDraft) -> CheckoutPayment:
    """Create a payment, or with ``upsert`` change the one that it is.

    Raises CheckoutNotFound, CheckoutPaymentExists, ChangedMeanwhile, MissingField, and InvalidValue naming the member.
    """
    checkout = checkouts.find(work, checkout_id)
    named = draft.text("CheckoutId")
    if named is not None and named != checkout_id:
        raise InvalidValue("CheckoutId", named, "is not the one of the path")
    begun = starting_over(lambda: _begin(work, checkout, draft))
    if begun.intent is not None:
        gateway_payments.carry_out(work, begun.intent)
        work.uow.end_reading()
    found = transactions.by_vid(work, begun.vid)
    return _shown(work, checkout_id, found, created=begun.created)


def find(work: Work, checkout_id: str, payment_id: str) -> CheckoutPayment:
    """Raises CheckoutNotFound, CheckoutPaymentNotFound."""
    checkout = checkouts.find(work, checkout_id)
    row = work.uow.naming.key(_scope("CheckoutPmtId", checkout.invoice), payment_id[:40])
    if row is None or row.transaction_vid is None:
        raise CheckoutPaymentNotFound("CheckoutPmtId", payment_id[:40])
    return _shown(work, checkout_id, transactions.by_vid(work, row.transaction_vid))


def listed(work: Work, checkout_id: str) -> Sequence[CheckoutPayment]:
    """All payments of the checkout, oldest first. Raises CheckoutNotFound."""
    checkout = checkouts.find(work, checkout_id)
    made = work.uow.transactions.meant_for(checkout.invoice.account_vid, checkout.invoice.vid)
    return [_shown(work, checkout_id, one) for one in made if "CheckoutPmtId" in (one.particulars or {})]


@dataclass(frozen=True, slots=True)
class _Begun:
    vid: str
    created: bool
    intent: charging.Intent | None = None


def _begin(work: Work, checkout: Checkout, draft: CheckoutPaymentDraft) -> _Begun:
    with work.writing():
        account, invoice = gateway_payments.lock_both(
            work, checkout.invoice.account_vid, checkout.invoice.vid
        )
        existing = _existing(work, invoice, draft)
        if existing is not None:
            if not draft.upsert:
                raise CheckoutPaymentExists("CheckoutPmtId", existing.particulars_shown)
            _update(work, checkout.id, existing.transaction, draft)
            return _Begun(existing.transaction.vid, created=False)
        if draft.if_match is not None:
            raise ChangedMeanwhile("If-Match", draft.if_match[:60], "There is no payment to be changed.")
        return _create(work, account, invoice, draft)


@dataclass(frozen=True, slots=True)
class _Existing:
    transaction: Transaction

    @property
    def particulars_shown(self) -> object:
        return (self.transaction.particulars or {})["CheckoutPmtId"]


def _existing(work: Work, invoice: Invoice, draft: CheckoutPaymentDraft) -> _Existing | None:
    """The payment with one of the draft's ids. Raises CheckoutPaymentExists when they are those of two."""
    vids: list[str] = []
    for name in ("CheckoutPmtId", "PaymentReferenceId"):
        value = draft.members.get(name)
        row = work.uow.naming.key(_scope(name, invoice), str(value)) if value not in (None, "") else None
        if row is not None and row.transaction_vid is not None:
            vids.append(row.transaction_vid)
    if not vids:
        return None
    if len(set(vids)) > 1:
        raise CheckoutPaymentExists("PaymentReferenceId", draft.text("PaymentReferenceId"))
    transaction = work.uow.transactions.lock(vids[0])
    assert transaction is not None
    return _Existing(transaction)


def _create(work: Work, account: Account, invoice: Invoice, draft: CheckoutPaymentDraft) -> _Begun:
    method = TenderMethod.parse(draft.text("PaymentMethodCode"))
    _check_method(method, draft)
    agreed = _tender(work, invoice, method, draft)
    reference = draft.text("PaymentReferenceId") or _new_reference()
    payment_id = draft.members.get("CheckoutPmtId")
    number = int(payment_id) if payment_id is not None else _new_id(work, invoice)
    by_gateway = method.payment_method_type is not None and draft.text("AuthorizationCode") is None
    told = _stored(draft.members) | {
        "CheckoutPmtId": number,
        "PaymentReferenceId": reference,
        "PaymentMethodCode": method.value,
        "LineAmount": format(agreed.line.amount, "f"),
        "TotalTendAmount": format(agreed.total.amount, "f"),
        "ChangeAmount": format(agreed.change.amount, "f"),
        "PaymentCurrency": agreed.line.currency,
        "PaymentDate": (draft.members.get("PaymentDate") or work.today).isoformat(),
        "gateway": by_gateway,
    }
    session = draft.text("SessionId")
    instrument = _instrument(work, account, method, agreed.line, by_gateway=by_gateway)
    wanted = GatewayPayment(
        account=account,
        invoice=invoice,
        method=instrument,
        processor=work.env.processors.for_type(instrument.type),
        towards=agreed.line,
        fee=Money.zero(agreed.line.currency),
        note=draft.text("Comments"),
        cashier_session=None if by_gateway else session,
        particulars=told,
    )
    intent = None
    if by_gateway:
        transaction, intent = gateway_payments.intend(work, wanted)
    else:
        transaction = gateway_payments.book_by_hand(work, wanted)
    keys = (
        Key("CheckoutPmtId", _scope("CheckoutPmtId", invoice), str(number)),
        Key("PaymentReferenceId", _scope("PaymentReferenceId", invoice), reference),
    )
    payment_keys.keep(work, keys, payment_keys.digest(number), transaction.vid)
    return _Begun(transaction.vid, created=True, intent=intent)


def _check_method(method: TenderMethod, draft: CheckoutPaymentDraft) -> None:
    """Raises MissingField for what a check has to have."""
    if method is TenderMethod.CHECK:
        for name in ("CheckNumber", "CheckName", "CheckDate"):
            if draft.members.get(name) in (None, ""):
                raise MissingField(name, f"{name} is required for {method}.")


def _tender(work: Work, invoice: Invoice, method: TenderMethod, draft: CheckoutPaymentDraft) -> Tender:
    """Raises InvalidValue for amounts that do not fit the checkout, its currency, or each other."""
    currency = draft.text("PaymentCurrency")
    if currency is not None and currency != invoice.currency:
        raise InvalidValue("PaymentCurrency", currency, f"is not {invoice.currency}, the checkout's")
    for name in ("LineAmount", "TotalTendAmount"):
        amount = draft.members.get(name)
        problem = wrong_amount(name, amount, invoice.currency) if amount is not None else None
        if problem is not None:
            raise problem
    made = work.uow.transactions.meant_for(invoice.account_vid, invoice.vid)
    coming = sum((one.amount for one in made if one.status in _ON_THE_WAY), Decimal(0))
    balance = Money.of(max(invoice.balance - coming, Decimal(0)), invoice.currency)
    return tender(
        method,
        balance,
        line=draft.members.get("LineAmount"),
        total=draft.members.get("TotalTendAmount"),
        change=draft.members.get("ChangeAmount"),
    )


_ON_THE_WAY = ("New", "AuthorizedPending", "AuthorizationPending", "Pending")


def _instrument(
    work: Work, account: Account, method: TenderMethod, line: Money, *, by_gateway: bool
) -> PaymentMethod:
    """What is charged: the account's own card or bank account, or money that is there already."""
    if by_gateway:
        owned = work.uow.payment_methods.of_account(account.vid)
        found = next((one for one in owned if one.type == method.payment_method_type), None)
        if found is None:
            said = f"{method} needs an AuthorizationCode, or an account with a {method.payment_method_type} on file."
            raise InvalidValue("PaymentMethodCode", method.value, "cannot be charged", said)
        return found
    draft = PaymentMethodDraft(
        type=payers.MERCHANT_ACCEPTED,
        merchant_payment_method_id=f"checkout-{new_vid()}",
        merchant_accepted_payment=MerchantAcceptedPaymentDraft(
            amount=line.amount, currency=line.currency, payment_type=method.value
        ),
    )
    return payers.by_hand(work, account, draft, line)


def _update(work: Work, checkout_id: str, transaction: Transaction, draft: CheckoutPaymentDraft) -> None:
    """Change what describes a payment. Raises InvalidValue for what no update changes, ChangedMeanwhile."""
    current = _shown(work, checkout_id, transaction)
    if draft.if_match is not None and draft.if_match not in ("*", current.change_indicator):
        raise ChangedMeanwhile("If-Match", draft.if_match[:60], "The payment was changed meanwhile.")
    told = dict(transaction.particulars or {})
    fixed = (*FIXED, "CheckoutPmtId", "PaymentReferenceId", *(_OF_GATEWAY if told.get("gateway") else ()))
    for name in fixed:
        value = draft.members.get(name)
        if value is not None and not _same(value, current.members.get(name)):
            raise InvalidValue(name, str(value)[:40], "cannot be changed any more")
    given = {name: value for name, value in _stored(draft.members).items() if name not in fixed}
    transaction.particulars = told | given
    comments = draft.text("Comments")
    if comments is not None:
        transaction.note = comments


def _same(given: Any, kept: Any) -> bool:
    if isinstance(given, str) and isinstance(kept, str):
        return given.strip().upper() == kept.upper()
    return bool(given == kept)


def _stored(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members as JSON keeps them."""
    kept: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, Decimal):
            kept[name] = format(value, "f")
        elif isinstance(value, date):  # and datetime
            kept[name] = value.isoformat()
        elif value is not None:
            kept[name] = value
    return kept


_AMOUNTS = ("LineAmount", "TotalTendAmount", "ChangeAmount")
_DAYS = ("PaymentDate", "CheckDate")


def _shown(
    work: Work, checkout_id: str, transaction: Transaction, *, created: bool = False
) -> CheckoutPayment:
    members = {name: value for name, value in (transaction.particulars or {}).items() if name[:1].isupper()}
    for name in _AMOUNTS:
        members[name] = Money.of(Decimal(members[name]), transaction.currency).amount
    for name in _DAYS:
        if name in members:
            members[name] = date.fromisoformat(members[name])
    if "AuthorizationDttm" in members:
        members["AuthorizationDttm"] = datetime.fromisoformat(members["AuthorizationDttm"])
    if (transaction.particulars or {}).get("gateway"):
        members |= _told_by_gateway(work, transaction)
    members["CheckoutId"] = checkout_id
    return CheckoutPayment(checkout_id, int(members["CheckoutPmtId"]), members, created, transaction)


def _told_by_gateway(work: Work, transaction: Transaction) -> dict[str, Any]:
    """What became of a charge, in the members that the interface has for it."""
    newest = transaction.status_log[0]
    status = _S(transaction.status)
    told: dict[str, Any] = {"AuthorizationStatus": _STATUSES.get(status, "PEND")}
    if status is not _S.NEW:
        told["AuthorizationDttm"] = newest.at.astimezone(work.zone).replace(microsecond=0)
    code = newest.auth_code
    if code:
        told["AuthorizationCode"] = code[:_LONGEST_CODE]
        known = auth_codes.CATALOGUE.get(code)
        if known is not None:
            told["FirstResponseMessage"] = known.meaning[:_LONGEST_MESSAGE]
    if transaction.processor_transaction_id:
        told["PaymentTransactionId"] = transaction.processor_transaction_id[:_LONGEST_REFERENCE]
    return told


def _scope(name: str, invoice: Invoice) -> str:
    return f"{name} {invoice.vid}"


def _new_reference() -> str:
    return f"{REFERENCE_PREFIX}{secrets.randbelow(10**_REFERENCE_DIGITS):0{_REFERENCE_DIGITS}d}"


def _new_id(work: Work, invoice: Invoice) -> int:
    while True:
        number = secrets.randbits(_ID_BITS)
        if number and work.uow.naming.key(_scope("CheckoutPmtId", invoice), str(number)) is None:
            return number
