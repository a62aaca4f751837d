"""The books of a processor of ours: authorizations and what followed on each, so that money moves once.

An authorization is a document under its request key. What follows on it (captures, a void, refunds) is appended
under ``key#1``, ``key#2`` …: whoever writes a number first decides what happened, so two requests that come at the
same moment are settled one after the other on every kind of journal. The request key of a follow-up holds a
pointer to its authorization, written first; a crash in between leaves a pointer to something that never happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

from cashbox_service.domain import auth_codes
from cashbox_service.domain.money import Money
from cashbox_service.processors.journal import (
    Document,
    Journal,
    money_document,
    money_of,
    result_document,
    result_of,
)
from cashbox_service.processors.protocol import OutcomeKind, PaymentRequest, PaymentResult, check_key

MAX_FOLLOW_UPS: Final = 1000
"""Most captures and refunds of one authorization."""

VALIDATE, AUTHORIZE, CAPTURE, VOID, REFUND = "validate", "authorize", "capture", "void", "refund"
CONFIRM = "confirm"
"""What a customer does on a page; nobody asks for it through the protocol."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a request for money; of a pending deposit also ``settlement``, what the bank will say."""

    result: PaymentResult
    settlement: PaymentResult | None = None


@dataclass(slots=True)
class _Standing:
    """What is left of an authorization after everything that followed on it."""

    opening: Document
    authorized: Money
    captured: Money
    refunded: Money
    voided: bool = False
    settled: PaymentResult | None = None

    @classmethod
    def opened(cls, opening: Document) -> _Standing:
        result, asked = result_of(opening["result"]), money_of(opening["amount"])
        nothing = Money.zero(asked.currency)
        approved = result.money(asked) if opening["operation"] == AUTHORIZE else nothing
        captured = approved if opening["captured"] else nothing
        return cls(opening, approved, captured, nothing)

    @property
    def is_open(self) -> bool:
        """Whether there is something to act on: authorized money, or a payment that is pending."""
        result = self.settled or result_of(self.opening["result"])
        asked_for_money = self.opening["operation"] == AUTHORIZE
        return (
            asked_for_money and not self.voided and result.kind in (OutcomeKind.APPROVED, OutcomeKind.PENDING)
        )

    def apply(self, event: Document) -> None:
        result, amount = result_of(event["result"]), money_of(event["amount"])
        if event["settles"]:
            self.settled = result
            self.authorized = result.money(money_of(self.opening["amount"]))
            if event["operation"] != CONFIRM:
                self.captured = self.authorized
        elif result.kind is not OutcomeKind.APPROVED:
            return
        elif event["operation"] == CAPTURE:
            self.captured = self.captured + amount
        elif event["operation"] == REFUND:
            self.refunded = self.refunded + amount
        elif event["operation"] == VOID:
            self.voided = True


