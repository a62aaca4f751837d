"""Transaction.auth and authCapture: a one-time sale from the merchant's order to the processor's answer.

The order of effects is that of transaction §5.1. Everything up to the intent is one transaction; then the processor is
asked; then the outcome is booked. A sale of which nothing is left to collect is done in the first of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from cashbox_service.app.collection import charging
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.promotions import redeeming
from cashbox_service.app.sales import scoring, transaction_order, transaction_outcome, transactions
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_order import Order
from cashbox_service.app.sales.transaction_outcome import PURPOSE, Terms
from cashbox_service.app.wallet import validating
from cashbox_service.domain.errors import CashboxError, MissingField, RiskRefused, UnsupportedType
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.scoring import UNSCORED, WORST, Verdict
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.faults import FaultPoint
from cashbox_service.store.entities import Transaction

_CAPTURED_WITH_AUTHORIZATION = frozenset({PaymentMethodType.HOSTED_PAGE, PaymentMethodType.BOLETO})
"""Types that cannot be authorized alone (transaction §7.1)."""


@dataclass(frozen=True, slots=True)
class AuthOptions:
    """The parameters of the call beside the transaction. ``policy`` is None where the merchant judges AVS and CVN."""

    capture: bool
    risk_limit: int = WORST
    email_when_captured: bool = False
    campaign_code: str | None = None
    dryrun: bool = False
    policy: validating.Policy | None = None


@dataclass(frozen=True, slots=True)
class Authorized:
    """A sale that was processed, whatever came of it. ``would_be_new`` are identities that a dry run made up."""

    transaction: Transaction
    verdict: Verdict = UNSCORED
    would_be_new: frozenset[str] | None = None


class AuthRefused(CashboxError):
    """The sale was stored and is off: the risk, or a policy after the processor had approved."""

    def __init__(self, error: CashboxError, transaction: Transaction, verdict: Verdict) -> None:
        super().__init__(str(error))
        self.error = error
        self.transaction = transaction
        self.verdict = verdict


@contextmanager
def authorize(work: Work, draft: TransactionDraft | None, options: AuthOptions) -> Iterator[Authorized]:
    """Process a sale; the answer must be built before the context is left (a dry run is rolled back then).

    Raises InvalidRequest and its kinds, AccountNotFound and PaymentMethodNotFound for unknown VIDs, NoPaymentMethod,
    TaxUnavailable, AuthRefused, NotAuthorized when the processor gives no answer. A declined payment is no error.
    """
    if draft is None:
        raise MissingField("transaction", "Must specify transaction to authorize")
    scoring.check_limit(options.risk_limit)
    if options.dryrun:
        with work.rehearsing() as made:
            order = transaction_order.prepare(
                work,
                draft,
                email_when_captured=options.email_when_captured,
                campaign_code=options.campaign_code,
                priced_only=True,
            )
            transaction = transaction_order.record(work, order)
            work.uow.flush()
            yield Authorized(transaction, would_be_new=frozenset(made))
        return
    yield _processed(work, draft, options)


@dataclass(frozen=True, slots=True)
class _Begun:
    """What the first transaction left: a sale that is done, refused, or has to be asked for."""

    transaction: Transaction
    verdict: Verdict
    intent: charging.Intent | None = None
    refusal: RiskRefused | None = None


def _processed(work: Work, draft: TransactionDraft, options: AuthOptions) -> Authorized:
    begun = starting_over(lambda: _begin(work, replace(draft), options))
    if begun.refusal is not None:
        raise AuthRefused(begun.refusal, begun.transaction, begun.verdict)
    if begun.intent is None:
        work.reach(FaultPoint.OUTCOME_COMMITTED)
        return Authorized(begun.transaction, begun.verdict)
    refusal = transaction_outcome.carry_out(work, begun.intent)
    if refusal is not None:
        raise AuthRefused(refusal, begun.transaction, begun.verdict)
    return Authorized(begun.transaction, begun.verdict)


def _begin(work: Work, draft: TransactionDraft, options: AuthOptions) -> _Begun:
    with work.writing():
        order = transaction_order.prepare(
            work,
            draft,
            email_when_captured=options.email_when_captured,
            campaign_code=options.campaign_code,
        )
        _check_type(order, options)
        transaction = transaction_order.record(work, order)
        try:
            verdict = scoring.gate(work, transaction_order.risk_facts(order), options.risk_limit)
        except RiskRefused as refusal:
            transactions.move(work, transaction, TransactionStatusType.CANCELLED)
            work.uow.events.enqueue("transactions", "attempt failed", transaction.vid, work.now)
            return _Begun(transaction, Verdict(refusal.score, refusal.codes), refusal=refusal)
        _redeem(work, order, transaction)
        if not order.needs_processor:
            transaction_outcome.settle_without_processor(
                work, transaction, order.uses, _terms(work, order, options), by_hand=order.by_hand
            )
            work.reach(FaultPoint.OUTCOME_WRITTEN)
            return _Begun(transaction, verdict)
        return _Begun(transaction, verdict, _intend(work, order, transaction, options))


def _redeem(work: Work, order: Order, transaction: Transaction) -> None:
    """Codes are redeemed before the processor is asked, and given back when the sale does not come about."""
    if not order.codes:
        return
    work.uow.flush()
    account = order.parties.account
    account_vid = account.vid if account is not None else None
    redeeming.redeem(work, order.codes, account_vid, transaction_vid=transaction.vid)


def _check_type(order: Order, options: AuthOptions) -> None:
    method = order.parties.method
    if method is None or order.by_hand:
        return
    alone = not options.capture and method.type in _CAPTURED_WITH_AUTHORIZATION
    if alone or method.type == PaymentMethodType.TOKEN:
        raise UnsupportedType(method.type)


def _terms(work: Work, order: Order, options: AuthOptions) -> Terms:
    """A sale that went on without the tax engine is captured later, so that the merchant can cancel it."""
    postponed = options.capture and order.tax_was_assumed
    delay = timedelta(minutes=work.settings.tax_capture_delay_minutes)
    return Terms(options.capture, work.now + delay if postponed else None, options.policy)


def _intend(work: Work, order: Order, transaction: Transaction, options: AuthOptions) -> charging.Intent:
    method = order.parties.method
    assert method is not None
    work.uow.flush()
    context = _terms(work, order, options).as_context()
    return charging.intend(
        work,
        purpose=PURPOSE,
        operation="authorize",
        method=method,
        amount=order.amount,
        transaction_vid=transaction.vid,
        reference=transaction.merchant_transaction_id,
        cvn=order.parties.cvn,
        statement_identifier=transaction.billing_statement_identifier,
        name_values=tuple((pair.name, pair.value) for pair in transaction.name_values),
        context=context | {"credits": crediting.reserve(order.uses)},
        visit=transaction_order.visit(order, transaction),
        browser=transaction_order.browser(order, transaction),
    )
