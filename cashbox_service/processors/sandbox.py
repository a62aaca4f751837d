"""The sandbox: a processor that moves no money and answers by rule and by script (payment-method §5).

Clients see it as ``Test``. It keeps books in a journal, so that it knows after a restart what it was asked before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from cashbox_service.domain import auth_codes
from cashbox_service.domain.money import Money
from cashbox_service.logging import get_logger
from cashbox_service.processors import triggers
from cashbox_service.processors.books import AUTHORIZE, CAPTURE, REFUND, VALIDATE, VOID, Books
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.protocol import (
    MAX_CALL_SECONDS,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    VisitOutcome,
    WalletDetails,
    capture_key,
    check_key,
    void_key,
)
from cashbox_service.processors.registry import Surroundings
from cashbox_service.processors.script import MemoryScript, Script, ScriptedOutcome, TimeOut
from cashbox_service.processors.visits import OpenVisit, Visits

log = get_logger(__name__)

NAME: Final = "sandbox"
WIRE_NAME: Final = "Test"


class SandboxProcessor:
    """Answers by the triggers of the request, unless the merchant's script says otherwise.

    ``page`` is the address of the page that stands in for PayPal and its like; ``latency_seconds`` are waited
    before every answer.
    """

    name = NAME
    wire_name = WIRE_NAME

    def __init__(
        self,
        journal: Journal,
        script: Script | None = None,
        page: str = "http://127.0.0.1:8080/sandbox/paypal",
        latency_seconds: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._books = Books(NAME, journal, auth_codes.TEST_APPROVAL)
        self._visits = Visits(NAME, journal)
        self._script: Script = script if script is not None else MemoryScript()
        self._page = page
        self._latency_seconds = latency_seconds
        self._sleep = sleep

    def validate(self, request: PaymentRequest) -> PaymentResult:
        """As an authorization that is given back at once."""
        return self._ask_for_money(VALIDATE, request)

    def authorize(self, request: PaymentRequest) -> PaymentResult:
        """Approved, declined or pending, as the triggers and the script have it."""
        return self._ask_for_money(AUTHORIZE, request)

    def capture(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Of a pending deposit: the answer of the bank, which is there as soon as it is asked for."""
        own = capture_key(authorization) if key is None else check_key(key)
        return self._follow(CAPTURE, authorization, amount, own)

    def void(self, authorization: str, amount: Money, key: str | None = None) -> PaymentResult:
        """Also ends what is pending."""
        own = void_key(authorization) if key is None else check_key(key)
        return self._follow(VOID, authorization, amount, own)

    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        """All or a part of what was captured."""
        return self._follow(REFUND, authorization, amount, check_key(key))

    def status(self, key: str) -> PaymentResult:
        """From the books; always answers."""
        return self._books.status(key)

    def visit_outcome(self, token: str) -> VisitOutcome | None:
        """What the customer decided on one of the pages."""
        return self._visits.outcome(token)

    def opened_visit(self, token: str) -> OpenVisit | None:
        """What a page has to show; None for a token that was never given out."""
        return self._visits.opened(token)

    def decide_visit(self, token: str, decision: VisitOutcome) -> VisitOutcome:
        """The customer decided on a page. Where nobody asks again before the money comes, that settles the payment."""
        kept = self._visits.decide(token, decision)
        opened = self._visits.opened(token)
        assert opened is not None
        if opened.type in triggers.SETTLED_BY_VISIT:
            self._books.confirm(opened.authorization, triggers.confirmed(kept))
        return kept

    def _ask_for_money(self, operation: str, request: PaymentRequest) -> PaymentResult:
        known = self._books.find(request.key)
        if known is not None:
            return known
        script = self._script.take(request.merchant, operation)
        self._wait(script)
        ordered = triggers.ordered_by_name(request, triggers.TIME_OUT_NAME)
        if _is_lost(script, TimeOut.REQUEST_LOST) or ordered == TimeOut.REQUEST_LOST:
            return self._no_answer(operation, request.key, TimeOut.REQUEST_LOST)
        decision = triggers.decide(
            request, script, validating=operation == VALIDATE, page=self._page, visited=self._visited(request)
        )
        decision = replace(decision, result=decision.result.for_reference(request.reference))
        if decision.result.kind is OutcomeKind.PENDING and decision.result.token is not None:
            self._visits.open(decision.result.token, request)
        result = self._books.enter(request, operation, decision)
        log.info(
            "sandbox answered",
            operation=operation,
            request_key=request.key,
            outcome=result.kind.value,
            auth_code=result.auth_code,
        )
        if _is_lost(script, TimeOut.ANSWER_LOST) or ordered == TimeOut.ANSWER_LOST:
            return self._no_answer(operation, request.key, TimeOut.ANSWER_LOST)
        return result

    def _visited(self, request: PaymentRequest) -> VisitOutcome | None:
        wallet = request.instrument
        token = wallet.token if isinstance(wallet, WalletDetails) else None
        return self._visits.outcome(token) if token is not None else None

    def _follow(self, operation: str, authorization: str, amount: Money, key: str) -> PaymentResult:
        known = self._books.followed(key)
        if known is not None:
            return known
        merchant = self._books.merchant_of(authorization)
        script = self._script.take(merchant, operation) if merchant is not None else None
        self._wait(script)
        if _is_lost(script, TimeOut.REQUEST_LOST):
            return self._no_answer(operation, key, TimeOut.REQUEST_LOST)
        result = self._books.follow_up(operation, authorization, amount, key, _told(script))
        log.info(
            "sandbox answered",
            operation=operation,
            request_key=key,
            outcome=result.kind.value,
            auth_code=result.auth_code,
        )
        if _is_lost(script, TimeOut.ANSWER_LOST):
            return self._no_answer(operation, key, TimeOut.ANSWER_LOST)
        return result

    def _wait(self, script: ScriptedOutcome | None) -> None:
        seconds = self._latency_seconds + (script.latency_seconds if script is not None else 0.0)
        if seconds > 0:
            self._sleep(min(seconds, MAX_CALL_SECONDS))

    def _no_answer(self, operation: str, key: str, lost: TimeOut) -> PaymentResult:
        log.info("sandbox gave no answer", operation=operation, request_key=key, lost=lost.value)
        return PaymentResult.unknown()


def create(surroundings: Surroundings) -> SandboxProcessor:
    """The sandbox in its surroundings, for the registry."""
    return SandboxProcessor(surroundings.journal, surroundings.script, surroundings.page)


def _is_lost(script: ScriptedOutcome | None, lost: TimeOut) -> bool:
    return script is not None and script.time_out is lost


def _told(script: ScriptedOutcome | None) -> PaymentResult | None:
    """What a script says about a capture, void or refund: its code."""
    if script is None or script.auth_code is None:
        return None
    if auth_codes.is_approval(script.auth_code):
        return PaymentResult.approved(script.auth_code)
    return PaymentResult.declined(script.auth_code, script.is_hard)