class Books:
    """The books of the processor ``name``. ``approval`` is the code of follow-ups that succeed."""

    def __init__(self, name: str, journal: Journal, approval: str | None) -> None:
        self._name = name
        self._journal = journal
        self._approval = approval

    def find(self, key: str) -> PaymentResult | None:
        """The result a request for money had; None when the key is not known as one."""
        document = self._journal.find(self._name, key)
        return None if document is None or "result" not in document else result_of(document["result"])

    def enter(self, request: PaymentRequest, operation: str, decision: Decision) -> PaymentResult:
        """Write down what became of a request for money; the result that stands, the first one for the key."""
        document: dict[str, Any] = {
            "operation": operation,
            "merchant": request.merchant,
            "reference": request.reference,
            "amount": money_document(request.amount),
            "captured": request.capture and decision.result.kind is OutcomeKind.APPROVED,
            "result": result_document(decision.result),
        }
        if decision.settlement is not None:
            document["settlement"] = result_document(decision.settlement)
        # Whoever asks stores the outcome durably; if that is lost with a power cut, so may this be: nothing was asked.
        kept = self._journal.record(self._name, request.key, request.merchant, document, durable=False)
        if "result" not in kept:
            raise ValueError("the request key was used for a capture, void or refund")
        return result_of(kept["result"])

    def merchant_of(self, authorization: str) -> str | None:
        """Whose authorization it is; None when it is not known."""
        document = self._journal.find(self._name, authorization)
        return None if document is None else document["merchant"]

    def follow_up(
        self,
        operation: str,
        authorization: str,
        amount: Money,
        key: str,
        told: PaymentResult | None = None,
    ) -> PaymentResult:
        """Carry out a capture, void or refund once per key; what it came to, the first time.

        ``told`` is given instead of the approval that the books would give. Raises ValueError for a key that was used
        for something else.
        """
        check_key(authorization)
        if key == authorization:
            raise ValueError("a follow-up has a request key of its own")
        opening = self._journal.find(self._name, authorization)
        if opening is None or "result" not in opening:
            return PaymentResult.declined(auth_codes.NOT_ON_FILE)
        pointer = {"operation": operation, "authorization": authorization, "merchant": opening["merchant"]}
        kept = self._journal.record(self._name, key, opening["merchant"], pointer)
        if kept.get("authorization") != authorization:
            raise ValueError("the request key was used for another authorization")
        return self._appended(operation, authorization, amount, key, opening, told)

    def confirm(self, authorization: str, result: PaymentResult) -> PaymentResult:
        """What the customer made of a payment that was pending; what stands, the first time."""
        opening = self._journal.find(self._name, authorization)
        assert opening is not None
        zero = Money.zero(money_of(opening["amount"]).currency)
        return self._appended(CONFIRM, authorization, zero, f"{authorization}-confirm", opening, result)

    def followed(self, key: str) -> PaymentResult | None:
        """The result a capture, void or refund had; None when it was not carried out."""
        document = self._journal.find(self._name, key)
        return None if document is None or "result" in document else self._followed(key, document)

    def status(self, key: str) -> PaymentResult:
        """What became of a request, of whatever kind."""
        document = self._journal.find(self._name, key)
        if document is None:
            return PaymentResult.never_received()
        if "result" in document:
            standing = self._standing(key, document)
            return standing.settled or result_of(document["result"])
        return self._followed(key, document) or PaymentResult.never_received()

    def _followed(self, key: str, pointer: Document) -> PaymentResult | None:
        events = self._events(pointer["authorization"])
        return next((result_of(event["result"]) for event in events if event["key"] == key), None)

    def _appended(
        self,
        operation: str,
        authorization: str,
        amount: Money,
        key: str,
        opening: Document,
        told: PaymentResult | None,
    ) -> PaymentResult:
        standing = _Standing.opened(opening)
        for number in range(1, MAX_FOLLOW_UPS + 1):
            event = self._journal.find(self._name, f"{authorization}#{number}")
            if event is None:
                result, settles = self._judge(operation, amount, standing)
                if result.kind is OutcomeKind.PENDING:
                    return result
                if result.kind is OutcomeKind.APPROVED:
                    result = told or result
                event = self._journal.record(
                    self._name,
                    f"{authorization}#{number}",
                    opening["merchant"],
                    {
                        "operation": operation,
                        "key": key,
                        "amount": money_document(amount),
                        "settles": settles,
                        "result": result_document(result.for_reference(opening["reference"])),
                    },
                )
            if event["key"] == key:
                return result_of(event["result"])
            standing.apply(event)
        return PaymentResult.declined(auth_codes.INVALID_TRANSACTION_TYPE)

    def _judge(self, operation: str, amount: Money, standing: _Standing) -> tuple[PaymentResult, bool]:
        """What a follow-up comes to as the authorization stands now, and whether it settles a pending deposit."""
        if amount.currency != standing.authorized.currency or amount.is_negative:
            return PaymentResult.declined(auth_codes.INVALID_AMOUNT), False
        if not standing.is_open:
            return PaymentResult.declined(auth_codes.INVALID_TRANSACTION_TYPE), False
        if operation == CAPTURE:
            return self._judge_capture(amount, standing)
        if operation == CONFIRM:
            return self._answer(standing.settled is None, auth_codes.INVALID_TRANSACTION_TYPE), True
        if operation == VOID:
            return self._answer(standing.captured.is_zero, auth_codes.INVALID_TRANSACTION_TYPE), False
        if standing.captured.is_zero and not standing.authorized.is_zero:
            return PaymentResult.declined(auth_codes.INVALID_TRANSACTION_TYPE), False
        left = standing.captured - standing.refunded
        return self._answer(amount <= left, auth_codes.INVALID_AMOUNT), False

    def _judge_capture(self, amount: Money, standing: _Standing) -> tuple[PaymentResult, bool]:
        opened = result_of(standing.opening["result"])
        if opened.kind is OutcomeKind.PENDING and standing.settled is None:
            settlement = standing.opening.get("settlement")
            return (opened, False) if settlement is None else (result_of(settlement), True)
        left = standing.authorized - standing.captured
        return self._answer(amount <= left, auth_codes.INVALID_AMOUNT), False

    def _answer(self, possible: bool, refusal: str) -> PaymentResult:
        return PaymentResult.approved(self._approval) if possible else PaymentResult.declined(refusal)

    def _standing(self, authorization: str, opening: Document) -> _Standing:
        standing = _Standing.opened(opening)
        for event in self._events(authorization):
            standing.apply(event)
        return standing

    def _events(self, authorization: str) -> Iterator[Document]:
        for number in count(1):
            event = self._journal.find(self._name, f"{authorization}#{number}")
            if event is None:
                return
            yield event
