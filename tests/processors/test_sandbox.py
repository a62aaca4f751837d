"""The sandbox: how its triggers meet, deposits and wallets. Each by itself is in test_sandbox_rows.py."""

from __future__ import annotations

from datetime import date

import pytest

from cashbox_service.conformance.suite import new_key, usd
from cashbox_service.domain.instruments import PaymentMethodType, Secret
from cashbox_service.domain.money import Money
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.protocol import (
    CardDetails,
    DepositDetails,
    OutcomeKind,
    PaymentRequest,
    ProcessorAddress,
    WalletDetails,
)
from cashbox_service.processors.sandbox import SandboxProcessor
from tests.processors.payments import (
    APPROVED,
    DECLINED,
    PAGE,
    PENDING,
    card,
    deposit,
    payment,
)


class TestCardNumbers:
    def test_a_military_star_card_is_a_card(self, sandbox: SandboxProcessor) -> None:
        star = CardDetails(Secret("4555555555555550"), None, PaymentMethodType.MILITARY_STAR)
        assert sandbox.authorize(payment(star)).auth_code == "502"


class TestOtherTriggers:
    @pytest.mark.parametrize(
        ("cvn", "code"),
        [("123", "M"), (" 201 ", "N")],
    )
    def test_the_verification_number(self, sandbox: SandboxProcessor, cvn: str, code: str) -> None:
        assert sandbox.authorize(payment(cvn=Secret(cvn))).cvn_code == code

    def test_no_verification_number_no_code(self, sandbox: SandboxProcessor) -> None:
        assert sandbox.authorize(payment()).cvn_code is None
        assert sandbox.authorize(payment(cvn=Secret(""))).cvn_code is None

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("AVS:A", "A"),
            ("AVS:i4", "I4"),
            ("AVS: N 12 Main Street", "N"),
            ("12 Main Street", None),
            ("12 AVS:A", None),
            ("AVS:", None),
            ("", None),
            (None, None),
        ],
    )
    def test_the_address(self, sandbox: SandboxProcessor, line: str | None, code: str | None) -> None:
        result = sandbox.authorize(payment(billing_address=ProcessorAddress(addr1=line)))
        assert (result.kind, result.avs_code) == (APPROVED, code)

    def test_explicit_triggers_go_before_those_of_the_number(self, sandbox: SandboxProcessor) -> None:
        result = sandbox.authorize(
            payment(
                card("4916654211627608"), cvn=Secret("201"), billing_address=ProcessorAddress(addr1="AVS:Y")
            )
        )
        assert (result.avs_code, result.cvn_code) == ("Y", "N")

    def test_a_decline_tells_about_the_address_too(self, sandbox: SandboxProcessor) -> None:
        result = sandbox.authorize(
            payment(card("4000000000000119"), billing_address=ProcessorAddress(addr1="AVS:I4"))
        )
        assert (result.auth_code, result.avs_code) == ("301", "I4")

    @pytest.mark.parametrize(
        ("expires", "code"), [("202512", "522"), ("202601", "T00"), (None, "T00"), ("1225", "605")]
    )
    def test_the_expiration_date(self, sandbox: SandboxProcessor, expires: str | None, code: str) -> None:
        assert sandbox.authorize(payment(card(expires=expires))).auth_code == code

    def test_the_date_is_the_merchants(self, sandbox: SandboxProcessor) -> None:
        later = payment(card(expires="203012"), today=date(2031, 1, 1))
        assert sandbox.authorize(later).auth_code == "522"

    def test_a_number_that_declines_does_so_whatever_its_date(self, sandbox: SandboxProcessor) -> None:
        assert sandbox.authorize(payment(card("6011555555555553", "202001"))).auth_code == "302"

    @pytest.mark.parametrize(
        ("code", "kind", "hard"),
        [
            ("502", DECLINED, True),
            ("303", DECLINED, False),
            ("100", APPROVED, False),
            ("7777", DECLINED, False),
        ],
    )
    @pytest.mark.parametrize("name", ["vin:TestAuthCode", "VIN:testauthcode"])
    def test_a_code_can_be_ordered_by_name(
        self, sandbox: SandboxProcessor, name: str, code: str, kind: OutcomeKind, hard: bool
    ) -> None:
        result = sandbox.authorize(payment(card("4555555555555550", "200001"), name_values=((name, code),)))
        assert (result.kind, result.auth_code, result.is_hard) == (kind, code, hard)

    def test_the_last_order_counts_and_an_empty_one_is_none(self, sandbox: SandboxProcessor) -> None:
        name = "vin:TestAuthCode"
        assert sandbox.authorize(payment(name_values=((name, "502"), (name, "301")))).auth_code == "301"
        assert sandbox.authorize(payment(name_values=((name, " "),))).auth_code == "T00"

    def test_an_amount_triggers_nothing(self, sandbox: SandboxProcessor) -> None:
        for amount in ("0.00", "3.03", "502.00", "9999999.99"):
            assert sandbox.authorize(payment(amount=usd(amount))).auth_code == "T00"


