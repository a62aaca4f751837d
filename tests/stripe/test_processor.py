"""What the Stripe processor sends, and what it makes of answers that localstripe never gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from cashbox_service.conformance.suite import Means, new_key, request_for_money, together, usd
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.domain.status_details import CardAttributes
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.processors.journal import Journal, MemoryJournal
from cashbox_service.processors.protocol import (
    MAX_CALL_SECONDS,
    CardDetails,
    CustomerBrowser,
    OutcomeKind,
    PaymentRequest,
    PaymentResult,
    ProcessorAddress,
    WalletDetails,
)
from cashbox_service.processors.stripe import calls
from cashbox_service.processors.stripe.calls import StripeCalls
from cashbox_service.processors.stripe.processor import StripeProcessor
from cashbox_service.processors.stripe.settings import StripeSettings
from tests.stripe.far_end import KEY, FarEnd, Sent

VISA = "4242424242424242"
WANTS_THE_CUSTOMER = "4000002500003155"
BROWSER = CustomerBrowser("https://shop.example/back?basket=7")
PAGE = "https://hooks.stripe.example/redirect/authenticate"
APPROVED, DECLINED, UNKNOWN, PENDING = (
    OutcomeKind.APPROVED,
    OutcomeKind.DECLINED,
    OutcomeKind.UNKNOWN,
    OutcomeKind.PENDING,
)


@pytest.fixture
def journal() -> Journal:
    return MemoryJournal()


@pytest.fixture
def processor(journal: Journal, far_end: FarEnd) -> StripeProcessor:
    return made(journal, far_end)


@pytest.fixture
def token(far_end: FarEnd) -> str:
    return far_end.card(VISA)


@pytest.fixture
def sent(far_end: FarEnd) -> Iterator[list[Sent]]:
    """What comes in while the test runs."""
    far_end.sent.clear()
    yield far_end.sent
    far_end.sent.clear()


def made(journal: Journal, far_end: FarEnd, **settings: Any) -> StripeProcessor:
    known = StripeSettings(key=Secret(KEY), url=far_end.url, **settings)
    return StripeProcessor(journal, StripeCalls(known), send_numbers=known.send_numbers)


def payment(token: str | None, price: str = "25.00", **changes: Any) -> PaymentRequest:
    means = Means(CardDetails(Secret(""), "203812"), Secret(token) if token else None)
    return replace(request_for_money(means, price, changes.pop("key", None)), **changes)


def posted(sent: list[Sent], path: str) -> dict[str, str]:
    """What was posted to the one request of that path."""
    [found] = [one for one in sent if one.method == "POST" and re.search(path, one.path)]
    return dict(found.params)


def intent_of(far_end: FarEnd, result: PaymentResult) -> dict[str, Any]:
    found: dict[str, Any] = far_end.ask("GET", f"/v1/payment_intents/{result.processor_transaction_id}")
    return found


class TestWhatIsSent:
    def test_a_payment_names_who_asks_for_what(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        request = payment(token)
        processor.authorize(request)
        asked = posted(sent, "payment_intents$")
        assert (asked["amount"], asked["currency"], asked["capture_method"]) == ("2500", "usd", "manual")
        assert (asked["payment_method"], asked["payment_method_types[0]"]) == (token, "card")
        assert asked["metadata[cashbox_request_key]"] == request.key
        assert asked["metadata[cashbox_transaction]"] == request.reference
        assert asked["metadata[cashbox_merchant]"] == request.merchant
        assert posted(sent, "confirm$") == {"expand[0]": "latest_charge"}

    def test_money_that_is_taken_at_once_is_captured_by_stripe(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        assert processor.authorize(payment(token, capture=True)).kind is APPROVED
        assert posted(sent, "payment_intents$")["capture_method"] == "automatic"

    def test_yen_are_counted_whole(self, processor: StripeProcessor, token: str, sent: list[Sent]) -> None:
        processor.authorize(payment(token, amount=Money.of(2500, "JPY")))
        asked = posted(sent, "payment_intents$")
        assert (asked["amount"], asked["currency"]) == ("2500", "jpy")

    def test_a_charge_without_the_customer_says_so(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        processor.authorize(payment(token, unattended=True, browser=BROWSER))
        confirmed = posted(sent, "confirm$")
        assert confirmed["off_session"] == "true"
        assert "return_url" not in confirmed

    def test_a_customer_in_a_browser_can_be_sent_back(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        processor.authorize(payment(token, browser=BROWSER))
        assert posted(sent, "confirm$")["return_url"] == BROWSER.return_url

    @pytest.mark.parametrize(
        ("identifier", "suffix"),
        [
            ("ACME*BOOKS", "ACMEBOOKS"),
            ("Acme <Books> of the Month", "Acme Books of the Mont"),
            ("12345", None),
            ("", None),
        ],
    )
    def test_the_statement_identifier_stands_behind_the_merchants_name(
        self, processor: StripeProcessor, token: str, sent: list[Sent], identifier: str, suffix: str | None
    ) -> None:
        processor.authorize(payment(token, statement_identifier=identifier))
        assert posted(sent, "payment_intents$").get("statement_descriptor_suffix") == suffix


class TestWhoPays:
    @pytest.fixture
    def customer(self, far_end: FarEnd, token: str) -> str:
        default = {"payment_method": token, "invoice_settings[default_payment_method]": token}
        found: str = far_end.ask("POST", "/v1/customers", default)["id"]
        return found

    def test_a_kept_card_is_charged_as_its_customers(
        self, processor: StripeProcessor, token: str, customer: str, sent: list[Sent]
    ) -> None:
        assert processor.authorize(payment(token)).kind is APPROVED
        asked = posted(sent, "payment_intents$")
        assert (asked["customer"], asked["payment_method"]) == (customer, token)

    def test_a_customer_pays_with_his_default_card(
        self, processor: StripeProcessor, token: str, customer: str, sent: list[Sent]
    ) -> None:
        assert processor.authorize(payment(customer)).kind is APPROVED
        asked = posted(sent, "payment_intents$")
        assert (asked["customer"], asked["payment_method"]) == (customer, token)

    def test_both_can_be_named_and_nobody_is_asked(
        self, processor: StripeProcessor, token: str, customer: str, sent: list[Sent]
    ) -> None:
        assert processor.authorize(payment(f"{customer}/{token}")).kind is APPROVED
        assert [one.method for one in sent] == ["POST", "POST"]

    def test_a_customer_without_a_card_is_not_on_file(
        self, processor: StripeProcessor, far_end: FarEnd
    ) -> None:
        nobody = far_end.ask("POST", "/v1/customers", {"name": "Ada"})["id"]
        request = payment(nobody)
        result = processor.authorize(request)
        assert (result.kind, result.auth_code, result.is_hard) == (DECLINED, "304", True)
        assert processor.status(request.key) == result

    def test_a_wallet_pays_by_its_agreement(self, processor: StripeProcessor, token: str) -> None:
        wallet = WalletDetails("ApplePay", agreement=token)
        assert processor.authorize(payment(None, instrument=wallet)).kind is APPROVED

    def test_a_number_is_never_sent_unless_a_setting_says_so(
        self, processor: StripeProcessor, sent: list[Sent]
    ) -> None:
        request = payment(None, instrument=CardDetails(Secret(VISA), "203812"))
        result = processor.authorize(request)
        assert (result.kind, result.auth_code) == (DECLINED, "227")
        assert processor.validate(replace(request, key=new_key())).auth_code == "227"
        assert sent == []

    def test_with_the_setting_it_is_sent_with_what_the_bank_compares(
        self, journal: Journal, far_end: FarEnd, sent: list[Sent]
    ) -> None:
        processor = made(journal, far_end, send_numbers=True)
        address = ProcessorAddress("1 Main St", "Oakland", "CA", "94607", "US", "Ada Reader")
        card = CardDetails(Secret(VISA), "203812")
        request = payment(None, instrument=card, billing_address=address, cvn=Secret("123"))
        assert processor.authorize(request).kind is APPROVED
        asked = posted(sent, "payment_methods$")
        assert (asked["card[exp_month]"], asked["card[exp_year]"], asked["card[cvc]"]) == (
            "12",
            "2038",
            "123",
        )
        assert asked["billing_details[name]"] == "Ada Reader"
        assert asked["billing_details[address][line1]"] == "1 Main St"
        assert asked["billing_details[address][postal_code]"] == "94607"
        assert "billing_details[address][line2]" not in asked


class TestWhatIsMadeOfAnswers:
    def test_the_card_and_its_checks_are_told(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        card = {
            "checks": {
                "address_line1_check": "pass",
                "address_postal_code_check": "fail",
                "cvc_check": "pass",
            },
            "authorization_code": "012345",
            "funding": "prepaid",
            "country": "NL",
        }
        charge = {"status": "succeeded", "payment_method_details": {"card": card}}
        intent = {"id": "pi_1", "status": "requires_capture", "latest_charge": charge}
        with far_end.telling("confirm$", 200, intent):
            result = processor.authorize(payment(token))
        assert (result.auth_code, result.avs_code, result.cvn_code) == ("100", "A", "M")
        assert result.auth_approval_code == "012345"
        assert result.card_attributes == CardAttributes(
            credit_card=0, debit_card=0, prepaid_card=1, country_of_issuance="NL"
        )

    def test_a_customer_waits_on_the_page_of_his_bank(
        self, processor: StripeProcessor, far_end: FarEnd
    ) -> None:
        request = payment(far_end.card(WANTS_THE_CUSTOMER), browser=BROWSER)
        action = {"type": "redirect_to_url", "redirect_to_url": {"url": PAGE}}
        waiting = {"id": "pi_1", "status": "requires_action", "next_action": action}
        with far_end.telling("/payment_intents/", 200, waiting):
            result = processor.authorize(request)
            assert result.kind is PENDING
            assert result.pending_status is TransactionStatusType.AUTHORIZATION_PENDING
            assert result.redirect_url == PAGE
            assert result.challenge is not None
            assert result.challenge.redirect_url == PAGE
            assert processor.status(request.key) == result
        done = {"id": "pi_1", "status": "requires_capture"}
        with far_end.telling("/payment_intents/", 200, done):
            assert processor.status(request.key).kind is APPROVED

    def test_a_customer_who_fails_there_is_declined(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token, browser=BROWSER)
        error = {"code": "payment_intent_authentication_failure"}
        failed = {"id": "pi_1", "status": "requires_payment_method", "last_payment_error": error}
        with far_end.telling("/payment_intents/", 200, failed):
            result = processor.authorize(request)
        assert (result.kind, result.auth_code, result.is_hard) == (DECLINED, "401", False)

    def test_nobody_waits_where_there_is_no_page(self, processor: StripeProcessor, far_end: FarEnd) -> None:
        request = payment(far_end.card(WANTS_THE_CUSTOMER))
        result = processor.authorize(request)
        assert (result.kind, result.auth_code, result.is_hard) == (DECLINED, "401", False)
        assert intent_of(far_end, result)["status"] == "canceled"
        assert processor.status(request.key) == result
        assert processor.authorize(request) == result

    def test_a_validation_does_not_wait_either(self, processor: StripeProcessor, far_end: FarEnd) -> None:
        request = payment(far_end.card(WANTS_THE_CUSTOMER), browser=BROWSER)
        result = processor.validate(request)
        assert (result.kind, result.auth_code) == (DECLINED, "401")
        assert processor.status(request.key) == result

    def test_a_payment_that_takes_days_is_asked_after(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token)
        with far_end.telling("/payment_intents/", 200, {"id": "pi_1", "status": "processing"}):
            result = processor.authorize(request)
            assert result.pending_status is TransactionStatusType.AUTHORIZED_PENDING
            assert processor.capture(request.key, request.amount) == result

    def test_a_refund_that_takes_days_is_pending_until_it_failed(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request, key = payment(token, capture=True), new_key()
        processor.authorize(request)
        refund = {"id": "re_1", "object": "refund", "status": "pending", "amount": 2500}
        refund |= {"metadata": {"cashbox_request_key": key}}

        def listed(**changes: Any) -> dict[str, Any]:
            return {"object": "list", "data": [refund | changes], "has_more": False, "url": "/v1/refunds"}

        with far_end.telling("POST /v1/refunds$", 200, refund):
            assert processor.refund(request.key, request.amount, key).kind is PENDING
        with far_end.telling("GET /v1/refunds$", 200, listed()):
            assert processor.status(key).kind is PENDING
            assert processor.refund(request.key, usd("0.01"), new_key()).kind is DECLINED
        refusal = {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        with far_end.telling("GET /v1/refunds$", 200, listed(**refusal)):
            failed = processor.status(key)
            assert (failed.kind, failed.auth_code) == (DECLINED, "502")

    def test_what_stripe_does_not_take_is_declined_and_closed(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token, browser=BROWSER)
        refusal = {"error": {"type": "invalid_request_error", "code": "url_invalid", "param": "return_url"}}
        with far_end.telling("confirm$", 400, refusal):
            result = processor.authorize(request)
        assert (result.kind, result.auth_code) == (DECLINED, "594")
        assert intent_of(far_end, result)["status"] == "canceled"
        assert processor.status(request.key) == result

    @pytest.mark.parametrize(
        ("error", "code"),
        [
            ({"code": "amount_too_small", "param": "amount"}, "607"),
            ({"param": "currency"}, "238"),
            ({"code": "something_new"}, "594"),
        ],
    )
    def test_what_cannot_be_paid_at_all_is_declined(
        self, processor: StripeProcessor, token: str, far_end: FarEnd, error: dict[str, str], code: str
    ) -> None:
        with far_end.telling("payment_intents$", 400, {"error": error}):
            request = payment(token, "0.10")
            result = processor.authorize(request)
        assert (result.kind, result.auth_code) == (DECLINED, code)
        assert processor.status(request.key) == result

    def test_a_part_of_the_smallest_unit_is_not_sent(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        result = processor.authorize(payment(token, amount=Money(usd("0.20").amount, "MGA")))
        assert (result.kind, result.auth_code) == (DECLINED, "607")
        assert [one for one in sent if one.method == "POST"] == []


class TestWithoutAnswer:
    @pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
    def test_an_intent_that_cannot_be_made_moves_nothing(
        self, processor: StripeProcessor, token: str, far_end: FarEnd, status: int
    ) -> None:
        request = payment(token)
        with far_end.telling("payment_intents$", status, {"error": {"type": "api_error"}}):
            result = processor.authorize(request)
        assert result == PaymentResult.never_received()
        assert processor.status(request.key) == result

    def test_an_answer_that_takes_too_long_is_none(
        self, journal: Journal, token: str, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(calls, "PATIENT_SECONDS", 0.3)
        processor, request = made(journal, far_end), payment(token)
        with far_end.holding("/confirm$"):
            assert processor.authorize(request).kind is UNKNOWN
        assert processor.status(request.key).kind is APPROVED

    def test_nobody_at_the_address_moves_nothing(self, journal: Journal) -> None:
        settings = StripeSettings(key=Secret(KEY), url="http://127.0.0.1:9")
        processor, request = StripeProcessor(journal, StripeCalls(settings)), payment("pm_1")
        assert processor.authorize(request) == PaymentResult.never_received()
        assert processor.validate(payment("pm_1")) == PaymentResult.never_received()

    def test_all_answers_together_take_less_than_a_processor_may(self) -> None:
        chain = 4 * (calls.CONNECT_SECONDS + calls.QUICK_SECONDS)
        chain += calls.CONNECT_SECONDS + calls.PATIENT_SECONDS
        assert chain < MAX_CALL_SECONDS

    @pytest.mark.parametrize("answer", ["<html>", [], {}])
    def test_an_answer_that_is_none_of_stripes_is_none(
        self, processor: StripeProcessor, token: str, far_end: FarEnd, answer: Any
    ) -> None:
        with far_end.telling("confirm$", 200, answer):
            assert processor.authorize(payment(token)).kind is UNKNOWN

    @pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
    def test_one_that_may_have_been_confirmed_is_unknown(
        self, processor: StripeProcessor, token: str, far_end: FarEnd, status: int
    ) -> None:
        request = payment(token)
        with far_end.telling("confirm$", status, {"error": {"type": "api_error"}}):
            assert processor.authorize(request).kind is UNKNOWN
        with far_end.telling("/payment_intents/", status, {"error": {"type": "api_error"}}):
            assert processor.status(request.key).kind is UNKNOWN
            assert processor.capture(request.key, request.amount).kind is UNKNOWN
            assert processor.void(request.key, request.amount).kind is UNKNOWN
            assert processor.refund(request.key, request.amount, new_key()).kind is UNKNOWN

    def test_asking_what_became_of_a_request_ends_it_when_it_never_came(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token)
        with far_end.losing("request", "confirm$"):
            assert processor.authorize(request).kind is UNKNOWN
        assert processor.status(request.key) == PaymentResult.never_received()
        assert processor.authorize(request) == PaymentResult.never_received()
        assert processor.status(request.key) == PaymentResult.never_received()

    def test_what_was_confirmed_meanwhile_is_not_ended(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        """Asked while the confirmation is on its way: the intent cannot be cancelled any more, and tells why."""
        request = payment(token, capture=True)
        with far_end.losing("answer", "confirm$"):
            processor.authorize(request)
        intent = far_end.sent[-1].path.split("/")[3]
        before = {"id": intent, "object": "payment_intent", "status": "requires_confirmation"}
        with far_end.telling_once(f"GET .*{intent}$", 200, before):
            assert processor.status(request.key).kind is APPROVED

    def test_a_lost_request_can_be_sent_again_under_its_key(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token)
        with far_end.losing("request", "confirm$"):
            assert processor.authorize(request).kind is UNKNOWN
        assert processor.authorize(request).kind is APPROVED


class TestOnlyOnce:
    def test_refunds_of_one_key_at_the_same_moment_are_one(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request, key = payment(token, capture=True), new_key()
        paid = processor.authorize(request)
        results = together(lambda: processor.refund(request.key, usd("5.00"), key))
        assert {result.kind for result in results} == {APPROVED}
        assert far_end.refunds(str(paid.processor_transaction_id)) == [500]

    def test_requests_of_one_key_at_the_same_moment_are_one_charge(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request = payment(token, capture=True, merchant="c" * 40)
        results = together(lambda: processor.authorize(request))
        assert {result.kind for result in results} == {APPROVED}
        assert len({result.processor_transaction_id for result in results}) == 1
        assert far_end.held("c" * 40) == [2500]

    def test_a_refund_that_stripe_has_forgotten_the_key_of_is_found(
        self, processor: StripeProcessor, token: str, far_end: FarEnd
    ) -> None:
        request, key = payment(token, capture=True), new_key()
        paid = processor.authorize(request)
        with far_end.losing("answer", "POST .*refunds$"):
            assert processor.refund(request.key, usd("5.00"), key).kind is UNKNOWN
        far_end.forget_keys()
        assert processor.status(key).kind is APPROVED
        assert processor.refund(request.key, usd("5.00"), key).kind is APPROVED
        assert far_end.refunds(str(paid.processor_transaction_id)) == [500]

    def test_a_capture_under_a_key_of_its_own_is_the_only_one(
        self, processor: StripeProcessor, token: str
    ) -> None:
        request, key = payment(token), new_key()
        processor.authorize(request)
        taken = processor.capture(request.key, usd("10.00"), key)
        assert taken.kind is APPROVED
        assert processor.status(key) == taken
        other = new_key()
        assert processor.capture(request.key, usd("10.00"), other).kind is DECLINED
        assert processor.status(other).kind is DECLINED
        assert processor.capture(request.key, usd("10.00")).kind is DECLINED

    def test_a_key_serves_one_purpose(self, processor: StripeProcessor, token: str) -> None:
        first, second, key = payment(token, capture=True), payment(token, capture=True), new_key()
        processor.authorize(first)
        processor.authorize(second)
        processor.refund(first.key, usd("5.00"), key)
        with pytest.raises(ValueError, match="was used for"):
            processor.refund(second.key, usd("5.00"), key)
        with pytest.raises(ValueError, match="was used for"):
            processor.authorize(payment(token, key=key))


class TestNothing:
    def test_of_an_amount_of_zero_nothing_is_taken_or_given_back(
        self, processor: StripeProcessor, token: str, sent: list[Sent]
    ) -> None:
        request = payment(token, "0.00")
        assert processor.authorize(request).auth_code == "101"
        assert processor.capture(request.key, request.amount).kind is APPROVED
        assert processor.void(request.key, request.amount).kind is APPROVED
        assert processor.refund(request.key, request.amount, new_key()).kind is DECLINED
        assert not [one for one in sent if "payment_intents" in one.path]

    def test_what_waits_for_its_customer_can_be_called_off(
        self, processor: StripeProcessor, far_end: FarEnd, token: str
    ) -> None:
        request = payment(token)
        with far_end.losing("request", "confirm$"):
            processor.authorize(request)
        assert processor.void(request.key, request.amount).kind is APPROVED
        assert processor.status(request.key).kind is DECLINED
