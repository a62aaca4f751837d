"""The response to a makePayment, written while the payment is committed where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from cashbox_service.app.collection.payments import PaymentMade
from cashbox_service.app.views import account_view
from cashbox_service.soap.call import Call
from cashbox_service.soap.record import Record

R = TypeVar("R", bound=Record)


class PaymentAnswer(Generic[R]):
    """What ``build`` makes of a payment. What that shows is loaded in the payment's own transaction, or afterwards."""

    def __init__(self, call: Call, build: Callable[[PaymentMade], R]) -> None:
        self._call = call
        self._build = build
        self._foretold: tuple[PaymentMade, R] | None = None

    def foretell(self, made: PaymentMade) -> None:
        """The payment is about to be committed: load what its answer shows, and write that meanwhile."""
        ahead, account = self._call.ahead, made.transaction.account
        if ahead is None or account is None:
            return
        account_view(self._call.work, account).load()

        def write() -> None:
            response = self._build(made)
            ahead(response)
            self._foretold = made, response

        self._call.work.uow.meanwhile(write)

    def of(self, made: PaymentMade) -> R:
        """The response to a payment that stands."""
        if self._foretold is not None and self._foretold[0] is made:
            return self._foretold[1]
        return self._build(made)
