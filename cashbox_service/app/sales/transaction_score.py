"""Transaction.score: the risk of a sale, which is put on record and may be processed later (transaction §7.6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.offers.catalog import has_content
from cashbox_service.app.sales import reported_parties, scoring, transaction_order, transaction_pricing
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.sales.transaction_order import Order
from cashbox_service.app.sales.transaction_parties import Parties
from cashbox_service.app.sales.transaction_pricing import Priced
from cashbox_service.app.taxes import taxing
from cashbox_service.app.taxes.taxing import WhenUnavailable
from cashbox_service.domain.errors import MissingField
from cashbox_service.domain.scoring import Verdict
from cashbox_service.store.entities import Transaction


@dataclass(frozen=True, slots=True)
class Scored:
    """A sale as it stands on record, and what is to be thought of it."""

    transaction: Transaction
    verdict: Verdict


def score(work: Work, draft: TransactionDraft | None) -> Scored:
    """Record a sale with status New, or more about one that was scored before, and tell its risk.

    Raises InvalidRequest and its kinds, also for a sale that was processed already, AccountNotFound and
    PaymentMethodNotFound for unknown VIDs.
    """
    if draft is None or not has_content(draft):
        raise MissingField("transaction", "Must specify transaction to score")
    asked = replace(draft, payment_processor=None, payment_processor_transaction_id=None)
    return starting_over(lambda: _recorded(work, asked))


def _recorded(work: Work, draft: TransactionDraft) -> Scored:
    with work.writing():
        transaction_order.check_texts(draft)
        existing = transaction_order.unprocessed(work, draft)
        parties = reported_parties.find_or_record(work, draft, paid=False)
        priced = _priced(work, draft, parties)
        if existing is not None:
            transaction_order.claim(work, existing)
        order = Order(
            draft=draft,
            parties=parties,
            amount=priced.total,
            lines=priced.lines,
            uses=(),
            assessment=priced.assessment,
            shipping_address=priced.shipping_address,
            existing=existing,
            processed=False,
        )
        transaction = transaction_order.record(work, order)
        verdict = scoring.evaluate(work, transaction_order.risk_facts(order))
    return Scored(transaction, verdict)


def _priced(work: Work, draft: TransactionDraft, parties: Parties) -> Priced:
    """What the sale comes to, as far as that is said already: risk can be told without it."""
    billing = taxing.billing_address(parties.method)
    if draft.transaction_items or draft.amount is not None:
        return transaction_pricing.price(work, draft, parties.account, billing, WhenUnavailable.GO_ON)
    nothing = replace(draft, amount=Decimal(0))
    priced = transaction_pricing.price(work, nothing, parties.account, billing, WhenUnavailable.GO_ON)
    return replace(priced, lines=())
