"""Stripe's own minor units and words for reasons, and the settings of the processor."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.auth_codes import CATALOGUE, is_approval
from cashbox_service.domain.currency_digits import MINOR_DIGITS
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.money import Money
from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.registry import Surroundings, build_registry
from cashbox_service.processors.stripe import amounts, codes
from cashbox_service.processors.stripe.settings import StripeSettings
from tests.servers import ROOT
from tests.stripe.conftest import LINE


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("12.50", "USD", 1250),
        ("0.00", "USD", 0),
        ("500", "JPY", 500),
        ("5", "MGA", 5),
        ("5", "ISK", 500),
        ("5", "UGX", 500),
        ("1000.50", "HUF", 100050),
        ("5.120", "KWD", 5120),
    ],
)
def test_amounts_are_counted_as_stripe_counts_them(amount: str, currency: str, units: int) -> None:
    money = Money.of(Decimal(amount), currency)
    assert amounts.minor_units(money) == units
    assert amounts.money_of(units, currency.lower()) == money


@pytest.mark.parametrize(("amount", "currency"), [("0.20", "MGA"), ("5.124", "KWD")])
def test_what_stripe_cannot_charge_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(amounts.NotPayable):
        amounts.minor_units(Money.of(Decimal(amount), currency))


@given(st.sampled_from(sorted(MINOR_DIGITS)), st.integers(0, 10**9))
def test_an_amount_comes_back_as_it_went(currency: str, whole: int) -> None:
    money = Money.of(whole, currency)
    assert amounts.money_of(amounts.minor_units(money), currency) == money


@pytest.mark.parametrize("table", [codes.DECLINES, codes.REFUSALS, codes.FAILED_REFUNDS])
def test_every_reason_has_a_code_of_the_catalogue_that_declines(table: dict[str, str]) -> None:
    for word, code in table.items():
        assert code in CATALOGUE, word
        assert not is_approval(code), word


@pytest.mark.parametrize(
    ("decline_code", "code", "auth_code", "hard"),
    [
        ("insufficient_funds", "card_declined", "302", False),
        ("stolen_card", "card_declined", "502", True),
        ("do_not_try_again", "card_declined", "303", True),
        ("generic_decline", "card_declined", "303", False),
        (None, "expired_card", "522", True),
        ("a_new_word", "card_declined", "303", False),
        (None, None, "303", False),
        (None, "resource_missing", "304", True),
    ],
)
def test_a_decline_is_hard_or_soft_by_its_reason(
    decline_code: str | None, code: str | None, auth_code: str, hard: bool
) -> None:
    result = codes.declined(decline_code, code)
    assert (result.auth_code, result.is_hard) == (auth_code, hard)


@pytest.mark.parametrize(
    ("street", "postal", "code"),
    [
        ("pass", "pass", "Y"),
        ("pass", "fail", "A"),
        ("fail", "pass", "Z"),
        ("fail", "fail", "N"),
        ("unavailable", "unavailable", "U"),
        ("pass", "unavailable", "B"),
        (None, "pass", "P"),
        ("unchecked", "unchecked", None),
        (None, None, None),
    ],
)
def test_the_address_check_is_told_in_letters(
    street: str | None, postal: str | None, code: str | None
) -> None:
    checks = {"address_line1_check": street, "address_postal_code_check": postal}
    assert codes.avs_code(checks) == code


@pytest.mark.parametrize(
    ("check", "code"), [("pass", "M"), ("fail", "N"), ("unavailable", "U"), ("unchecked", "P"), (None, None)]
)
def test_so_is_the_check_of_the_verification_number(check: str | None, code: str | None) -> None:
    assert codes.cvn_code({"cvc_check": check}) == code


class TestSettings:
    def build(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], *, production: bool = False
    ) -> str:
        """The name of the processor, or why there is none."""
        monkeypatch.delenv("CASHBOX_STRIPE_KEY", raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(f"CASHBOX_STRIPE_{name.upper()}", value)
        surroundings = Surroundings(MemoryJournal(), production=production)
        try:
            return build_registry([LINE], surroundings, sandbox=True).for_type("CreditCard").name
        except ValueError as error:
            return str(error)

    @pytest.mark.parametrize(
        ("variables", "said"),
        [
            ({}, "CASHBOX_STRIPE_KEY is needed: the secret key of the Stripe account"),
            ({"key": "pk_test_1"}, "CASHBOX_STRIPE_KEY must be a secret or restricted key: sk_... or rk_..."),
            (
                {"key": "sk_test_1", "url": "http://stripe.example"},
                "CASHBOX_STRIPE_URL must be an https URL, unless it is on this machine",
            ),
            (
                {"key": "sk_test_1", "url": "stripe.example"},
                "CASHBOX_STRIPE_URL must be a plain http or https URL",
            ),
            (
                {"key": "sk_test_1", "send_numbers": "maybe"},
                "CASHBOX_STRIPE_SEND_NUMBERS must be true or false",
            ),
            (
                {"key": "sk_live_1"},
                "CASHBOX_STRIPE_KEY is a live key: it moves real money, in production mode only",
            ),
            ({"key": "sk_test_1"}, "stripe"),
            ({"key": "rk_test_1", "url": "https://stripe.example/"}, "stripe"),
        ],
    )
    def test_what_is_wrong_is_named_and_never_quoted(
        self, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], said: str
    ) -> None:
        assert self.build(monkeypatch, variables) == said

    def test_a_live_key_is_for_production(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.build(monkeypatch, {"key": "sk_live_1"}, production=True) == "stripe"

    def test_the_key_is_in_no_repr(self) -> None:
        known = StripeSettings(key=Secret("sk_test_hidden"))
        assert "sk_test_hidden" not in f"{known!r} {known}"

    def test_the_library_is_loaded_only_when_it_is_named(self) -> None:
        code = "import sys, cashbox_service.cli, cashbox_service.wsgi; sys.exit('stripe' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=60)
        assert done.returncode == 0
