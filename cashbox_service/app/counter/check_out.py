"""CheckOut: client, card, invoice, fee, recurring, payment, record, each a stage that is done once (dialects §1).

What a stage made is committed together with the note that it is done, under the key of the call. So a call that died
left exactly what its stages had made, and a repeat goes on behind them; a stage that failed answers the same failure
again. Once the processor was asked, what became of the payment is read off its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from cashbox_service.app.collection.charging import Intent, ask
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter import check_out_stages, gateway_payments, payment_keys
from cashbox_service.app.counter.check_out_drafts import CheckOutOrder, Finished, Stage, StageFailed
from cashbox_service.app.customers import account_payment_methods
from cashbox_service.app.customers.account_payment_methods import Change
from cashbox_service.app.drafts import Reference
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.app.sales import transactions
from cashbox_service.domain.auth_codes import INVALID_CARD_NUMBER, NOT_ON_FILE
from cashbox_service.domain.errors import CashboxError, ConcurrentChange, DataValidation, PaymentRefused
from cashbox_service.domain.instruments import luhn_valid, normalise_number
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.logging import get_logger
from cashbox_service.processors.protocol import PaymentResult
from cashbox_service.store.entities import PaymentKey, Transaction

log = get_logger(__name__)

SCOPE: Final = "CheckOut"
INVALID_FIELD: Final = "225"
NO_ANSWER: Final = "0"

_S = TransactionStatusType
_IDS = ("ClientID", "Invoice", "Fee", "Recurring")

Progress = dict[str, Any]


def check_out(work: Work, key: str, order: CheckOutOrder) -> Finished:
    """Do what of the order is not done yet; how far that came, and the ids made."""
    progress: Progress = _progress_of(work, key)
    known = progress.get("failure")
    if known is not None:
        return Finished(Stage(known["stage"]), known["code"], _ids(progress))
    try:
        progress = _made_ready(work, key, order, progress)
        return _paid(work, key, order, progress)
    except StageFailed as failed:
        progress = _progress_of(work, key)
        if progress:
            _note(work, key, {"failure": {"stage": failed.stage.value, "code": failed.code}})
        return Finished(failed.stage, failed.code, _ids(progress))


def _made_ready(work: Work, key: str, order: CheckOutOrder, progress: Progress) -> Progress:
    """All stages before the payment."""
    if "account" not in progress:
        progress = _client(work, key, order)
    work.reach(FaultPoint.CLIENT_MADE)
    if "method" not in progress:
        progress = _vaulted(work, key, order, progress)
    work.reach(FaultPoint.CARD_VAULTED)
    for stage, point, make in (
        (Stage.INVOICE, FaultPoint.INVOICE_MADE, check_out_stages.invoice),
        (Stage.FEE, FaultPoint.FEE_MADE, check_out_stages.fee),
    ):
        if stage.done_by not in progress:
            progress = _staged(work, key, stage, partial(make, work, order))
        work.reach(point)
    if Stage.RECURRING.done_by not in progress:
        with _failing_as(Stage.RECURRING):
            recurring = check_out_stages.recurring(work, order, progress)
        progress = _note(work, key, {"Recurring": recurring})
    work.reach(FaultPoint.RECURRING_MADE)
    return progress


def _client(work: Work, key: str, order: CheckOutOrder) -> Progress:
    """The first stage makes the key's row with what it stores; a call that fails here leaves nothing."""

    def once() -> Progress:
        public_names.prepare(work, NameKind.CUSTOMER)
        with work.writing():
            row = work.uow.naming.lock_key(SCOPE, key)
            if row is not None:
                return dict(row.progress)
            made = check_out_stages.client(work, order)
            work.uow.naming.add(
                PaymentKey(
                    scope=SCOPE,
                    key=key,
                    digest=payment_keys.digest(key),
                    progress=made,
                    created_at=work.now,
                )
            )
            return made

    with _failing_as(Stage.CLIENT):
        return starting_over(once)


