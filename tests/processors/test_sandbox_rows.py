"""The sandbox, row by row of payment-method §5: every number, trigger and code, with what it comes to and its class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain import auth_codes, verification
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.domain.verification import AvsMatch, normalise_avs
from cashbox_service.processors.protocol import (
    DepositDetails,
    Instrument,
    PaymentRequest,
    PaymentResult,
    ProcessorAddress,
    WalletDetails,
)
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.script import MemoryScript, ScriptedOutcome
from tests.processors.payments import APPROVED, DECLINED, PENDING, SHOP, card, deposit, payment

HARD, SOFT = True, False


@dataclass(frozen=True)
class Row:
    """A row of the specification. ``code`` is the authCode; ``hard`` is set for a decline."""

    trigger: str
    instrument: Instrument = field(default_factory=card)
    code: str = "T00"
    hard: bool | None = None
    avs: str | None = None
    cvn: str | None = None
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def request(self) -> PaymentRequest:
        return payment(self.instrument, **self.changes)

    @property
    def result(self) -> PaymentResult:
        """What an authorization comes to."""
        made = (
            PaymentResult.approved(self.code)
            if self.hard is None
            else PaymentResult.declined(self.code, self.hard)
        )
        return replace(made, avs_code=self.avs, cvn_code=self.cvn, processor_transaction_id="INT00000001")


def _numbers() -> list[Row]:
    good = (
        "4111111111111111 5454541111111111 4485983356242217 4112344112344113 4408041234567893 4113900000000007 "
        "4242424242424242 5555555555554444 378282246310005 6011111111111117 30569309025904"
    )
    return [
        *(Row(number, card(number)) for number in good.split()),
        Row("4916…7608", card("4916654211627608"), avs="N", cvn="M"),
        Row("4555…5550", card("4555555555555550"), "502", HARD),
        Row("6011…5553", card("6011555555555553"), "302", SOFT),
        Row("5255…5550", card("5255555555555550"), "303", HARD),
        Row("1111…1111", card("1111111111111111"), "201", HARD),
        Row("no number", card(""), "201", HARD),
        Row("4000…0002", card("4000000000000002"), "303", SOFT),
        Row("4000…0069", card("4000000000000069"), "522", HARD),
        Row("4000…0119", card("4000000000000119"), "301", SOFT),
    ]


def _triggers() -> list[Row]:
    checked = {"200": "M", "201": "N", "202": "P", "203": "S", "204": "U", "205": "M", "999": "M"}
    return [
        *(Row(f"CVN {cvn}", cvn=code, changes={"cvn": Secret(cvn)}) for cvn, code in checked.items()),
        Row("no CVN"),
        Row("last month", card(expires="202512"), "522", HARD),
        Row("this month", card(expires="202601")),
        Row("a token in place of the number", card(""), changes={"external_token": Secret("pm_1")}),
        Row("unknown bank", deposit(routing="000000000"), "750", HARD),
        Row("agreement", WalletDetails("PayPal", agreement="B-1")),
    ]


AVS_CODES = [*" ".join(verification.CODES.values()).split(), "Q"]
"""Every code with a verdict, and one without."""


def _addresses() -> list[Row]:
    return [
        Row(f"AVS:{code}", avs=code, changes={"billing_address": ProcessorAddress(addr1=f"AVS:{code}")})
        for code in AVS_CODES
    ]


CODES: dict[bool | None, str] = {
    None: "100 T00 000 101 102 104 800 VIN_900",
    SOFT: "204 234 260 301 302 303 401 402 509 510 521 530 594 806 902 10525",
    HARD: "-1 201 225 227 233 238 239 304 501 502 503 505 519 522 531 534 570 571 572 591 592 596 602 605 606 607 "
    "750 751 752 753 754 811 813 825 833 834 903 904",
}
"""All codes by class but 111, which changes the amount; one that no catalogue knows is soft."""

ORDERED = [(code, hard) for hard, codes in CODES.items() for code in codes.split()]


def _ordered() -> list[Row]:
    return [
        Row(f"code {code}", code=code, hard=hard, changes={"name_values": (("vin:TestAuthCode", code),)})
        for code, hard in ORDERED
    ]


ROWS = [*_numbers(), *_triggers(), *_addresses(), *_ordered()]
by_trigger = pytest.mark.parametrize("row", [pytest.param(row, id=row.trigger) for row in ROWS])


@by_trigger
def test_an_authorization_comes_to_what_the_row_says(sandbox: SandboxProcessor, row: Row) -> None:
    request = row.request
    assert sandbox.authorize(request) == row.result
    assert sandbox.status(request.key) == row.result


@by_trigger
def test_a_validation_comes_to_the_same_and_leaves_nothing(sandbox: SandboxProcessor, row: Row) -> None:
    request = row.request
    assert sandbox.validate(request) == row.result
    assert sandbox.capture(request.key, request.amount).kind is DECLINED


@by_trigger
def test_only_an_approval_can_be_captured_and_refunded(sandbox: SandboxProcessor, row: Row) -> None:
    request = row.request
    sandbox.authorize(request)
    expected = APPROVED if row.hard is None else DECLINED
    assert sandbox.capture(request.key, request.amount).kind is expected
    assert sandbox.refund(request.key, request.amount, new_key()).kind is expected


@by_trigger
def test_only_an_approval_can_be_voided(sandbox: SandboxProcessor, row: Row) -> None:
    request = row.request
    sandbox.authorize(request)
    assert sandbox.void(request.key, request.amount).kind is (APPROVED if row.hard is None else DECLINED)


def test_the_rows_name_every_code_of_the_catalogue() -> None:
    assert {code for code, _ in ORDERED} - {"10525"} == set(auth_codes.CATALOGUE) - {"111"}


def test_the_rows_name_every_verdict_of_an_address_check() -> None:
    assert {normalise_avs(code) for code in AVS_CODES} == set(AvsMatch)


@pytest.mark.parametrize(("code", "hard"), ORDERED)
@pytest.mark.parametrize(
    "instrument",
    [card(), deposit(), DepositDetails("DirectDebit", Secret("12345678")), WalletDetails("PayPal", "B-1")],
    ids=["card", "ECP", "DirectDebit", "PayPal"],
)
def test_every_instrument_can_be_made_to_answer_a_code(
    sandbox: SandboxProcessor, instrument: Instrument, code: str, hard: bool | None
) -> None:
    result = sandbox.authorize(payment(instrument, name_values=(("vin:TestAuthCode", code),)))
    approved = PENDING if isinstance(instrument, DepositDetails) else APPROVED
    assert (result.kind, result.auth_code) == (approved if hard is None else DECLINED, code)
    assert result.is_hard is bool(hard)


Ask = Callable[[SandboxProcessor, PaymentRequest], PaymentResult]
ASKED: dict[str, Ask] = {
    "validate": lambda sandbox, paid: sandbox.validate(replace(paid, key=new_key())),
    "authorize": lambda sandbox, paid: sandbox.authorize(replace(paid, key=new_key())),
    "capture": lambda sandbox, paid: sandbox.capture(paid.key, usd("5.00"), new_key()),
    "void": lambda sandbox, paid: sandbox.void(paid.key, paid.amount),
    "refund": lambda sandbox, paid: sandbox.refund(paid.key, usd("5.00"), new_key()),
}
"""One request of each kind that would be approved, after a payment that suits it."""


@pytest.fixture
def suited(sandbox: SandboxProcessor) -> Callable[[str], PaymentRequest]:
    """A payment on which an operation can follow."""

    def made(operation: str) -> PaymentRequest:
        paid = payment(capture=operation == "refund")
        assert sandbox.authorize(paid).kind is APPROVED
        return paid

    return made


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize(("code", "hard"), ORDERED)
def test_every_operation_can_be_scripted_to_answer_a_code(
    sandbox: SandboxProcessor,
    script: MemoryScript,
    suited: Callable[[str], PaymentRequest],
    operation: str,
    code: str,
    hard: bool | None,
) -> None:
    paid = suited(operation)
    script.put(SHOP, [ScriptedOutcome(operation, auth_code=code)])
    result = ASKED[operation](sandbox, paid)
    assert (result.kind, result.auth_code) == (APPROVED if hard is None else DECLINED, code)
    assert result.is_hard is bool(hard)
    assert script.waiting(SHOP) == ()


@pytest.mark.parametrize("operation", ASKED)
@pytest.mark.parametrize(("code", "hard"), [("303", True), ("502", False)])
def test_a_script_may_say_the_class_of_a_decline(
    sandbox: SandboxProcessor,
    script: MemoryScript,
    suited: Callable[[str], PaymentRequest],
    operation: str,
    code: str,
    hard: bool,
) -> None:
    paid = suited(operation)
    script.put(SHOP, [ScriptedOutcome(operation, auth_code=code, is_hard=hard)])
    assert ASKED[operation](sandbox, paid).is_hard is hard


@pytest.mark.parametrize("operation", ASKED)
def test_every_operation_can_be_slow(
    sandbox: SandboxProcessor,
    script: MemoryScript,
    naps: list[float],
    suited: Callable[[str], PaymentRequest],
    operation: str,
) -> None:
    paid = suited(operation)
    script.put(SHOP, [ScriptedOutcome(operation, latency_seconds=1.5)])
    assert ASKED[operation](sandbox, paid).kind is APPROVED
    assert naps == [1.5]


class TestDeposits:
    @pytest.mark.parametrize(
        ("account", "kind", "code", "hard"),
        [("123456780", APPROVED, "T00", False), ("123459999", DECLINED, "521", False)],
    )
    def test_the_bank_answers_when_the_batch_asks(
        self, sandbox: SandboxProcessor, account: str, kind: object, code: str, hard: bool
    ) -> None:
        request = payment(deposit(account))
        waiting = sandbox.authorize(request)
        assert waiting.pending_status is TransactionStatusType.AUTHORIZED_PENDING
        settled = sandbox.capture(request.key, request.amount)
        assert (settled.kind, settled.auth_code, settled.is_hard) == (kind, code, hard)


class TestWaiting:
    @pytest.mark.parametrize("status", ["AuthorizedPending", "AuthorizationPending", "Pending"])
    def test_an_authorization_waits_as_scripted(
        self, sandbox: SandboxProcessor, script: MemoryScript, status: str
    ) -> None:
        script.put(SHOP, [ScriptedOutcome.parse({"pending": status})])
        result = sandbox.authorize(payment())
        assert (result.kind, result.pending_status) == (PENDING, TransactionStatusType(status))

    def test_a_validation_waits_for_nobody(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(pending=TransactionStatusType.AUTHORIZED_PENDING)])
        assert sandbox.validate(payment()).kind is APPROVED

    def test_a_decline_does_not_wait(self, sandbox: SandboxProcessor, script: MemoryScript) -> None:
        script.put(SHOP, [ScriptedOutcome(auth_code="502", pending=TransactionStatusType.PENDING)])
        assert sandbox.authorize(payment()).kind is DECLINED


class TestPartialApproval:
    def test_a_part_can_be_taken_in_the_same_step_and_no_more_is_given_back(
        self, sandbox: SandboxProcessor, script: MemoryScript
    ) -> None:
        script.put(SHOP, [ScriptedOutcome(approved_amount=Decimal("7.50"))])
        request = payment(capture=True)
        assert sandbox.authorize(request).approved_amount == usd("7.50")
        assert sandbox.refund(request.key, usd("7.51"), new_key()).auth_code == "607"
        assert sandbox.refund(request.key, usd("7.50"), new_key()).kind is APPROVED

    def test_a_part_can_be_voided(self, sandbox: SandboxProcessor) -> None:
        request = payment(name_values=(("vin:TestAuthCode", "111"),))
        assert sandbox.authorize(request).approved_amount == usd("10.00")
        assert sandbox.void(request.key, usd("10.00")).kind is APPROVED

    def test_a_deposit_settles_in_part(self, sandbox: SandboxProcessor) -> None:
        request = payment(deposit(), name_values=(("vin:TestAuthCode", "111"),))
        assert sandbox.authorize(request).kind is PENDING
        assert sandbox.capture(request.key, request.amount).approved_amount == usd("10.00")
        assert sandbox.refund(request.key, usd("10.01"), new_key()).auth_code == "607"
