"""What every payment processor must do, as tests: subclass and give it a processor.

See docs/processors.md. The suite takes no money: point a real processor at its test system.
"""

from __future__ import annotations

import itertools
import secrets
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.processors.protocol import (
    CardDetails,
    Instrument,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    Processor,
)
from tests.events import Event, captured_events

APPROVED, DECLINED = OutcomeKind.APPROVED, OutcomeKind.DECLINED
TEST_PAN = "4111111111111111"
TEST_CVN = "987"


def new_key() -> str:
    """A request key as the service makes them."""
    return secrets.token_hex(20)


def usd(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


class ProcessorConformance(ABC):
    """The suite. A subclass gives `processor` and `restarted`, and an instrument where a card will not do."""

    references = itertools.count(1)

    @pytest.fixture
    @abstractmethod
    def processor(self) -> Processor:
        """The processor under test."""

    @pytest.fixture
    @abstractmethod
    def restarted(self, processor: Processor) -> Processor:
        """The same processor as a new process would make it, after `processor` was used."""

    def instrument(self) -> Instrument:
        """Something that is approved."""
        return CardDetails(Secret(TEST_PAN), "203012")

    def request(self, amount: str = "25.00", key: str | None = None) -> PaymentRequest:
        """A payment that is approved."""
        return PaymentRequest(
            key=key or new_key(),
            merchant="m" * 40,
            reference=f"INT{next(self.references):08d}",
            amount=usd(amount),
            instrument=self.instrument(),
            today=date(2026, 1, 15),
            cvn=Secret(TEST_CVN),
        )

    def authorized(self, processor: Processor, amount: str = "25.00") -> PaymentRequest:
        request = self.request(amount)
        assert processor.authorize(request).kind is APPROVED
        return request

    # --- asking for money

    def test_it_has_a_name_to_store_and_a_name_to_show(self, processor: Processor) -> None:
        assert 0 < len(processor.name) <= 40
        assert 0 < len(processor.wire_name) <= 40

    def test_a_payment_is_approved(self, processor: Processor) -> None:
        request = self.request()
        result = processor.authorize(request)
        assert result.kind is APPROVED
        assert result.money(request.amount) == request.amount
        assert result.processor_transaction_id

    def test_a_request_is_carried_out_once(self, processor: Processor) -> None:
        request = self.request()
        first = processor.authorize(request)
        assert processor.authorize(request) == first
        assert processor.authorize(replace(request, amount=usd("99.00"), reference="other")) == first
        assert processor.capture(request.key, usd("99.00"), new_key()).kind is DECLINED

    def test_two_requests_are_two_payments(self, processor: Processor) -> None:
        first, second = self.authorized(processor), self.authorized(processor)
        assert processor.void(first.key, first.amount).kind is APPROVED
        assert processor.capture(second.key, second.amount).kind is APPROVED

    def test_zero_can_be_authorized(self, processor: Processor) -> None:
        assert processor.authorize(self.request("0.00")).kind is APPROVED

    def test_a_validation_leaves_nothing_to_capture(self, processor: Processor) -> None:
        request = self.request("1.00")
        result = processor.validate(request)
        assert result.kind is APPROVED
        assert processor.validate(request) == result
        assert processor.capture(request.key, request.amount).kind is DECLINED

    # --- what follows on an authorization

    def test_money_is_captured_once_and_no_more_than_authorized(self, processor: Processor) -> None:
        request = self.authorized(processor)
        assert processor.capture(request.key, usd("25.01"), new_key()).kind is DECLINED
        first = processor.capture(request.key, request.amount)
        assert first.kind is APPROVED
        assert processor.capture(request.key, request.amount) == first
        assert processor.capture(request.key, usd("0.01"), new_key()).kind is DECLINED

    def test_a_part_can_be_captured(self, processor: Processor) -> None:
        request = self.authorized(processor)
        assert processor.capture(request.key, usd("10.00")).kind is APPROVED
        assert processor.refund(request.key, usd("10.01"), new_key()).kind is DECLINED
        assert processor.refund(request.key, usd("10.00"), new_key()).kind is APPROVED

    def test_a_void_ends_an_authorization(self, processor: Processor) -> None:
        request = self.authorized(processor)
        first = processor.void(request.key, request.amount)
        assert first.kind is APPROVED
        assert processor.void(request.key, request.amount) == first
        assert processor.capture(request.key, request.amount).kind is DECLINED
        assert processor.refund(request.key, request.amount, new_key()).kind is DECLINED

    def test_captured_money_is_refunded_not_voided(self, processor: Processor) -> None:
        request = self.authorized(processor)
        assert processor.refund(request.key, request.amount, new_key()).kind is DECLINED
        assert processor.capture(request.key, request.amount).kind is APPROVED
        assert processor.void(request.key, request.amount).kind is DECLINED
        assert processor.refund(request.key, request.amount, new_key()).kind is APPROVED

    def test_refunds_add_up_to_no_more_than_was_captured(self, processor: Processor) -> None:
        request = self.authorized(processor)
        processor.capture(request.key, request.amount)
        assert processor.refund(request.key, usd("20.00"), new_key()).kind is APPROVED
        assert processor.refund(request.key, usd("5.01"), new_key()).kind is DECLINED
        assert processor.refund(request.key, usd("5.00"), new_key()).kind is APPROVED
        assert processor.refund(request.key, usd("0.01"), new_key()).kind is DECLINED

    def test_a_refund_is_carried_out_once(self, processor: Processor) -> None:
        request, key = self.authorized(processor), new_key()
        processor.capture(request.key, request.amount)
        first = processor.refund(request.key, usd("15.00"), key)
        assert processor.refund(request.key, usd("15.00"), key) == first
        assert processor.refund(request.key, usd("10.00"), new_key()).kind is APPROVED

    def test_money_can_be_taken_in_the_same_step(self, processor: Processor) -> None:
        request = replace(self.request(), capture=True)
        assert processor.authorize(request).kind is APPROVED
        assert processor.void(request.key, request.amount).kind is DECLINED
        assert processor.refund(request.key, request.amount, new_key()).kind is APPROVED

    def test_another_currency_is_refused(self, processor: Processor) -> None:
        request = self.authorized(processor)
        assert processor.capture(request.key, Money.of(25, "EUR"), new_key()).kind is DECLINED

    def test_nothing_follows_on_what_was_never_authorized(self, processor: Processor) -> None:
        unknown = new_key()
        for result in (
            processor.capture(unknown, usd("1.00")),
            processor.void(unknown, usd("1.00")),
            processor.refund(unknown, usd("1.00"), new_key()),
        ):
            assert result.kind is DECLINED

    # --- after a crash

    def test_the_outcome_of_a_request_can_be_asked_for(self, processor: Processor) -> None:
        request = self.request()
        result = processor.authorize(request)
        assert processor.status(request.key) == result

    def test_a_request_that_never_came_was_not_carried_out(self, processor: Processor) -> None:
        status = processor.status(new_key())
        assert status.kind is DECLINED
        assert not status.is_hard

    def test_a_restart_forgets_nothing(self, processor: Processor, restarted: Processor) -> None:
        request, refund_key = self.request(), new_key()
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

    def test_numbers_are_in_no_repr_log_or_error(self, processor: Processor, logged: list[Event]) -> None:
        request = replace(self.request(), instrument=CardDetails(Secret(TEST_PAN), "203012"))
        shown = [
            repr(request),
            str(request),
            repr(processor),
            repr(vars(processor)),
            _shown(partial(processor.validate, replace(request, key=new_key()))),
            _shown(partial(processor.authorize, request)),
            _shown(partial(processor.status, request.key)),
            _shown(partial(processor.capture, request.key, request.amount)),
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

    @abstractmethod
    def declined_instrument(self) -> Instrument:
        """Something that is declined."""

    def test_a_decline_has_a_code_and_stays_a_decline(self, processor: Processor) -> None:
        request = replace(self.request(), instrument=self.declined_instrument())
        result = processor.authorize(request)
        assert result.kind is DECLINED
        assert result.auth_code
        assert processor.authorize(request) == result
        assert processor.capture(request.key, request.amount).kind is DECLINED
        assert processor.status(request.key) == result

    def test_a_declined_validation_is_a_decline(self, processor: Processor) -> None:
        request = replace(self.request("1.00"), instrument=self.declined_instrument())
        assert processor.validate(request).kind is DECLINED


def _shown(ask: Callable[[], PaymentResult]) -> str:
    """What a person might see of a call: its answer, or the traceback with the error's text."""
    try:
        return repr(ask())
    except Exception:
        return traceback.format_exc()
