"""CreatePayment: a payment is tried on a collection attempt, or refused before anybody is asked (dialects §3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cashbox_service.app.bills import documents
from cashbox_service.app.collection import charging, settlement
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter import collection_attempts, gateway_payments, payment_keys
from cashbox_service.app.counter.collection_drafts import FEES, CollectionPayment, Tried, guid_of
from cashbox_service.app.counter.collection_outcome import (
    ON_THE_WAY,
    has_rest,
    is_main,
    method_of,
    told_before,
    tried_of,
)
from cashbox_service.app.counter.gateway_payments import GatewayPayment
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.app.counter.payment_keys import Key
from cashbox_service.app.drafts import AddressDraft, NameValuePairDraft
from cashbox_service.app.sales import scoring, transactions
from cashbox_service.app.sales.scoring import ScoringFacts
from cashbox_service.app.wallet import gateway_tokens
from cashbox_service.app.wallet.gateway_tokens import Token
from cashbox_service.domain import collection
from cashbox_service.domain.collection import Circumstances, CollectionMethod, Flag, Limits
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.lines import Line
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import PostalAddress
from cashbox_service.domain.scoring import WORST
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import Processor
from cashbox_service.store.entities import Account, Invoice, PaymentMethod, Transaction

log = get_logger(__name__)

_SCOPE = "CreatePayment"
_S = TransactionStatusType
_NOT_A_DIGIT = re.compile(r"\D")


@dataclass(slots=True)
class _Try:
    """A payment that is about to be tried, and what was found out about it."""

    guid: str
    payment: CollectionPayment
    token: Token
    gateway: Processor | None
    fee_gateway: Processor | None
    keys: tuple[Key, ...]
    content: str


@dataclass(frozen=True, slots=True)
class _Begun:
    """What a try came to inside its transaction: refused, repeated, booked at once, or an intent to be carried out."""

    refused: Flag = Flag.NONE
    transaction_vid: str | None = None
    intent: charging.Intent | None = None
    fee_only: bool = False


def pay(work: Work, guid: str, payment: CollectionPayment) -> Tried:
    """Try a payment; that of a repeated key is the one tried before, finished if it had not been.

    Raises CollectionAttemptNotFound, InvalidValue naming the member that is wrong, KeyReused.
    """
    name, invoice = collection_attempts.found(work, guid)
    trial = _trial(work, name, invoice, payment)
    try:
        begun = starting_over(lambda: _begin(work, invoice, trial))
    except _Refused as refused:
        begun = _Begun(refused=refused.flags)
    if begun.transaction_vid is None:
        nothing = Money.zero(invoice.currency).amount
        return Tried(name, begun.refused, nothing, method=payment.method)
    recorded = _brought_on(work, begun.transaction_vid, begun.intent)
    tried = transactions.by_vid(work, begun.transaction_vid)
    if recorded and has_rest(tried):
        main, intent = starting_over(lambda: _begin_main(work, invoice, trial, tried))
        recorded = _carried_out(work, intent)
        tried = transactions.by_vid(work, main.vid)
    if recorded:
        return tried_of(work, name, tried)
    flags = Flag.PAYMENT_FAILED_TO_SAVE | told_before(tried)
    nothing = Money.zero(invoice.currency).amount
    return Tried(name, flags, nothing, payment_id=guid_of(tried.vid), method=payment.method)


def _brought_on(work: Work, transaction_vid: str, intent: charging.Intent | None) -> bool:
    """Carry an intent out, or finish what an earlier call under the same key had left open; False when that failed."""
    if intent is not None:
        return _carried_out(work, intent)
    transaction = transactions.by_vid(work, transaction_vid)
    if transaction.status == _S.NEW.value:
        gateway_payments.recover(work, transaction)
        work.uow.end_reading()
    return True


def _trial(work: Work, guid: str, invoice: Invoice, payment: CollectionPayment) -> _Try:
    _check_amount("PaymentAmount", payment.amount, invoice.currency)
    if payment.convenience_fee:
        _check_amount("ConvenienceFee", payment.convenience_fee, invoice.currency)
    registry, type_ = work.env.processors, payment.method.payment_method_type
    gateway = registry.called(payment.gateway_name) if payment.gateway_name else _usual(work, type_)
    named = work.settings.fee_gateway
    fee_gateway = gateway
    if payment.is_fee_payment and named is not None:
        fee_gateway = registry.called(named)
    keys = (Key("Idempotency-Key", _SCOPE, payment.key),) if payment.key else ()
    content = payment_keys.digest((guid, payment.token, payment.amount.normalize(), _content(payment)))
    return _Try(guid, payment, gateway_tokens.parse(work, payment.token), gateway, fee_gateway, keys, content)


def _check_amount(name: str, amount: Decimal, currency: str) -> None:
    problem = wrong_amount(name, amount, currency)
    if problem is not None:
        raise problem


def _usual(work: Work, type_: str) -> Processor | None:
    """Who serves the type; None when nobody is configured for it."""
    try:
        return work.env.processors.for_type(type_)
    except CashboxError:
        return None


def _content(payment: CollectionPayment) -> object:
    return (
        payment.method.value,
        payment.fingerprint,
        payment.last_four,
        payment.card_type,
        payment.is_fee_payment,
        payment.convenience_fee.normalize(),
        payment.gateway_name,
        payment.payor,
    )


def _begin(work: Work, found: Invoice, trial: _Try) -> _Begun:
    with work.writing():
        account, invoice = gateway_payments.lock_both(work, found.account_vid, found.vid)
        repeated = payment_keys.known(work, trial.keys, trial.content)
        if repeated is not None:
            return _Begun(transaction_vid=repeated.transaction_vid)
        tried = work.uow.transactions.meant_for(account.vid, invoice.vid)
        balance = _available(invoice, tried)
        refused = collection.refusal(_circumstances(work, trial, tried, balance))
        if refused:
            return _Begun(refused=refused)
        instrument = _instrument(work, account, trial)
        if _is_risky(work, account, instrument.method, trial):
            raise _Refused(Flag.FRAUD_CHECK_FAILURE)
        told = Flag.NONE if instrument.saved else Flag.CARD_TOKEN_NOT_SAVED
        amount = Money.of(trial.payment.amount, invoice.currency)
        if amount > balance:
            told |= Flag.OVER_PAYMENT
        return _booked_or_intended(work, account, invoice, trial, instrument.method, balance, told)


class _Refused(Exception):
    """Ends a try whose transaction wrote something already."""

    def __init__(self, flags: Flag) -> None:
        self.flags = flags


def _booked_or_intended(
    work: Work,
    account: Account,
    invoice: Invoice,
    trial: _Try,
    method: PaymentMethod,
    balance: Money,
    told: Flag,
) -> _Begun:
    payment = trial.payment
    charged = collection.to_charge(Money.of(payment.amount, invoice.currency), balance)
    fee_line = _fee_line(invoice) if payment.is_fee_payment else None
    for_fees = _for_fees(work, invoice, fee_line, charged)
    single = for_fees.is_zero or for_fees == charged or payment.method is CollectionMethod.OTHER
    gateway = trial.gateway if for_fees.is_zero else trial.fee_gateway
    assert gateway is not None
    wanted = GatewayPayment(
        account=account,
        invoice=invoice,
        method=method,
        processor=gateway,
        towards=charged if single else for_fees,
        fee=Money.of(payment.convenience_fee if single else Decimal(0), invoice.currency),
        line=fee_line.index_number if fee_line is not None and (not single or for_fees == charged) else None,
        capture=single,
        **_common(trial, told, rest=Decimal(0) if single else (charged - for_fees).amount),
    )
    if payment.method is CollectionMethod.OTHER:
        transaction = gateway_payments.book_by_hand(work, wanted)
        payment_keys.keep(work, trial.keys, trial.content, transaction.vid)
        return _Begun(transaction_vid=transaction.vid)
    transaction, intent = gateway_payments.intend(work, wanted)
    payment_keys.keep(work, trial.keys, trial.content, transaction.vid)
    return _Begun(transaction_vid=transaction.vid, intent=intent, fee_only=not single)


def _begin_main(
    work: Work, found: Invoice, trial: _Try, fee_part: Transaction
) -> tuple[Transaction, charging.Intent]:
    """The main part of a payment whose fee part is authorized; the caller's key leads to it from now on."""
    with work.writing():
        account, invoice = gateway_payments.lock_both(work, found.account_vid, found.vid)
        assert fee_part.payment_method is not None
        assert fee_part.particulars is not None
        gateway = trial.gateway
        assert gateway is not None
        rest = Decimal(fee_part.particulars["rest"])
        told = Flag(fee_part.particulars["told"])
        transaction, intent = gateway_payments.intend(
            work,
            GatewayPayment(
                account=account,
                invoice=invoice,
                method=fee_part.payment_method,
                processor=gateway,
                towards=Money.of(rest, invoice.currency),
                fee=Money.of(trial.payment.convenience_fee, invoice.currency),
                companion=fee_part.vid,
                **_common(trial, told, rest=Decimal(0)),
            ),
        )
        for key in trial.keys:
            row = work.uow.naming.lock_key(key.scope, key.text)
            assert row is not None
            row.transaction_vid = transaction.vid
    return transaction, intent


