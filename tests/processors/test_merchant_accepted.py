"""The internal processor approves what the merchant took by itself, once, and says so under its own name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.merchant_accepted import MerchantAcceptedProcessor
from cashbox_service.processors.protocol import (
    CardDetails,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    WalletDetails,
)
from cashbox_service.processors.sandbox import SandboxProcessor


@pytest.fixture
def processor() -> MerchantAcceptedProcessor:
    return MerchantAcceptedProcessor(MemoryJournal())


def cheque(amount: str = "20.00") -> PaymentRequest:
    return PaymentRequest(
        key=new_key(),
        merchant="a" * 40,
        reference="INT00000007",
        amount=usd(amount),
        instrument=WalletDetails("MerchantAcceptedPayment"),
        today=date(2026, 1, 15),
    )


def test_clients_know_it_as_vindicia(processor: MerchantAcceptedProcessor) -> None:
    assert (processor.name, processor.wire_name) == ("merchant_accepted", "Vindicia")


def test_a_payment_has_no_code(processor: MerchantAcceptedProcessor) -> None:
    expected = PaymentResult(OutcomeKind.APPROVED, processor_transaction_id="INT00000007")
    assert processor.authorize(cheque()) == expected
    assert processor.validate(cheque()) == expected


def test_a_payment_of_nothing_is_settled_internally(processor: MerchantAcceptedProcessor) -> None:
    assert processor.authorize(cheque("0.00")).auth_code == "VIN_900"


def test_the_triggers_of_the_sandbox_do_not_work_here(processor: MerchantAcceptedProcessor) -> None:
    request = replace(
        cheque(),
        instrument=CardDetails(Secret("4555555555555550"), "200001"),
        name_values=(("vin:TestAuthCode", "502"),),
    )
    assert processor.authorize(request).kind is OutcomeKind.APPROVED


def test_money_that_was_given_back_is_not_given_back_again(processor: MerchantAcceptedProcessor) -> None:
    request = replace(cheque(), capture=True)
    processor.authorize(request)
    refunded = processor.refund(request.key, usd("20.00"), new_key())
    assert refunded == PaymentResult(OutcomeKind.APPROVED, processor_transaction_id="INT00000007")
    assert processor.refund(request.key, usd("0.01"), new_key()).auth_code == "607"


def test_two_processors_share_a_journal_and_keep_their_own_books() -> None:
    journal, request = MemoryJournal(), cheque()
    ours, sandbox = MerchantAcceptedProcessor(journal), SandboxProcessor(journal)
    ours.authorize(request)
    assert sandbox.status(request.key).kind is OutcomeKind.DECLINED
    assert sandbox.authorize(request).auth_code == "T00"
    assert ours.status(request.key).auth_code is None
