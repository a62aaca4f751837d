"""Where a processor of ours writes down what it was asked: append-only documents by request key.

The store supplies a journal that outlives the process; `MemoryJournal` serves tests and short-lived sandboxes. A real
processor keeps its books elsewhere, and may note here how its own transaction ids belong to our request keys.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, Final, Protocol

from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult

Document = Mapping[str, Any]
"""JSON: texts, whole numbers, booleans, None, and objects of them. Never a number of a card or account."""

MAX_JOURNAL_KEY: Final = 64


class Journal(Protocol):
    """Documents that are written once. Keys have at most 64 characters and are unique per processor."""

    def find(self, processor: str, key: str) -> Document | None:
        """The document under the key."""

    def record(self, processor: str, key: str, merchant: str, document: Document) -> Document:
        """Write the document unless there is one; the one that stands there now. Durable on return."""


class MemoryJournal:
    """A journal that lives as long as the process. Documents go through JSON, as they would in a database."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def find(self, processor: str, key: str) -> Document | None:
        text = self._texts.get((processor, key))
        return None if text is None else _loaded(text)

    def record(self, processor: str, key: str, merchant: str, document: Document) -> Document:
        if len(key) > MAX_JOURNAL_KEY:
            raise ValueError(f"a journal key has at most {MAX_JOURNAL_KEY} characters")
        text = json.dumps(document)
        with self._lock:
            return _loaded(self._texts.setdefault((processor, key), text))

    def __repr__(self) -> str:
        return f"MemoryJournal({len(self._texts)} documents)"


def _loaded(text: str) -> Document:
    document = json.loads(text)
    assert isinstance(document, dict)
    return document


def money_document(money: Money) -> str:
    """``12.50 USD``."""
    return str(money)


def money_of(text: str) -> Money:
    """The money of a document."""
    amount, currency = text.split(" ")
    return Money(Decimal(amount), currency)


def result_document(result: PaymentResult) -> dict[str, Any]:
    """The result as JSON, without what is not set."""
    document: dict[str, Any] = {}
    for field in fields(result):
        value = getattr(result, field.name)
        if value is not None and value is not False:
            document[field.name] = money_document(value) if isinstance(value, Money) else value
    return document


def result_of(document: Document) -> PaymentResult:
    """The result of a document."""
    values = dict(document)
    values["kind"] = OutcomeKind(values["kind"])
    if "approved_amount" in values:
        values["approved_amount"] = money_of(values["approved_amount"])
    if "pending_status" in values:
        values["pending_status"] = TransactionStatusType(values["pending_status"])
    return PaymentResult(**values)
