"""What every payment processor must do, as tests: derive a class and give it a processor.

`ProcessorConformance` is for all, `DecliningConformance` for those that can be made to decline, `SilenceConformance`
for those whose far end can be made to give no answer. See docs/processors.md. The suite takes no money: point a real
processor at its test system.
"""

from __future__ import annotations

import itertools
import secrets
import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Protocol

import pytest

from cashbox_service.conformance.events import Event, captured_events
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.processors.journal import Journal, MemoryJournal
from cashbox_service.processors.protocol import (
    CardDetails,
    Instrument,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    Processor,
)

APPROVED, DECLINED, UNKNOWN = OutcomeKind.APPROVED, OutcomeKind.DECLINED, OutcomeKind.UNKNOWN
TEST_PAN = "4111111111111111"
TEST_CVN = "987"
TOGETHER = 4
"""How many requests come at the same moment."""

references = itertools.count(1)


@dataclass(frozen=True)
class Means:
    """What a customer pays with: an instrument, and the processor's token for it where it wants one."""

    instrument: Instrument = field(default_factory=lambda: CardDetails(Secret(TEST_PAN), "203812"))
    token: Secret | None = None


class Pay(Protocol):
    """Makes a request for money that is approved; every time another one, unless the key is given."""

    def __call__(self, amount: str = "25.00", key: str | None = None) -> PaymentRequest: ...


def new_key() -> str:
    """A request key as the service makes them."""
    return secrets.token_hex(20)


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


def request_for_money(means: Means, amount: str = "25.00", key: str | None = None) -> PaymentRequest:
    """A payment as the service asks for it."""
    return PaymentRequest(
        key=key or new_key(),
        merchant="m" * 40,
        reference=f"INT{next(references):08d}",
        amount=usd(amount),
        instrument=means.instrument,
        today=date(2026, 1, 15),
        cvn=Secret(TEST_CVN),
        external_token=means.token,
    )


