"""Where a processor of ours writes down what it was asked: append-only documents by request key.

The store supplies a journal that outlives the process; `MemoryJournal` serves tests and short-lived sandboxes. A real
processor keeps its books elsewhere, and may note here how its own transaction ids belong to our request keys.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from decimal import Decimal
from typing import Any, Final, Protocol

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import CardAttributes, CustomerChallenge
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult

Document = Mapping[str, Any]
"""JSON: texts, whole numbers, booleans, None, and objects of them. Never a number of a card or account."""

MAX_JOURNAL_KEY: Final = 64


class Journal(Protocol):
    """Documents that are written once. Keys have at most 64 characters and are unique per processor."""

    def find(self, processor: str, key: str) -> Document | None:
        """The document under the key."""

    def record(
        self, processor: str, key: str, merchant: str, document: Document, *, durable: bool = True
    ) -> Document:
        """Write the document unless there is one; the one that stands there now. Durable on return.

        What need not be ``durable`` by itself may be lost in a power cut together with everything that was stored
        after it: as if the processor had never been asked by whoever did not store an outcome either.
        """


class MemoryJournal:
    """A journal that lives as long as the process. Documents go through JSON, as they would in a database."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()

    def find(self, processor: str, key: str) -> Document | None:
        text = self._texts.get((processor, key))
        return None if text is None else _loaded(text)

    def record(
        self, processor: str, key: str, merchant: str, document: Document, *, durable: bool = True
    ) -> Document:
        del durable  # it is gone with the process in any case
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
            document[field.name] = _plain(value)
    return document


def result_of(document: Document) -> PaymentResult:
    """The result of a document."""
    return PaymentResult(**{name: _READERS.get(name, _as_it_is)(value) for name, value in document.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return money_document(value)
    if isinstance(value, CardAttributes | CustomerChallenge):
        return {name: part for name, part in asdict(value).items() if part is not None}
    return value


def _as_it_is(value: Any) -> Any:
    return value


def _challenge(document: Document) -> CustomerChallenge:
    values = (NameValue(pair["name"], pair["value"]) for pair in document["post_values"])
    return CustomerChallenge(document["redirect_url"], tuple(values))


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "kind": OutcomeKind,
    "approved_amount": money_of,
    "pending_status": TransactionStatusType,
    "funding_balance": money_of,
    "card_attributes": lambda document: CardAttributes(**document),
    "challenge": _challenge,
}
"""How the fields of a result that are not plain JSON are read."""
