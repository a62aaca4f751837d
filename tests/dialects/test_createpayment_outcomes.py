"""Every flag of PaymentProcessingOutcome: what sets it, by itself and with others (dialects §3)."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain import collection
from cashbox_service.domain.collection import (
    FLAGS,
    REFUND_FLAGS,
    Circumstances,
    CollectionMethod,
    Flag,
    Limits,
    Standing,
)
from cashbox_service.domain.money import Money
from tests.conftest import Client
from tests.dialects.callers import CreatePayment, payment
from tests.dialects.test_createpayment import taken
from tests.services import shop
from tests.services.sandbox import Sandbox

Check = Callable[[], None]

VALUES_OF_THE_TEXT = {
    "None": 0,
    "Done": 1,
    "VoidSecurityFee": 4,
    "CashPaymentResultsInZeroBalance": 8,
    "LockDownPage": 16,
    "CardTokenNotSaved": 32,
    "PaymentDeclined": 64,
    "FailedAvsCheck": 128,
    "FailedCvv2Check": 256,
    "PaymentFailedToSave": 512,
    "OverPayment": 1024,
    "OverRefund": 2048,
    "RemainderLessThanGatewayMinimum": 4096,
    "PaymentUnderGatewayMinimum": 8192,
    "PaymentOverGatewayMaximum": 16384,
    "RefundWasSuccessful": 32768,
    "NoGatewayResponse": 65536,
    "NoGatewayRequest": 131072,
    "OperationNotSupportedByGateway": 262144,
    "FailedAutoPaymentAllocation": 524288,
    "FailedAutoRefundAllocation": 1048576,
    "ECashPaymentBarCodeOutstanding": 2097152,
    "CardDeclinedRecently": 4194304,
    "CardUsedTooRecently": 8388608,
    "MissingCardFingerprint": 16777216,
    "MaximumCardsReached": 33554432,
    "MaximumPaymentAttempts": 67108864,
    "FraudCheckFailure": 134217728,
    "ChargebackCard": 268435456,
    "PhoneNumberAssociatedWithChargebacks": 536870912,
}


def test_flags_have_the_values_of_the_text() -> None:
    assert {row.name: int(row.flag) for row in FLAGS} == VALUES_OF_THE_TEXT


circumstances = st.builds(
    Circumstances,
    method=st.sampled_from(CollectionMethod),
    fingerprint=st.sampled_from(["", "f"]),
    amount=st.integers(1, 300).map(lambda units: Money.of(units, "USD")),
    balance=st.integers(0, 200).map(lambda units: Money.of(units, "USD")),
    gateway_known=st.booleans(),
    gateway_serves=st.booleans(),
    limits=st.builds(Limits, st.none() | st.just(Decimal(5)), st.none() | st.just(Decimal(150))),
    tries=st.integers(0, 12),
    cards=st.integers(1, 5),
    bar_code_outstanding=st.booleans(),
    declined_recently=st.booleans(),
    used_recently=st.booleans(),
    charged_back=st.booleans(),
    phone_charged_back=st.booleans(),
    risky=st.booleans(),
)
standings = st.builds(
    Standing,
    method=st.sampled_from(CollectionMethod),
    captured=st.booleans(),
    declined=st.booleans(),
    waiting_for_bank=st.booleans(),
    towards=st.integers(1, 9).map(Decimal),
    applied=st.integers(0, 9).map(Decimal),
    left=st.integers(0, 9).map(Decimal),
    avs_failed=st.booleans(),
    cvn_failed=st.booleans(),
    fee_voided=st.booleans(),
)


@given(circumstances, standings)
def test_no_outcome_is_none_or_one_of_refunds_and_done_is_never_declined(
    now: Circumstances, standing: Standing
) -> None:
    refused, tried = collection.refusal(now), collection.outcome(standing)
    assert tried
    for flags in (refused, tried):
        assert not flags & REFUND_FLAGS
    assert Flag.DONE not in refused
    assert not (Flag.DONE in tried and Flag.PAYMENT_DECLINED in tried)
    checks = Flag.FAILED_AVS_CHECK | Flag.FAILED_CVV2_CHECK | Flag.VOID_SECURITY_FEE
    assert not tried & checks or Flag.PAYMENT_DECLINED in tried
    locked = Flag.MAXIMUM_CARDS_REACHED | Flag.MAXIMUM_PAYMENT_ATTEMPTS
    assert (Flag.LOCK_DOWN_PAGE in refused) == bool(refused & locked)


@pytest.mark.parametrize("name", ["OverRefund", "RefundWasSuccessful", "FailedAutoRefundAllocation"])
def test_flags_of_refunds_never_come_from_this_call(name: str) -> None:
    row = next(row for row in FLAGS if row.name == name)
    assert row.flag in REFUND_FLAGS
    assert not row.sentence


def test_0_none_never_stands_alone_and_1_done_means_taken_and_recorded(
    createpayment: CreatePayment, client: Client
) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "5.00") == 1
    (made,) = taken(client, attempt)
    assert made.statusLog[0].status == "Captured"
    assert createpayment.shown(attempt)["balance"] == 95


def test_4_voidsecurityfee_when_the_main_part_fails(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = createpayment.attempt("100.00", fees="10.00")
    sandbox.script({"operation": "authorize"}, {"operation": "authorize", "authCode": "303"})
    answer = createpayment.pay(attempt, "30.00", isFeePayment=True)
    assert answer["result"]["paymentProcessingOutcome"] == 4 | 64
    assert answer["result"]["amountApplied"] == 0
    assert "The fee was given back because the payment failed." in answer["errors"]
    assert createpayment.shown(attempt)["balance"] == 110
    fee, main = taken(client, attempt)
    assert (fee.statusLog[0].status, main.statusLog[0].status) == ("Cancelled", "Cancelled")
    assert len(createpayment.shown(attempt)["payments"]) == 1
    books_are_right()


def test_fee_part_that_is_declined_ends_the_payment(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox
) -> None:
    attempt = createpayment.attempt("100.00", fees="10.00")
    sandbox.script({"operation": "authorize", "authCode": "303"})
    assert createpayment.outcome(attempt, "30.00", isFeePayment=True) == 64
    assert len(taken(client, attempt)) == 1


@pytest.mark.parametrize("method", ["OTHER", "CP"])
def test_8_cashpaymentresultsinzerobalance_when_cash_pays_off(
    createpayment: CreatePayment, sandbox: Sandbox, books_are_right: Check, method: str
) -> None:
    attempt = createpayment.attempt("10.00")
    cash: dict[str, Any] = {
        "paymentMethod": method,
        "cardType": "",
        "lastFour": "",
        "fingerprint": "",
        "key": "c-8",
    }
    body = payment("10.00", **{name: value for name, value in cash.items() if name != "key"})
    first = createpayment.post(attempt, body, headers={"Idempotency-Key": "c-8"}).json()["result"]
    assert first["paymentProcessingOutcome"] == (1 | 8 if method == "OTHER" else 2097152)
    sandbox.bill()
    again = createpayment.post(attempt, body, headers={"Idempotency-Key": "c-8"}).json()["result"]
    assert (again["paymentProcessingOutcome"], again["amountApplied"]) == (1 | 8, 10)
    books_are_right()


def test_cash_that_leaves_something_to_pay_is_only_done(createpayment: CreatePayment) -> None:
    assert createpayment.outcome(createpayment.attempt(), "10.00", paymentMethod="OTHER") == 1


def test_16_lockdownpage_and_67108864_maximumpaymentattempts(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox
) -> None:
    sandbox.settings(maxPaymentAttempts=2)
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00") == 1
    assert createpayment.outcome(attempt, "1.00", card="4000000000000002") == 64
    assert createpayment.outcome(attempt, "1.00") == 16 | 67108864
    assert len(taken(client, attempt)) == 2


def test_16_lockdownpage_and_33554432_maximumcardsreached(
    createpayment: CreatePayment, sandbox: Sandbox
) -> None:
    sandbox.settings(maxCardsPerAttempt=1)
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", fingerprint="card-1") == 1
    assert createpayment.outcome(attempt, "1.00", fingerprint="card-1") == 1
    assert createpayment.outcome(attempt, "1.00", fingerprint="card-2") == 16 | 33554432
    other = {"paymentMethod": "OTHER", "fingerprint": ""}
    assert createpayment.outcome(attempt, "1.00", **other) == 1, "no card"


def test_32_cardtokennotsaved_when_the_token_is_another_card(
    createpayment: CreatePayment, client: Client
) -> None:
    attempt = createpayment.attempt(accountRef=shop.account(client).merchantAccountId)
    assert createpayment.outcome(attempt, "1.00", lastFour="9999") == 1 | 32
    assert createpayment.outcome(attempt, "1.00") == 1
    account = client("Account").fetchByMerchantAccountId(merchantAccountId=attempt["accountRef"]).account
    assert len(account.paymentMethods) == 1, "the second one was kept"


def test_32_cardtokennotsaved_when_it_is_somebody_elses(createpayment: CreatePayment, client: Client) -> None:
    stored = shop.subscribe(client).autobill.paymentMethod
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", paymentToken=stored.VID) == 1 | 32
    assert taken(client, attempt)[0].sourcePaymentMethod.VID == stored.VID


@pytest.mark.parametrize("card", ["4000000000000002", "6011555555555553", "4555555555555550"])
def test_64_paymentdeclined_when_the_processor_declines(
    createpayment: CreatePayment, client: Client, card: str
) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", card=card) == 64
    assert taken(client, attempt)[0].statusLog[0].status == "Cancelled"


def test_128_failedavscheck_with_declined(
    createpayment: CreatePayment, client: Client, books_are_right: Check
) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", card="4111111111111111-avsN") == 64 | 128
    assert shop.log(taken(client, attempt)[0]) == ["Cancelled", "Authorized", "New"], "the money went back"
    assert createpayment.shown(attempt)["balance"] == 100
    assert createpayment.outcome(attempt, "1.00", card="4111111111111111-avsY") == 1
    books_are_right()


def test_256_failedcvv2check_with_declined(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", card="4111111111111111-cvnN") == 64 | 256
    assert createpayment.outcome(attempt, "1.00", card="4111111111111111-avsN-cvnN") == 64 | 128 | 256
    assert createpayment.outcome(attempt, "1.00", card="4111111111111111-cvnM") == 1


def test_1024_overpayment_charges_the_balance_and_of_nothing_nothing(
    createpayment: CreatePayment, client: Client
) -> None:
    attempt = createpayment.attempt("10.00")
    result = createpayment.pay(attempt, "15.00")["result"]
    assert (result["paymentProcessingOutcome"], result["amountApplied"]) == (1 | 1024, 10)
    assert createpayment.outcome(attempt, "1.00") == 1024
    assert [one.amount for one in taken(client, attempt)] == [Decimal("10.00")]


def test_4096_remainderlessthangatewayminimum(createpayment: CreatePayment, sandbox: Sandbox) -> None:
    sandbox.settings(gatewayMinimums=["sandbox:5.00"])
    attempt = createpayment.attempt("20.00")
    assert createpayment.outcome(attempt, "15.01") == 4096
    assert createpayment.outcome(attempt, "15.00") == 1
    assert createpayment.outcome(attempt, "5.00") == 1


def test_8192_paymentundergatewayminimum(createpayment: CreatePayment, sandbox: Sandbox) -> None:
    sandbox.settings(gatewayMinimums=["*:5.00"])
    assert createpayment.outcome(createpayment.attempt(), "4.99") == 8192


def test_16384_paymentovergatewaymaximum(createpayment: CreatePayment, sandbox: Sandbox) -> None:
    sandbox.settings(gatewayMaximums=["sandbox:50"])
    assert createpayment.outcome(createpayment.attempt(), "50.01") == 16384
    assert createpayment.outcome(createpayment.attempt(), "50.00") == 1


def test_65536_nogatewayresponse_leaves_the_attempt_open_for_recovery(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt, body = createpayment.attempt(), payment("100.00", card="4111111111111111-timeout")
    first = createpayment.post(attempt, body, headers={"Idempotency-Key": "k"}).json()["result"]
    assert (first["paymentProcessingOutcome"], first["isSuccessful"]) == (65536, False)
    assert createpayment.shown(attempt)["balance"] == 100
    assert createpayment.outcome(attempt, "100.00") == 1024, "the money may be on its way"
    again = createpayment.post(attempt, body, headers={"Idempotency-Key": "k"}).json()["result"]
    assert (again["paymentProcessingOutcome"], again["amountApplied"]) == (1, 100)
    assert again["paymentId"] == first["paymentId"]
    books_are_right()


def test_65536_nogatewayresponse_is_settled_by_the_janitor(
    createpayment: CreatePayment, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "40.00", card="4111111111111111-timeout")
    sandbox.advance(1)
    assert createpayment.shown(attempt)["balance"] == 60
    books_are_right()


def test_131072_nogatewayrequest_for_an_unknown_gateway(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox
) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", gatewayName="acme") == 131072
    sandbox.settings(feeGateway="acme")
    assert createpayment.outcome(attempt, "1.00", isFeePayment=True) == 131072
    assert taken(client, attempt) == []


def test_262144_operationnotsupportedbygateway(createpayment: CreatePayment) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", gatewayName="Vindicia") == 262144
    assert createpayment.outcome(attempt, "1.00", gatewayName="sandbox", paymentMethod="OTHER") == 262144


def test_524288_failedautopaymentallocation_keeps_the_money_as_credit(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt, body = createpayment.attempt("10.00"), payment("10.00", card="4111111111111111-timeout")
    createpayment.post(attempt, body, headers={"Idempotency-Key": "k"})
    client("Account").makePayment(
        account={"merchantAccountId": attempt["accountRef"]},
        paymentMethod=shop.cheque(),
        amount=Decimal("10.00"),
        invoiceId=attempt["invoiceId"],
    )
    sandbox.advance(1)
    result = createpayment.post(attempt, body, headers={"Idempotency-Key": "k"}).json()["result"]
    assert (result["paymentProcessingOutcome"], result["amountApplied"]) == (1 | 524288, 0)
    account = client("Account").fetchByMerchantAccountId(merchantAccountId=attempt["accountRef"]).account
    assert [grant.amount for grant in account.credit.currencyAmounts] == [Decimal("10.00")]
    books_are_right()


def test_2097152_ecashpaymentbarcodeoutstanding(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox
) -> None:
    attempt = createpayment.attempt()
    cash: dict[str, Any] = {"paymentMethod": "CP", "cardType": "", "lastFour": "", "fingerprint": ""}
    first = createpayment.pay(attempt, "10.00", **cash)["result"]
    assert (first["paymentProcessingOutcome"], first["amountApplied"]) == (2097152, 0)
    assert "paymentId" in first
    second = createpayment.pay(attempt, "10.00", **cash)["result"]
    assert second["paymentProcessingOutcome"] == 2097152
    assert "paymentId" not in second
    sandbox.bill()
    assert createpayment.shown(attempt)["balance"] == 90
    assert createpayment.outcome(attempt, "10.00", **cash) == 2097152
    assert len(taken(client, attempt)) == 2


def test_4194304_carddeclinedrecently(createpayment: CreatePayment, client: Client, sandbox: Sandbox) -> None:
    bad: dict[str, Any] = {"card": "4000000000000002", "fingerprint": "f-declined"}
    assert createpayment.outcome(createpayment.attempt(), "1.00", **bad) == 64
    other = createpayment.attempt()
    assert createpayment.outcome(other, "1.00", **bad) == 4194304
    assert taken(client, other) == []
    sandbox.advance(1)
    assert createpayment.outcome(other, "1.00", fingerprint="f-declined") == 1


def test_8388608_cardusedtoorecently(createpayment: CreatePayment, sandbox: Sandbox) -> None:
    sandbox.settings(cardUsedMinutes=5)
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", fingerprint="f-used") == 1
    assert createpayment.outcome(attempt, "1.00", fingerprint="f-used") == 8388608
    sandbox.advance(1)
    assert createpayment.outcome(attempt, "1.00", fingerprint="f-used") == 1


@pytest.mark.parametrize("method", ["CC", "DC"])
def test_16777216_missingcardfingerprint(createpayment: CreatePayment, method: str) -> None:
    attempt = createpayment.attempt()
    assert createpayment.outcome(attempt, "1.00", fingerprint="", paymentMethod=method) == 16777216


def test_134217728_fraudcheckfailure(createpayment: CreatePayment, client: Client, sandbox: Sandbox) -> None:
    attempt = createpayment.attempt()
    risky = {"card": "4111111111111111-fraud"}
    assert createpayment.outcome(attempt, "1.00", **risky) == 134217728
    assert taken(client, attempt) == []
    sandbox.settings(fraudScoreLimit=100)
    assert createpayment.outcome(attempt, "1.00", **risky) == 1


def test_268435456_chargebackcard(createpayment: CreatePayment, client: Client, sandbox: Sandbox) -> None:
    attempt = createpayment.attempt()
    createpayment.pay(attempt, "10.00", fingerprint="f-disputed")
    sandbox.dispute(taken(client, attempt)[0])
    assert createpayment.outcome(createpayment.attempt(), "1.00", fingerprint="f-disputed") == 268435456
    assert createpayment.outcome(createpayment.attempt(), "1.00", card="5454541111111111") == 1


def test_536870912_phonenumberassociatedwithchargebacks(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox
) -> None:
    attempt = createpayment.attempt()
    payor = {"firstName": "Ada", "lastName": "Reader", "phone": "+1 650 555 0100"}
    createpayment.pay(attempt, "10.00", payor=payor)
    sandbox.dispute(taken(client, attempt)[0])
    again = payor | {"phone": "1-650-555-0100"}
    fresh = {"card": "5454541111111111"}
    assert createpayment.outcome(createpayment.attempt(), "1.00", payor=again, **fresh) == 536870912
    other = payor | {"phone": "1-650-555-0199"}
    assert createpayment.outcome(createpayment.attempt(), "1.00", payor=other, **fresh) == 1


def test_echeck_is_done_when_the_bank_has_it_and_counts_until_it_answers(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = createpayment.attempt("10.00")
    check: dict[str, Any] = {"paymentMethod": "EC", "cardType": "", "fingerprint": "", "card": "123456789"}
    result = createpayment.pay(attempt, "10.00", **check)["result"]
    assert (result["paymentProcessingOutcome"], result["amountApplied"]) == (1, 10)
    assert createpayment.shown(attempt)["balance"] == 10
    assert createpayment.outcome(attempt, "10.00") == 1024
    sandbox.bill()
    assert createpayment.shown(attempt)["balance"] == 0
    books_are_right()


def test_echeck_that_the_bank_returns_is_declined(
    createpayment: CreatePayment, client: Client, sandbox: Sandbox, books_are_right: Check
) -> None:
    attempt = createpayment.attempt("10.00")
    check: dict[str, Any] = {"paymentMethod": "EC", "cardType": "", "fingerprint": "", "card": "123459999"}
    createpayment.pay(attempt, "10.00", convenienceFee="1.00", **check)
    sandbox.bill()
    shown = createpayment.shown(attempt)
    assert (shown["balance"], shown["payments"][0]["paymentProcessingOutcome"]) == (10, 64)
    books_are_right()