class TestPartialApproval:
    def ordered(self, amount: Money) -> PaymentRequest:
        return payment(amount=amount, name_values=(("vin:TestAuthCode", "111"),))

    @pytest.mark.parametrize(("asked", "given"), [("20.00", "10.00"), ("0.03", "0.02"), ("9.99", "5.00")])
    def test_code_111_approves_half(self, sandbox: SandboxProcessor, asked: str, given: str) -> None:
        result = sandbox.authorize(self.ordered(usd(asked)))
        assert (result.kind, result.auth_code) == (APPROVED, "111")
        assert result.approved_amount == usd(given)
        assert result.is_partial

    @pytest.mark.parametrize("asked", ["0.01", "0.00"])
    def test_what_has_no_half_is_approved_whole(self, sandbox: SandboxProcessor, asked: str) -> None:
        assert not sandbox.authorize(self.ordered(usd(asked))).is_partial

    def test_only_the_approved_part_can_be_captured(self, sandbox: SandboxProcessor) -> None:
        request = self.ordered(usd("20.00"))
        sandbox.authorize(request)
        assert sandbox.capture(request.key, usd("10.01"), new_key()).auth_code == "607"
        assert sandbox.capture(request.key, usd("10.00")).kind is APPROVED


class TestDeposits:
    def test_a_deposit_waits_for_the_bank_and_is_captured_by_the_batch(
        self, sandbox: SandboxProcessor
    ) -> None:
        request = payment(deposit())
        result = sandbox.authorize(request)
        assert (result.kind, result.auth_code) == (PENDING, "T00")
        assert result.pending_status is TransactionStatusType.AUTHORIZED_PENDING
        assert sandbox.status(request.key) == result
        settled = sandbox.capture(request.key, request.amount)
        assert (settled.kind, settled.auth_code) == (APPROVED, "T00")
        assert sandbox.status(request.key) == settled
        assert sandbox.authorize(request) == result
        assert sandbox.refund(request.key, request.amount, new_key()).kind is APPROVED

    def test_a_deposit_may_come_back(self, sandbox: SandboxProcessor) -> None:
        request = payment(deposit("123459999"))
        assert sandbox.authorize(request).kind is PENDING
        settled = sandbox.capture(request.key, request.amount)
        assert (settled.kind, settled.auth_code, settled.is_hard) == (DECLINED, "521", False)
        assert sandbox.capture(request.key, request.amount) == settled
        assert sandbox.status(request.key) == settled
        assert sandbox.refund(request.key, request.amount, new_key()).kind is DECLINED

    def test_an_unknown_bank_is_noticed_at_once(self, sandbox: SandboxProcessor) -> None:
        for ask in (sandbox.authorize, sandbox.validate):
            result = ask(payment(deposit(routing="000000000")))
            assert (result.kind, result.auth_code, result.is_hard) == (DECLINED, "750", True)

    def test_a_validation_waits_for_nobody(self, sandbox: SandboxProcessor) -> None:
        assert sandbox.validate(payment(deposit("123459999"))).kind is APPROVED

    def test_direct_debit_is_a_deposit(self, sandbox: SandboxProcessor) -> None:
        debit = DepositDetails("DirectDebit", Secret("NL91ABNA0417164300"), None, "NL")
        result = sandbox.authorize(payment(debit))
        assert result.pending_status is TransactionStatusType.AUTHORIZED_PENDING

    def test_a_pending_deposit_can_be_given_up(self, sandbox: SandboxProcessor) -> None:
        request = payment(deposit())
        sandbox.authorize(request)
        assert sandbox.void(request.key, request.amount).kind is APPROVED
        assert sandbox.capture(request.key, request.amount).kind is DECLINED

    def test_an_ordered_decline_goes_before_the_bank(self, sandbox: SandboxProcessor) -> None:
        request = payment(deposit(), name_values=(("vin:TestAuthCode", "754"),))
        assert sandbox.authorize(request).auth_code == "754"