class ProcessorConformance(ABC):
    """The suite. A derived class gives `processor` and `restarted`, and `approved` where a card number will not do."""

    @pytest.fixture
    @abstractmethod
    def processor(self, journal: Journal) -> Processor:
        """The processor under test."""

    @pytest.fixture
    @abstractmethod
    def restarted(self, processor: Processor, journal: Journal) -> Processor:
        """The same processor as a new process would make it, after `processor` was used."""

    @pytest.fixture
    def journal(self) -> Journal:
        """What the processor writes down outlives it."""
        return MemoryJournal()

    @pytest.fixture
    def approved(self) -> Means:
        """Something that is approved."""
        return Means()

    @pytest.fixture
    def pay(self, approved: Means) -> Pay:
        return partial(request_for_money, approved)

    @pytest.fixture
    def authorized(self, processor: Processor, pay: Pay) -> PaymentRequest:
        """A payment of 25.00 that is authorized and not captured."""
        request = pay()
        assert processor.authorize(request).kind is APPROVED
        return request

    @pytest.fixture
    def captured(self, processor: Processor, authorized: PaymentRequest) -> PaymentRequest:
        """A payment of 25.00 whose money was taken."""
        assert processor.capture(authorized.key, authorized.amount).kind is APPROVED
        return authorized

    # --- asking for money

    def test_it_has_a_name_to_store_and_a_name_to_show(self, processor: Processor) -> None:
        assert 0 < len(processor.name) <= 40
        assert 0 < len(processor.wire_name) <= 40

    def test_a_payment_is_approved(self, processor: Processor, pay: Pay) -> None:
        request = pay()
        result = processor.authorize(request)
        assert result.kind is APPROVED
        assert result.money(request.amount) == request.amount
        assert result.processor_transaction_id

    def test_a_request_is_carried_out_once(self, processor: Processor, pay: Pay) -> None:
        request = pay()
        first = processor.authorize(request)
        assert processor.authorize(request) == first
        assert processor.authorize(replace(request, amount=usd("99.00"), reference="other")) == first
        assert processor.capture(request.key, usd("99.00"), new_key()).kind is DECLINED

    def test_two_requests_are_two_payments(self, processor: Processor, pay: Pay) -> None:
        first, second = pay(), pay()
        assert processor.authorize(first).kind is APPROVED
        assert processor.authorize(second).kind is APPROVED
        assert processor.void(first.key, first.amount).kind is APPROVED
        assert processor.capture(second.key, second.amount).kind is APPROVED

    def test_zero_can_be_authorized(self, processor: Processor, pay: Pay) -> None:
        assert processor.authorize(pay("0.00")).kind is APPROVED

    def test_a_validation_leaves_nothing_to_capture(self, processor: Processor, pay: Pay) -> None:
        request = pay("1.00")
        result = processor.validate(request)
        assert result.kind is APPROVED
        assert processor.validate(request) == result
        assert processor.capture(request.key, request.amount).kind is DECLINED

    # --- what follows on an authorization

    def test_money_is_captured_once_and_no_more_than_authorized(
        self, processor: Processor, authorized: PaymentRequest
    ) -> None:
        assert processor.capture(authorized.key, usd("25.01"), new_key()).kind is DECLINED
        first = processor.capture(authorized.key, authorized.amount)
        assert first.kind is APPROVED
        assert processor.capture(authorized.key, authorized.amount) == first
        assert processor.capture(authorized.key, usd("0.01"), new_key()).kind is DECLINED

    def test_a_part_can_be_captured(self, processor: Processor, authorized: PaymentRequest) -> None:
        assert processor.capture(authorized.key, usd("10.00")).kind is APPROVED
        assert processor.refund(authorized.key, usd("10.01"), new_key()).kind is DECLINED
        assert processor.refund(authorized.key, usd("10.00"), new_key()).kind is APPROVED

    def test_a_void_ends_an_authorization(self, processor: Processor, authorized: PaymentRequest) -> None:
        first = processor.void(authorized.key, authorized.amount)
        assert first.kind is APPROVED
        assert processor.void(authorized.key, authorized.amount) == first
        assert processor.capture(authorized.key, authorized.amount).kind is DECLINED
        assert processor.refund(authorized.key, authorized.amount, new_key()).kind is DECLINED

    def test_captured_money_is_refunded_not_voided(
        self, processor: Processor, authorized: PaymentRequest
    ) -> None:
        assert processor.refund(authorized.key, authorized.amount, new_key()).kind is DECLINED
        assert processor.capture(authorized.key, authorized.amount).kind is APPROVED
        assert processor.void(authorized.key, authorized.amount).kind is DECLINED
        assert processor.refund(authorized.key, authorized.amount, new_key()).kind is APPROVED

    def test_refunds_add_up_to_no_more_than_was_captured(
        self, processor: Processor, captured: PaymentRequest
    ) -> None:
        assert processor.refund(captured.key, usd("20.00"), new_key()).kind is APPROVED
        assert processor.refund(captured.key, usd("5.01"), new_key()).kind is DECLINED
        assert processor.refund(captured.key, usd("5.00"), new_key()).kind is APPROVED
        assert processor.refund(captured.key, usd("0.01"), new_key()).kind is DECLINED

    def test_a_refund_is_carried_out_once(self, processor: Processor, captured: PaymentRequest) -> None:
        key = new_key()
        first = processor.refund(captured.key, usd("15.00"), key)
        assert first.kind is APPROVED
        assert processor.refund(captured.key, usd("15.00"), key) == first
        assert processor.refund(captured.key, usd("10.00"), new_key()).kind is APPROVED

    def test_money_can_be_taken_in_the_same_step(self, processor: Processor, pay: Pay) -> None:
        request = replace(pay(), capture=True)
        assert processor.authorize(request).kind is APPROVED
        assert processor.void(request.key, request.amount).kind is DECLINED
        assert processor.refund(request.key, request.amount, new_key()).kind is APPROVED

    def test_another_currency_is_refused(self, processor: Processor, authorized: PaymentRequest) -> None:
        assert processor.capture(authorized.key, Money.of(25, "EUR"), new_key()).kind is DECLINED

    def test_nothing_follows_on_what_was_never_authorized(self, processor: Processor) -> None:
        unknown = new_key()
        for result in (
            processor.capture(unknown, usd("1.00")),
            processor.void(unknown, usd("1.00")),
            processor.refund(unknown, usd("1.00"), new_key()),
        ):
            assert result.kind is DECLINED

    # --- several at the same moment

    def test_the_same_request_at_the_same_moment_is_carried_out_once(
        self, processor: Processor, pay: Pay
    ) -> None:
        request, refund_key = replace(pay(), capture=True), new_key()
        results = together(partial(processor.authorize, request))
        assert {result.kind for result in results} <= {APPROVED, UNKNOWN}
        assert processor.status(request.key).kind is APPROVED
        refunds = together(partial(processor.refund, request.key, request.amount, refund_key))
        assert {result.kind for result in refunds} <= {APPROVED, UNKNOWN}
        assert processor.status(refund_key).kind is APPROVED
        assert processor.refund(request.key, usd("0.01"), new_key()).kind is DECLINED

    # --- after a crash

    def test_the_outcome_of_a_request_can_be_asked_for(self, processor: Processor, pay: Pay) -> None:
        request = pay()
        result = processor.authorize(request)
        assert processor.status(request.key) == result

    def test_a_request_that_never_came_was_not_carried_out(self, processor: Processor) -> None:
        status = processor.status(new_key())
        assert status.kind is DECLINED
        assert not status.is_hard

    def test_a_restart_forgets_nothing(self, processor: Processor, restarted: Processor, pay: Pay) -> None:
        request, refund_key = pay(), new_key()
        authorized = processor.authorize(request)
        captured = processor.capture(request.key, request.amount)
        refunded = processor.refund(request.key, usd("20.00"), refund_key)
        assert restarted.status(request.key) == authorized
        assert restarted.authorize(request) == authorized
        assert restarted.capture(request.key, request.amount) == captured
        assert restarted.refund(request.key, usd("20.00"), refund_key) == refunded
        assert restarted.status(refund_key) == refunded
        assert restarted.refund(request.key, usd("5.01"), new_key()).kind is DECLINED

    # --- discretion

    def test_numbers_are_in_no_repr_log_or_error(
        self, processor: Processor, pay: Pay, logged: list[Event]
    ) -> None:
        request = replace(pay(), instrument=CardDetails(Secret(TEST_PAN), "203812"))
        shown = [
            repr(request),
            str(request),
            _shown(partial(processor.validate, replace(request, key=new_key()))),
            _shown(partial(processor.authorize, request)),
            _shown(partial(processor.status, request.key)),
            _shown(partial(processor.capture, request.key, request.amount)),
            repr(processor),
            repr(getattr(processor, "__dict__", "")),
            str(logged),
        ]
        assert TEST_PAN not in "".join(shown)
        assert f"'{TEST_CVN}'" not in "".join(shown)

    @pytest.fixture
    def logged(self) -> Iterator[list[Event]]:
        """What is logged, before anything is redacted."""
        with captured_events("") as events:
            yield events


