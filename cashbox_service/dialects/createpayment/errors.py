"""How a request that is refused is answered: a list of sentences, and nothing else (dialects §3)."""

from __future__ import annotations

from cashbox_service.app.counter.collection_drafts import CollectionAttemptNotFound
from cashbox_service.app.counter.payment_keys import KeyReused
from cashbox_service.dialects.createpayment.schema import Failure
from cashbox_service.dialects.exchange import Answer, Exchange
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import CashboxError, InvalidRequest, NotFound

_STATUSES: tuple[tuple[type[CashboxError], int], ...] = (
    (CollectionAttemptNotFound, 404),
    (KeyReused, 409),
    (NotFound, 400),
    (InvalidRequest, 400),
)


def refused(_exchange: Exchange, refusal: Refusal) -> Answer:
    """Every refusal, in the format that was asked for."""
    return Answer(Failure(errors=[refusal.message]), refusal.status, refusal.headers)


def refusal_of(error: CashboxError) -> Refusal | None:
    """The refusal behind an error of a use case; None for one that is not the caller's."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    return None if status is None else Refusal(status, str(error))
