"""Scripts for the sandbox: a merchant writes down what the next requests come to, and how long they take.

The control plane fills the queue, the sandbox processor takes from its front. Source: payment-method §5, DESIGN §6.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, Final, Protocol

from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.books import AUTHORIZE, CAPTURE, REFUND, VALIDATE, VOID
from cashbox_service.processors.protocol import MAX_CALL_SECONDS, PENDING_STATUSES

MAX_QUEUE: Final = 1000
"""Most outcomes waiting per merchant."""

MAX_CODE_LENGTH: Final = 20
OPERATIONS: Final = (VALIDATE, AUTHORIZE, CAPTURE, VOID, REFUND)
FOR_MONEY: Final = frozenset({VALIDATE, AUTHORIZE})


class TimeOut(StrEnum):
    """How a request gets no answer."""

    REQUEST_LOST = "request"
    """It never arrives: nothing is done."""

    ANSWER_LOST = "answer"
    """It is carried out and the answer does not come back."""


@dataclass(frozen=True, slots=True)
class ScriptedOutcome:
    """What one request comes to. What is not set stays as the triggers have it.

    ``operation``: the request it waits for; none: the next authorization or validation. ``is_hard`` overrides the
    class of ``auth_code``. ``approved_amount`` is in the currency of the request. ``pending`` makes an approval wait
    in that state. ``latency_seconds`` are waited before the answer.
    """

    operation: str | None = None
    auth_code: str | None = None
    is_hard: bool | None = None
    avs_code: str | None = None
    cvn_code: str | None = None
    approved_amount: Decimal | None = None
    pending: TransactionStatusType | None = None
    time_out: TimeOut | None = None
    latency_seconds: float = 0.0

    def fits(self, operation: str) -> bool:
        """Whether it waits for such a request."""
        return operation in FOR_MONEY if self.operation is None else operation == self.operation

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> ScriptedOutcome:
        """From JSON: ``operation authCode hard avsCode cvnCode approvedAmount pending timeOut latencySeconds``.

        Raises InvalidValue naming what is unknown or wrong.
        """
        for name in given:
            if name not in _READERS:
                raise InvalidValue("outcome", name[:40], f"is not one of {', '.join(_READERS)}")
        return cls(**{_READERS[name][0]: _READERS[name][1](name, value) for name, value in given.items()})


class Script(Protocol):
    """Scripted outcomes per merchant, first in, first out."""

    def take(self, merchant: str, operation: str) -> ScriptedOutcome | None:
        """Remove and give the first outcome that fits the operation; None when there is none."""


class Queue(Protocol):
    """Where outcomes wait in the form in which they were given, so that every process sees the same."""

    def waiting(self, merchant: str) -> Sequence[Mapping[str, Any]]:
        """What has not been taken yet."""

    def replace(self, merchant: str, outcomes: Sequence[Mapping[str, Any]]) -> None:
        """Forget what is waiting, and let these wait instead."""

    def take(self, merchant: str, fits: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any] | None:
        """Remove and give the first that fits; None when there is none."""


class QueuedScript:
    """A script that outlives the process, as its queue does."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue

    def put(self, merchant: str, outcomes: Sequence[Mapping[str, Any]]) -> None:
        """Replace what is waiting for the merchant.

        Raises InvalidValue naming what is wrong with an outcome, and for more than a thousand of them.
        """
        if len(outcomes) > MAX_QUEUE:
            raise InvalidValue("outcomes", len(outcomes), f"are more than {MAX_QUEUE}")
        for outcome in outcomes:
            ScriptedOutcome.parse(outcome)
        self._queue.replace(merchant, outcomes)

    def waiting(self, merchant: str) -> Sequence[Mapping[str, Any]]:
        """What has not been taken yet, as it was given."""
        return self._queue.waiting(merchant)

    def take(self, merchant: str, operation: str) -> ScriptedOutcome | None:
        taken = self._queue.take(merchant, lambda given: ScriptedOutcome.parse(given).fits(operation))
        return None if taken is None else ScriptedOutcome.parse(taken)


class MemoryScript:
    """A script that lives as long as the process. Safe to use from several threads."""

    def __init__(self) -> None:
        self._queues: dict[str, list[ScriptedOutcome]] = {}
        self._lock = threading.Lock()

    def put(self, merchant: str, outcomes: Iterable[ScriptedOutcome]) -> None:
        """Replace what is waiting for the merchant. Raises InvalidValue for more than a thousand outcomes."""
        queue = list(outcomes)
        if len(queue) > MAX_QUEUE:
            raise InvalidValue("outcomes", len(queue), f"are more than {MAX_QUEUE}")
        with self._lock:
            self._queues[merchant] = queue

    def waiting(self, merchant: str) -> tuple[ScriptedOutcome, ...]:
        """What has not been taken yet."""
        with self._lock:
            return tuple(self._queues.get(merchant, ()))

    def take(self, merchant: str, operation: str) -> ScriptedOutcome | None:
        with self._lock:
            queue = self._queues.get(merchant, [])
            for index, outcome in enumerate(queue):
                if outcome.fits(operation):
                    return queue.pop(index)
        return None


def _operation(name: str, value: object) -> str | None:
    if value is None or value in OPERATIONS:
        return None if value is None else str(value)
    raise InvalidValue(name, str(value)[:40], f"is not one of {', '.join(OPERATIONS)}")


def _code(name: str, value: object) -> str | None:
    if value is None or (isinstance(value, str) and 0 < len(value) <= MAX_CODE_LENGTH):
        return value
    raise InvalidValue(name, str(value)[:40], f"is not a text of 1 to {MAX_CODE_LENGTH} characters")


def _flag(name: str, value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise InvalidValue(name, str(value)[:40], "is not true or false")


def _amount(name: str, value: object) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value) if isinstance(value, str | int) else Decimal("NaN")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0 or isinstance(value, bool):
        raise InvalidValue(name, str(value)[:40], "is not an amount, as text")
    return amount


def _pending(name: str, value: object) -> TransactionStatusType | None:
    if value is None:
        return None
    known = {status.value: status for status in PENDING_STATUSES}
    if isinstance(value, str) and value in known:
        return known[value]
    raise InvalidValue(name, str(value)[:40], f"is not one of {', '.join(sorted(known))}")


def _time_out(name: str, value: object) -> TimeOut | None:
    if value is None:
        return None
    if isinstance(value, str) and value in list(TimeOut):
        return TimeOut(value)
    raise InvalidValue(name, str(value)[:40], f"is not one of {', '.join(TimeOut)}")


def _seconds(name: str, value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_CALL_SECONDS:
        return float(value)
    raise InvalidValue(name, str(value)[:40], f"is not a number from 0 to less than {MAX_CALL_SECONDS:.0f}")


_READERS: Final[Mapping[str, tuple[str, Any]]] = {
    "operation": ("operation", _operation),
    "authCode": ("auth_code", _code),
    "hard": ("is_hard", _flag),
    "avsCode": ("avs_code", _code),
    "cvnCode": ("cvn_code", _code),
    "approvedAmount": ("approved_amount", _amount),
    "pending": ("pending", _pending),
    "timeOut": ("time_out", _time_out),
    "latencySeconds": ("latency_seconds", _seconds),
}