class DecliningConformance(ProcessorConformance):
    """The suite for processors that can be made to decline."""

    @pytest.fixture
    @abstractmethod
    def declined(self) -> Means:
        """Something that is declined."""

    @pytest.fixture
    def invalid(self, declined: Means) -> Means:
        """Something whose validation is declined; another one where a test system tells these apart."""
        return declined

    def test_a_decline_has_a_code_and_stays_a_decline(self, processor: Processor, declined: Means) -> None:
        request = request_for_money(declined)
        result = processor.authorize(request)
        assert result.kind is DECLINED
        assert result.auth_code
        assert processor.authorize(request) == result
        assert processor.capture(request.key, request.amount).kind is DECLINED
        assert processor.void(request.key, request.amount).kind is DECLINED
        assert processor.refund(request.key, request.amount, new_key()).kind is DECLINED
        assert processor.status(request.key) == result

    def test_a_declined_validation_is_a_decline(self, processor: Processor, invalid: Means) -> None:
        request = request_for_money(invalid, "1.00")
        assert processor.validate(request).kind is DECLINED
        assert processor.status(request.key).kind is DECLINED


Silence = Callable[[], AbstractContextManager[None]]


class SilenceConformance(ProcessorConformance):
    """The suite for processors whose far end can be made to give no answer to the next request for money."""

    @pytest.fixture(params=["request", "answer"])
    def lost(self, request: pytest.FixtureRequest) -> str:
        """What is lost: the request, so that nothing is done, or the answer to one that is carried out."""
        lost: str = request.param
        return lost

    @pytest.fixture
    @abstractmethod
    def silence(self, processor: Processor, lost: str) -> Silence:
        """``with silence():`` the far end loses what is to be lost, and the processor notices within seconds."""

    def test_silence_is_no_answer_and_the_truth_can_be_asked_for(
        self, processor: Processor, pay: Pay, silence: Silence, lost: str
    ) -> None:
        request = pay()
        with silence():
            result = processor.authorize(request)
        self._check(result, processor.status(request.key), lost)
        assert processor.capture(request.key, request.amount).kind is (
            APPROVED if lost == "answer" else DECLINED
        )

    def test_a_validation_without_answer_leaves_nothing(
        self, processor: Processor, pay: Pay, silence: Silence, lost: str
    ) -> None:
        request = pay("1.00")
        with silence():
            result = processor.validate(request)
        self._check(result, processor.status(request.key), lost)

    def test_a_capture_without_answer_is_repeated_and_done_once(
        self, processor: Processor, authorized: PaymentRequest, silence: Silence
    ) -> None:
        with silence():
            assert processor.capture(authorized.key, authorized.amount).kind in (UNKNOWN, APPROVED)
        assert processor.capture(authorized.key, authorized.amount).kind is APPROVED
        assert processor.refund(authorized.key, authorized.amount, new_key()).kind is APPROVED
        assert processor.refund(authorized.key, usd("0.01"), new_key()).kind is DECLINED

    def test_a_void_without_answer_is_repeated(
        self, processor: Processor, authorized: PaymentRequest, silence: Silence
    ) -> None:
        with silence():
            assert processor.void(authorized.key, authorized.amount).kind in (UNKNOWN, APPROVED)
        assert processor.void(authorized.key, authorized.amount).kind is APPROVED
        assert processor.capture(authorized.key, authorized.amount).kind is DECLINED

    def test_a_refund_without_answer_is_repeated_and_done_once(
        self, processor: Processor, captured: PaymentRequest, silence: Silence, lost: str
    ) -> None:
        key = new_key()
        with silence():
            assert processor.refund(captured.key, usd("15.00"), key).kind in (UNKNOWN, APPROVED)
        assert (processor.status(key).kind is APPROVED) is (lost == "answer")
        assert processor.refund(captured.key, usd("15.00"), key).kind is APPROVED
        assert processor.refund(captured.key, usd("10.01"), new_key()).kind is DECLINED
        assert processor.refund(captured.key, usd("10.00"), new_key()).kind is APPROVED

    def _check(self, result: PaymentResult, status: PaymentResult, lost: str) -> None:
        """No answer, or the true one where the processor could find out; and the status tells the truth."""
        truth = APPROVED if lost == "answer" else DECLINED
        assert result.kind in (UNKNOWN, truth)
        assert status.kind is truth
        assert not status.is_hard


def together(ask: Callable[[], PaymentResult]) -> list[PaymentResult]:
    """What the same question is answered when it is asked several times at the same moment."""
    results: list[PaymentResult] = []
    start = threading.Barrier(TOGETHER)

    def one() -> None:
        start.wait()
        results.append(ask())

    threads = [threading.Thread(target=one) for _ in range(TOGETHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == TOGETHER, "a request ended with an exception"
    return results


def _shown(ask: Callable[[], PaymentResult]) -> str:
    """What a person might see of a call: its answer, or the traceback with the error's text."""
    try:
        return repr(ask())
    except Exception:
        return traceback.format_exc()
