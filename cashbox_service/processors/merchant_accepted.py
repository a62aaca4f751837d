"""The internal processor: payments that the merchant took by itself, or that nobody outside has to be asked about.

Clients see it as ``Vindicia``. It approves everything: the money is already there, or a telephone company or the
account's token balance stands for it. Source: autobill §6.26, payment-method §2.3, §3.2.
"""

from __future__ import annotations

from typing import Final

from cashbox_service.domain import auth_codes
from cashbox_service.domain.money import Money
from cashbox_service.logging import get_logger
from cashbox_service.processors.books import AUTHORIZE, CAPTURE, REFUND, VALIDATE, VOID, Books, Decision
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.protocol import (
    PaymentRequest,
    PaymentResult,
    capture_key,
    check_key,
    void_key,
)
from cashbox_service.processors.registry import Surroundings

log = get_logger(__name__)

NAME: Final = "merchant_accepted"
WIRE_NAME: Final = "Vindicia"


class MerchantAcceptedProcessor:
    """Approves everything, once per request key. Amounts of zero carry the code of internal settlement."""

    name = NAME
    wire_name = WIRE_NAME

    def __init__(self, journal: Journal) -> None:
        self._books = Books(NAME, journal, None)

    def validate(self, request: PaymentRequest) -> PaymentResult:
        """Nobody has to be asked."""
        return self._approve(VALIDATE, request)

    def authorize(self, request: PaymentRequest) -> PaymentResult:
        """Always approved."""
        return self._approve(AUTHORIZE, request)

    def capture(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Books the money as there."""
        own = capture_key(authorization) if key is None else check_key(key)
        return self._books.follow_up(CAPTURE, authorization, amount, own)

    def void(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Books the payment as not made."""
        own = void_key(authorization) if key is None else check_key(key)
        return self._books.follow_up(VOID, authorization, amount, own)

    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        """Books money as given back by the merchant."""
        return self._books.follow_up(REFUND, authorization, amount, check_key(key))

    def status(self, key: str) -> PaymentResult:
        """From the books."""
        return self._books.status(key)

    def _approve(self, operation: str, request: PaymentRequest) -> PaymentResult:
        code = auth_codes.INTERNAL_ZERO if request.amount.is_zero else None
        result = PaymentResult.approved(code).for_reference(request.reference)
        kept = self._books.enter(request, operation, Decision(result))
        log.info("payment accepted", operation=operation, request_key=request.key)
        return kept


def create(surroundings: Surroundings) -> MerchantAcceptedProcessor:
    """The internal processor in its surroundings, for the registry."""
    return MerchantAcceptedProcessor(surroundings.journal)
