"""The books behind our processors: every request once, in whatever order and at whatever moment it comes."""

from __future__ import annotations

import threading

import pytest

from cashbox_service.conformance.events import captured_events
from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.journal import MAX_JOURNAL_KEY, MemoryJournal
from cashbox_service.processors.protocol import (
    PaymentResult,
)
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.script import MemoryScript, ScriptedOutcome
from tests.processors.payments import (
    APPROVED,
    DECLINED,
    SHOP,
    deposit,
    payment,
)


class TestBooks:
    def test_keys_are_checked(self, sandbox: SandboxProcessor) -> None:
        for key in ("", "x" * 51, "a#1", "a/capture", "a\n"):
            with pytest.raises(ValueError, match="request key"):
                payment(key=key)
            with pytest.raises(ValueError, match="request key"):
                sandbox.capture(key, usd("1"))

    def test_amounts_are_not_negative(self, sandbox: SandboxProcessor) -> None:
        with pytest.raises(ValueError, match="not negative"):
            payment(amount=usd("-1"))
        request = payment(capture=True)
        sandbox.authorize(request)
        assert sandbox.refund(request.key, usd("-1"), new_key()).auth_code == "607"

    def test_a_key_is_used_for_one_thing(self, sandbox: SandboxProcessor) -> None:
        first, second, key = payment(capture=True), payment(capture=True), new_key()
        sandbox.authorize(first)
        sandbox.authorize(second)
        refund = sandbox.refund(first.key, usd("1"), key)
        assert sandbox.refund(first.key, usd("2"), key) == refund
        with pytest.raises(ValueError, match="of its own"):
            sandbox.refund(first.key, usd("1"), first.key)
        with pytest.raises(ValueError, match="was used for"):
            sandbox.authorize(payment(key=key))
        with pytest.raises(ValueError, match="was used for"):
            sandbox.refund(first.key, usd("1"), second.key)

    def test_a_crash_between_pointer_and_event_leaves_nothing_done(self) -> None:
        journal = MemoryJournal()
        sandbox, request, key = SandboxProcessor(journal), payment(capture=True), new_key()
        sandbox.authorize(request)
        journal.record(
            "sandbox", key, SHOP, {"operation": "refund", "authorization": request.key, "merchant": SHOP}
        )
        assert sandbox.status(key).kind is DECLINED
        assert sandbox.refund(request.key, request.amount, key).kind is APPROVED
        assert sandbox.status(key).kind is APPROVED

    def test_refunds_at_the_same_moment_give_back_no_more_than_was_captured(self) -> None:
        sandbox, request = SandboxProcessor(MemoryJournal()), payment(capture=True)
        sandbox.authorize(request)
        results: list[PaymentResult] = []
        start = threading.Barrier(8)

        def refund() -> None:
            start.wait()
            results.append(sandbox.refund(request.key, usd("6.00"), new_key()))

        _run_together([threading.Thread(target=refund) for _ in range(8)])
        assert sorted(result.kind.value for result in results) == ["approved"] * 3 + ["declined"] * 5

    def test_the_same_request_at_the_same_moment_is_carried_out_once(self) -> None:
        script = MemoryScript()
        script.put(SHOP, [ScriptedOutcome(auth_code=code) for code in ("301", "302", "502", "100")])
        sandbox, request = SandboxProcessor(MemoryJournal(), script), payment()
        results: set[PaymentResult] = set()
        start = threading.Barrier(4)

        def authorize() -> None:
            start.wait()
            results.add(sandbox.authorize(request))

        _run_together([threading.Thread(target=authorize) for _ in range(4)])
        assert len(results) == 1
        assert results == {sandbox.status(request.key)}

    def test_the_journal_keeps_no_number(self) -> None:
        journal = MemoryJournal()
        sandbox = SandboxProcessor(journal)
        sandbox.authorize(payment(cvn=Secret("987")))
        sandbox.authorize(payment(deposit("123456789999")))
        kept = str(journal._texts)
        assert "4111111111111111" not in kept
        assert "987" not in kept.replace("\\", "").split('"')
        assert "123456789999" not in kept

    def test_journal_keys_are_bounded(self) -> None:
        with pytest.raises(ValueError, match="at most 64"):
            MemoryJournal().record("sandbox", "x" * (MAX_JOURNAL_KEY + 1), SHOP, {})

    def test_what_is_logged_names_the_request_and_no_number(self, sandbox: SandboxProcessor) -> None:
        with captured_events() as events:
            request = payment(cvn=Secret("987"))
            sandbox.authorize(request)
        assert request.key in str(events)
        assert "4111" not in str(events)
        assert "'987'" not in str(events)


def _run_together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
