"""Pages of a processor of ours: which visits it sent customers to, and how each ended.

A visit is a document under its token, written with the pending payment; what the customer decides is a second one, and
his first decision stands. What the pages look like is not known here. Source: payment-method §5.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cashbox_service.domain.money import Money
from cashbox_service.processors.journal import Journal, money_document, money_of
from cashbox_service.processors.protocol import PaymentRequest, ProcessorAddress, VisitOutcome, WalletDetails


@dataclass(frozen=True, slots=True)
class OpenVisit:
    """A visit as it was opened. ``authorization`` is the request key of the payment that waits for it."""

    token: str
    authorization: str
    type: str
    amount: Money
    return_url: str | None = None
    cancel_url: str | None = None


class Visits:
    """The visits that the processor ``name`` knows of."""

    def __init__(self, name: str, journal: Journal) -> None:
        self._name = name
        self._journal = journal

    def open(self, token: str, request: PaymentRequest) -> None:
        """Note that the customer of a payment is sent to a page."""
        wallet = request.instrument
        document: dict[str, Any] = {
            "authorization": request.key,
            "merchant": request.merchant,
            "type": wallet.type,
            "amount": money_document(request.amount),
        }
        if isinstance(wallet, WalletDetails):
            document |= {"return_url": wallet.return_url, "cancel_url": wallet.cancel_url}
        self._journal.record(self._name, token, request.merchant, document)

    def opened(self, token: str) -> OpenVisit | None:
        """The visit with this token."""
        document = self._journal.find(self._name, token)
        if document is None or "type" not in document:
            return None
        return OpenVisit(
            token,
            document["authorization"],
            document["type"],
            money_of(document["amount"]),
            document.get("return_url"),
            document.get("cancel_url"),
        )

    def decide(self, token: str, decision: VisitOutcome) -> VisitOutcome:
        """Write down what the customer decided; what stands, the first time."""
        opened = self._journal.find(self._name, token)
        assert opened is not None
        kept = self._journal.record(self._name, _decision_key(token), opened["merchant"], asdict(decision))
        return _outcome(kept)

    def outcome(self, token: str) -> VisitOutcome | None:
        """What is known of a visit; None when there is none."""
        if self.opened(token) is None:
            return None
        document = self._journal.find(self._name, _decision_key(token))
        return VisitOutcome() if document is None else _outcome(document)


def _decision_key(token: str) -> str:
    return f"{token}/decision"


def _outcome(document: Mapping[str, Any]) -> VisitOutcome:
    parts = dict(document)
    for name in ("shipping_address", "billing_address"):
        if parts.get(name) is not None:
            parts[name] = ProcessorAddress(**parts[name])
    return VisitOutcome(**parts)