def _vaulted(work: Work, key: str, order: CheckOutOrder, progress: Progress) -> Progress:
    """The card or bank account that was sent is checked by the processor and stored; else the client has one."""
    draft = order.payment_method(f"checkout-{payment_keys.digest(key)[:32]}")
    if draft is None:
        with _failing_as(Stage.CLIENT):
            method = work.uow.payment_methods.default_of(progress["account"])
        if method is None or not check_out_stages.is_chargeable(method):
            raise StageFailed(Stage.VAULT, NOT_ON_FILE)
        return _note(work, key, {"method": method.vid})
    change = Change(Reference(vid=progress["account"]), draft, behavior="Validate")
    try:
        account_payment_methods.update(work, change)
    except PaymentRefused as refused:
        raise StageFailed(Stage.VAULT, refused.auth_code or NO_ANSWER) from refused
    except ConcurrentChange:
        raise
    except DataValidation as error:
        raise StageFailed(Stage.VAULT, _what_is_wrong(order)) from error
    except CashboxError as error:
        raise StageFailed(Stage.VAULT, INVALID_FIELD) from error
    stored = work.uow.payment_methods.by_merchant_id(draft.merchant_payment_method_id or "")
    assert stored is not None
    return _note(work, key, {"method": stored.vid})


def _what_is_wrong(order: CheckOutOrder) -> str:
    """The code of a card or bank account that no processor has to be asked about."""
    number = normalise_number(order.card_number or "")
    return INVALID_CARD_NUMBER if number and not luhn_valid(number) else INVALID_FIELD


def _staged(work: Work, key: str, stage: Stage, make: Callable[[Progress], Mapping[str, Any]]) -> Progress:
    """A stage and the note that it is done, in one transaction; done before, it is not done again."""

    def once() -> Progress:
        check_out_stages.prepare(work)
        with work.writing():
            row = work.uow.naming.lock_key(SCOPE, key)
            assert row is not None
            if stage.done_by not in row.progress:
                row.progress = row.progress | dict(make(dict(row.progress)))
            return dict(row.progress)

    with _failing_as(stage):
        return starting_over(once)


def _paid(work: Work, key: str, order: CheckOutOrder, progress: Progress) -> Finished:
    """Charge what is paid, once; then tell what became of it, which a repeat may have to find out first."""
    intents: list[Intent] = []

    def intended(so_far: Progress) -> Mapping[str, Any]:
        intents.clear()
        transaction, intent = check_out_stages.payment(work, order, so_far)
        intents.append(intent)
        return {"payment": transaction.vid}

    if Stage.PAYMENT.done_by not in progress:
        progress = _staged(work, key, Stage.PAYMENT, intended)
    ids, vid = _ids(progress), progress["payment"]
    if intents:
        result = ask(work, intents[0])
        if not _recorded(work, intents[0].request_key, result):
            return Finished(Stage.RECORD, None, ids)
    else:
        gateway_payments.recover(work, transactions.by_vid(work, vid))
        work.uow.end_reading()
    return _outcome(transactions.by_vid(work, vid), ids)


def _recorded(work: Work, request_key: str, result: PaymentResult) -> bool:
    """Book the outcome; False when that failed, which a repeat or the janitor makes up."""
    try:
        gateway_payments.finish(work, request_key, result)
    except Exception as error:
        log.exception("outcome not recorded", request_key=request_key, reason=type(error).__name__)
        return False
    return True


def _outcome(transaction: Transaction, ids: dict[str, str]) -> Finished:
    status = _S(transaction.status)
    if status is _S.NEW:
        return Finished(Stage.PAYMENT, NO_ANSWER, ids)
    if status is _S.CANCELLED:
        return Finished(Stage.PAYMENT, transaction.status_log[0].auth_code or NO_ANSWER, ids)
    return Finished(None, None, ids | {"Payment": transaction.merchant_transaction_id})


class _failing_as:  # noqa: N801  reads as the statement it is
    """Errors of a use case inside of the block are the failure of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: object, _trace: object) -> None:
        if isinstance(error, CashboxError) and not isinstance(error, StageFailed | ConcurrentChange):
            raise StageFailed(self._stage) from error


def _progress_of(work: Work, key: str) -> Progress:
    row = work.uow.naming.key(SCOPE, key)
    return {} if row is None else dict(row.progress)


def _note(work: Work, key: str, made: Mapping[str, Any]) -> Progress:
    def once() -> Progress:
        with work.writing():
            row = work.uow.naming.lock_key(SCOPE, key)
            assert row is not None
            row.progress = dict(made) | row.progress
            return dict(row.progress)

    return starting_over(once)


def _ids(progress: Mapping[str, Any]) -> dict[str, str]:
    """What was made so far, by its wire name."""
    return {name: str(progress[name]) for name in _IDS if name in progress}