def _common(trial: _Try, told: Flag, rest: Decimal) -> dict[str, Any]:
    """What both parts of a payment have in common."""
    payor, payment = trial.payment.payor, trial.payment
    return {
        "policy": True,
        "test_values": trial.token.test_values,
        "note": payor.note,
        "instrument_key": payment.fingerprint or None,
        "details": transactions.OrderDetails(
            source_phone_number=_digits(payor.phone),
            shipping_address=PostalAddress(
                name=f"{payor.first_name} {payor.last_name}",
                addr1=payor.address,
                addr2=payor.address2,
                city=payor.city,
                district=payor.state,
                postal_code=payor.zip,
                country=payor.country,
                phone=payor.phone,
            ),
        ),
        "particulars": {
            "method": payment.method.value,
            "told": int(told),
            "rest": format(rest, "f"),
            "email": payor.email,
            "card_type": payment.card_type,
        },
    }


def _carried_out(work: Work, intent: charging.Intent) -> bool:
    """Ask and book; False when what the processor did could not be recorded, which recovery makes up."""
    result = charging.ask(work, intent)
    try:
        gateway_payments.finish(work, intent.request_key, result)
    except Exception as error:
        log.exception("outcome not recorded", request_key=intent.request_key, reason=type(error).__name__)
        return False
    return True


