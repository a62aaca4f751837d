"""Processors with one defect each, which the conformance suite has to find."""

from __future__ import annotations

from cashbox_service.conformance.suite import new_key
from cashbox_service.domain.money import Money
from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.protocol import OutcomeKind, PaymentRequest, PaymentResult
from cashbox_service.processors.registry import Surroundings
from cashbox_service.processors.sandbox import SandboxProcessor


class RefundsForever(SandboxProcessor):
    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        return PaymentResult.approved("T00")


class RaisesForDeclines(SandboxProcessor):
    def authorize(self, request: PaymentRequest) -> PaymentResult:
        result = super().authorize(request)
        if result.kind is OutcomeKind.DECLINED:
            raise ValueError(result.auth_code)
        return result


class RefundsTwicePerKey(SandboxProcessor):
    def refund(self, authorization: str, amount: Money, key: str) -> PaymentResult:
        return super().refund(authorization, amount, new_key())


class TellsTheNumber(SandboxProcessor):
    def authorize(self, request: PaymentRequest) -> PaymentResult:
        self.last = getattr(request.instrument, "number").reveal()  # noqa: B009  some instruments have none
        return super().authorize(request)


def forgets_at_restart(_: Surroundings) -> SandboxProcessor:
    return SandboxProcessor(MemoryJournal())


def refunds_forever(surroundings: Surroundings) -> SandboxProcessor:
    return RefundsForever(surroundings.journal)


def raises_for_declines(surroundings: Surroundings) -> SandboxProcessor:
    return RaisesForDeclines(surroundings.journal)


def refunds_twice_per_key(surroundings: Surroundings) -> SandboxProcessor:
    return RefundsTwicePerKey(surroundings.journal)


def tells_the_number(surroundings: Surroundings) -> SandboxProcessor:
    return TellsTheNumber(surroundings.journal)
