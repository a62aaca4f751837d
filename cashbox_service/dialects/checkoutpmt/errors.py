"""Which refusal has which status, and the object that says so (dialects §4)."""

from __future__ import annotations

from http import HTTPStatus

from cashbox_service.app.counter.cashier_sessions import CashierSessionNotFound
from cashbox_service.app.counter.checkout_payments import (
    ChangedMeanwhile,
    CheckoutPaymentExists,
    CheckoutPaymentNotFound,
)
from cashbox_service.app.counter.checkouts import CheckoutExists, CheckoutNotFound
from cashbox_service.dialects.checkoutpmt.schema import Failure
from cashbox_service.dialects.exchange import Answer, Exchange
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.domain.errors import CashboxError, InvalidRequest, NotFound

_STATUSES: tuple[tuple[type[CashboxError], int], ...] = (
    (CheckoutNotFound, 404),
    (CheckoutPaymentNotFound, 404),
    (CashierSessionNotFound, 404),
    (CheckoutExists, 409),
    (CheckoutPaymentExists, 409),
    (ChangedMeanwhile, 412),
    (NotFound, 400),
    (InvalidRequest, 400),
)


def refused(_exchange: Exchange, refusal: Refusal) -> Answer:
    """Every refusal, with the member that it is about."""
    failure = Failure(
        title=HTTPStatus(refusal.status).phrase,
        status=str(refusal.status),
        detail=refusal.message,
        member=refusal.member,
    )
    return Answer(failure, refusal.status, refusal.headers, media_type="application/json")


def refusal_of(error: CashboxError) -> Refusal | None:
    """The refusal behind an error of a use case; None for one that is not the caller's."""
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if status is None:
        return None
    member = next((getattr(error, name) for name in ("field", "name", "key") if hasattr(error, name)), None)
    return Refusal(status, str(error), str(member) if member is not None else None)