class TestWallets:
    def test_paypal_without_agreement_sends_the_buyer_to_a_page(self, sandbox: SandboxProcessor) -> None:
        request = payment(WalletDetails("PayPal"))
        result = sandbox.authorize(request)
        assert result.kind is PENDING
        assert result.pending_status is TransactionStatusType.AUTHORIZATION_PENDING
        assert result.token is not None
        assert result.token.startswith("EC-")
        assert result.redirect_url == f"{PAGE}?token={result.token}"
        assert sandbox.capture(request.key, request.amount).kind is PENDING

    def test_every_visit_has_a_token_of_its_own(self, sandbox: SandboxProcessor) -> None:
        tokens = {sandbox.authorize(payment(WalletDetails("PayPal"))).token for _ in range(5)}
        assert len(tokens) == 5

    def test_the_buyer_comes_back_and_agrees(self, sandbox: SandboxProcessor) -> None:
        token = sandbox.authorize(payment(WalletDetails("PayPal"))).token
        result = sandbox.authorize(payment(WalletDetails("PayPal", token=token, payer_id="BUYER1")))
        assert (result.kind, result.auth_code, result.payer_id) == (APPROVED, "T00", "BUYER1")
        assert result.payer_email == "buyer1@paypal.test"
        assert result.agreement is not None
        assert result.agreement.startswith("B-")
        unnamed = sandbox.authorize(payment(WalletDetails("PayPal", token=token)))
        assert unnamed.payer_id is not None
        assert len(unnamed.payer_id) == 13
        assert unnamed.payer_id.isalnum()

    @pytest.mark.parametrize("type_", ["PayPal", "Skrill", "HostedPage", "Amazon", "ApplePay"])
    def test_an_agreement_is_charged_at_once(self, sandbox: SandboxProcessor, type_: str) -> None:
        assert sandbox.authorize(payment(WalletDetails(type_, agreement="B-1"))).kind is APPROVED

    @pytest.mark.parametrize("type_", ["Skrill", "HostedPage", "CarrierBilling"])
    def test_others_have_pages_too(self, sandbox: SandboxProcessor, type_: str) -> None:
        result = sandbox.authorize(payment(WalletDetails(type_)))
        assert result.pending_status is TransactionStatusType.AUTHORIZATION_PENDING

    def test_a_boleto_has_a_slip_and_waits_for_the_bank(self, sandbox: SandboxProcessor) -> None:
        request = payment(WalletDetails("Boleto"))
        result = sandbox.authorize(request)
        assert result.pending_status is TransactionStatusType.AUTHORIZED_PENDING
        assert result.redirect_url is not None
        assert result.redirect_url.startswith(PAGE)
        assert sandbox.capture(request.key, request.amount).kind is APPROVED

    def test_a_wallet_can_be_made_to_decline(self, sandbox: SandboxProcessor) -> None:
        request = payment(
            WalletDetails("PayPal", agreement="B-1"), name_values=(("vin:TestAuthCode", "10525"),)
        )
        result = sandbox.authorize(request)
        assert (result.kind, result.auth_code, result.is_hard) == (DECLINED, "10525", False)
