"""Scripts: what a merchant writes down is what the next requests come to, silence and slowness included."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.protocol import (
    PaymentResult,
)
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.script import MAX_QUEUE, MemoryScript, ScriptedOutcome, TimeOut
from tests.processors.payments import (
    APPROVED,
    DECLINED,
    OTHER_SHOP,
    PENDING,
    SHOP,
    UNKNOWN,
    card,
    payment,
)


class TestScripts:
    def test_outcomes_are_used_up_in_order(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(auth_code="301"), ScriptedOutcome(auth_code="502")])
        codes = [sandbox.authorize(payment()).auth_code for _ in range(3)]
        assert codes == ["301", "502", "T00"]
        assert script.waiting(SHOP) == ()

    def test_a_repeated_request_uses_up_nothing(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        request = payment()
        first = sandbox.authorize(request)
        script.put(SHOP, [ScriptedOutcome(auth_code="301")])
        assert sandbox.authorize(request) == first
        assert len(script.waiting(SHOP)) == 1

    def test_other_merchants_are_not_concerned(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(auth_code="301")])
        assert sandbox.authorize(payment(merchant=OTHER_SHOP)).auth_code == "T00"
        assert sandbox.authorize(payment()).auth_code == "301"

    def test_what_is_not_scripted_stays_as_the_triggers_have_it(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        script.put(SHOP, [ScriptedOutcome(avs_code="N")])
        result = sandbox.authorize(payment(card("6011555555555553"), cvn=Secret("202")))
        assert (result.auth_code, result.avs_code, result.cvn_code) == ("302", "N", "P")

    def test_codes_class_and_checks(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(auth_code="303", is_hard=True, avs_code="Y", cvn_code="N")])
        result = sandbox.authorize(payment())
        assert (result.auth_code, result.is_hard, result.avs_code, result.cvn_code) == ("303", True, "Y", "N")

    def test_part_of_the_amount(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(approved_amount=Decimal(amount)) for amount in ("7.5", "20", "30")])
        results = [sandbox.authorize(payment()) for _ in range(3)]
        assert [result.approved_amount for result in results] == [usd("7.50"), None, None]

    def test_an_approval_can_be_made_to_wait(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(
            SHOP,
            [
                ScriptedOutcome(pending=TransactionStatusType.AUTHORIZED_PENDING),
                ScriptedOutcome(pending=TransactionStatusType.AUTHORIZATION_PENDING),
            ],
        )
        for_bank, for_buyer = payment(), payment()
        assert sandbox.authorize(for_bank).pending_status is TransactionStatusType.AUTHORIZED_PENDING
        assert sandbox.authorize(for_buyer).pending_status is TransactionStatusType.AUTHORIZATION_PENDING
        assert sandbox.capture(for_bank.key, for_bank.amount).kind is APPROVED
        assert sandbox.capture(for_buyer.key, for_buyer.amount).kind is PENDING

    def test_an_operation_can_be_named(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(
            SHOP, [ScriptedOutcome("refund", auth_code="806"), ScriptedOutcome("validate", auth_code="531")]
        )
        request = payment(capture=True)
        assert sandbox.authorize(request).kind is APPROVED
        refused = sandbox.refund(request.key, request.amount, new_key())
        assert (refused.kind, refused.auth_code, refused.is_hard) == (DECLINED, "806", False)
        assert sandbox.refund(request.key, request.amount, new_key()).kind is APPROVED
        assert sandbox.validate(payment()).auth_code == "531"

    def test_a_script_does_not_make_the_impossible_possible(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        script.put(SHOP, [ScriptedOutcome("capture", auth_code="100")])
        request = payment()
        sandbox.authorize(request)
        assert sandbox.capture(request.key, usd("20.01")).auth_code == "607"

    def test_a_capture_can_be_refused_and_is_not_repeated(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        script.put(SHOP, [ScriptedOutcome("capture", auth_code="594")])
        request = payment()
        sandbox.authorize(request)
        refused = sandbox.capture(request.key, request.amount)
        assert refused.auth_code == "594"
        assert sandbox.capture(request.key, request.amount) == refused
        assert sandbox.capture(request.key, request.amount, new_key()).kind is APPROVED

    def test_the_queue_is_bounded(self, script: MemoryScript) -> None:
        with pytest.raises(InvalidValue):
            script.put(SHOP, [ScriptedOutcome()] * (MAX_QUEUE + 1))


class TestScriptsFromJson:
    def test_every_part_can_be_given(self) -> None:
        parsed = ScriptedOutcome.parse(
            {
                "operation": "authorize",
                "authCode": "303",
                "hard": True,
                "avsCode": "N",
                "cvnCode": "M",
                "approvedAmount": "5.00",
                "pending": "AuthorizedPending",
                "timeOut": "answer",
                "latencySeconds": 1.5,
            }
        )
        assert parsed == ScriptedOutcome(
            "authorize",
            "303",
            True,
            "N",
            "M",
            Decimal("5.00"),
            TransactionStatusType.AUTHORIZED_PENDING,
            TimeOut.ANSWER_LOST,
            1.5,
        )

    def test_nothing_has_to_be_given(self) -> None:
        nothing = {"operation": None, "authCode": None, "hard": None, "approvedAmount": None, "pending": None}
        assert ScriptedOutcome.parse({}) == ScriptedOutcome.parse({**nothing, "timeOut": None})

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("authcode", "303"),
            ("operation", "charge"),
            ("operation", 1),
            ("authCode", ""),
            ("authCode", 303),
            ("avsCode", "x" * 21),
            ("hard", "true"),
            ("approvedAmount", 1.5),
            ("approvedAmount", True),
            ("approvedAmount", "-1"),
            ("approvedAmount", "NaN"),
            ("approvedAmount", "much"),
            ("pending", "Captured"),
            ("pending", 1),
            ("timeOut", True),
            ("timeOut", "both"),
            ("latencySeconds", -1),
            ("latencySeconds", 60),
            ("latencySeconds", True),
            ("latencySeconds", None),
            ("latencySeconds", float("nan")),
        ],
    )
    def test_anything_else_is_refused_by_name(self, name: str, value: object) -> None:
        with pytest.raises(InvalidValue) as refused:
            ScriptedOutcome.parse({name: value})
        assert name in str(refused.value)


class TestSilence:
    def test_a_lost_request_was_not_carried_out(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        script.put(SHOP, [ScriptedOutcome(time_out=TimeOut.REQUEST_LOST)])
        request = payment()
        assert sandbox.authorize(request) == PaymentResult.unknown()
        status = sandbox.status(request.key)
        assert (status.kind, status.is_hard) == (DECLINED, False)
        assert sandbox.capture(request.key, request.amount).kind is DECLINED

    def test_a_lost_answer_can_be_asked_for(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(time_out=TimeOut.ANSWER_LOST)])
        request = payment()
        assert sandbox.authorize(request) == PaymentResult.unknown()
        status = sandbox.status(request.key)
        assert (status.kind, status.auth_code) == (APPROVED, "T00")
        assert sandbox.authorize(request) == status
        assert sandbox.capture(request.key, request.amount).kind is APPROVED

    def test_a_lost_decline_can_be_asked_for(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(auth_code="502", time_out=TimeOut.ANSWER_LOST)])
        request = payment()
        assert sandbox.authorize(request).kind is UNKNOWN
        assert sandbox.status(request.key).auth_code == "502"

    @pytest.mark.parametrize(("lost", "done"), [(TimeOut.REQUEST_LOST, False), (TimeOut.ANSWER_LOST, True)])
    def test_a_refund_without_answer_is_repeated_safely(
        self, sandbox: SandboxProcessor, script: MemoryScript, lost: TimeOut, done: bool
    ) -> None:
        request, key = payment(capture=True), new_key()
        sandbox.authorize(request)
        script.put(SHOP, [ScriptedOutcome("refund", time_out=lost)])
        assert sandbox.refund(request.key, usd("15.00"), key).kind is UNKNOWN
        assert (sandbox.status(key).kind is APPROVED) is done
        assert sandbox.refund(request.key, usd("15.00"), key).kind is APPROVED
        assert sandbox.refund(request.key, usd("15.00"), new_key()).auth_code == "607"

    def test_latency_is_waited_before_the_answer(
        self, sandbox: SandboxProcessor, script: MemoryScript, naps: list[float]
    ) -> None:
        script.put(
            SHOP, [ScriptedOutcome(latency_seconds=2.5), ScriptedOutcome("capture", latency_seconds=1)]
        )
        request = payment()
        sandbox.authorize(request)
        sandbox.authorize(request)
        sandbox.capture(request.key, request.amount)
        assert naps == [2.5, 1]

    def test_every_answer_can_be_slow_but_not_endless(self, naps: list[float]) -> None:
        slow = SandboxProcessor(MemoryJournal(), latency_seconds=100, sleep=naps.append)
        slow.authorize(payment())
        assert naps == [60]