def _circumstances(work: Work, trial: _Try, tried: Sequence[Transaction], balance: Money) -> Circumstances:
    payment, settings = trial.payment, work.settings
    declined, used = _lately(work, payment)
    gateways = (trial.gateway, trial.fee_gateway)
    least, most = settings.gateway_limits(trial.gateway.name) if trial.gateway is not None else (None, None)
    phone = _digits(payment.payor.phone)
    return Circumstances(
        method=payment.method,
        fingerprint=payment.fingerprint,
        amount=Money.of(payment.amount, balance.currency),
        balance=balance,
        gateway_known=all(one is not None for one in gateways),
        gateway_serves=all(
            one is None or work.env.processors.serves(one, payment.method.payment_method_type)
            for one in gateways
        ),
        limits=Limits(least, most),
        tries=len([one for one in tried if is_main(one)]),
        max_tries=settings.max_payment_attempts,
        cards=len({one.instrument_key for one in tried if one.instrument_key} | {payment.fingerprint}),
        max_cards=settings.max_cards_per_attempt,
        bar_code_outstanding=any(
            method_of(one) is CollectionMethod.CASH and one.status in ON_THE_WAY for one in tried
        ),
        declined_recently=declined,
        used_recently=used,
        charged_back=bool(payment.fingerprint) and work.uow.chargebacks.touches_card(payment.fingerprint),
        phone_charged_back=phone is not None and work.uow.chargebacks.touches_phone(phone),
    )


def _lately(work: Work, payment: CollectionPayment) -> tuple[bool, bool]:
    """Whether the card was declined, and whether it was used, within the merchant's windows."""
    settings = work.settings
    windows = (settings.card_declined_minutes, settings.card_used_minutes)
    if not payment.fingerprint or not payment.method.is_card or not any(windows):
        return False, False
    since = work.now - timedelta(minutes=max(windows))
    found = work.uow.transactions.with_instrument_key(payment.fingerprint, since)
    declined_since, used_since = (work.now - timedelta(minutes=minutes) for minutes in windows)
    declined = [one for one in found if one.status == _S.CANCELLED.value and one.happened_at > declined_since]
    used = [one for one in found if one.status != _S.CANCELLED.value and one.happened_at > used_since]
    return bool(declined), bool(used)


def _is_risky(work: Work, account: Account, method: PaymentMethod, trial: _Try) -> bool:
    limit = work.settings.fraud_score_limit
    if limit >= WORST or method.type != "CreditCard":
        return False
    pairs = [NameValuePairDraft(name, value) for name, value in trial.token.test_values]
    facts = ScoringFacts(account=account, payment_method=method, name_values=pairs)
    return scoring.evaluate(work, facts).exceeds(limit)


def _available(invoice: Invoice, tried: Sequence[Transaction]) -> Money:
    """What is still to be paid, without what is on its way."""
    coming = sum(
        (settlement.towards_invoices(one).amount for one in tried if one.status in ON_THE_WAY), Decimal(0)
    )
    return Money.of(max(invoice.balance - coming, Decimal(0)), invoice.currency)


def _fee_line(invoice: Invoice) -> Line | None:
    return next((line for line in invoice.lines if line.sku == FEES), None)


def _for_fees(work: Work, invoice: Invoice, fee_line: Line | None, charged: Money) -> Money:
    """What of a payment goes to the attempt's fees."""
    if fee_line is None:
        return Money.zero(charged.currency)
    owed = documents.balance_of_line(work, invoice, fee_line)
    return charged.min(Money.of(owed, charged.currency))


def _instrument(work: Work, account: Account, trial: _Try) -> gateway_tokens.Instrument:
    payor = trial.payment.payor
    name = f"{payor.first_name} {payor.last_name}"
    address = AddressDraft(
        name=name[:256],
        addr1=payor.address,
        addr2=payor.address2,
        city=payor.city,
        district=payor.state,
        postal_code=payor.zip,
        country=payor.country,
        phone=payor.phone,
    )
    payment = trial.payment
    return gateway_tokens.instrument(
        work, account, trial.token, payment.method, payment.last_four, name, address
    )


def _digits(phone: str | None) -> str | None:
    """A telephone number as it is compared with others."""
    return _NOT_A_DIGIT.sub("", phone or "") or None
