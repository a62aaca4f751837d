"""Settings of the process and of a merchant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cashbox_service.checked import WrongValue
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.faults import FaultPoint
from cashbox_service.merchant_settings import MerchantSettings
from cashbox_service.settings import Settings


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.defaults():
        monkeypatch.delenv(f"CASHBOX_{name.upper()}", raising=False)


def test_without_settings_the_service_is_a_sandbox_on_loopback_over_sqlite() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.mode) == ("127.0.0.1", 8080, "sandbox")
    assert settings.database_url == "sqlite:///var/cashbox.db"
    assert settings.workers == 1
    assert settings.on_loopback
    assert settings.runs_embedded_worker


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("host", "0.0.0.0", "0.0.0.0"),
        ("port", "0", 0),
        ("database_url", "postgresql://db/cashbox", "postgresql://db/cashbox"),
        ("public_url", "https://billing.example/", "https://billing.example"),
        ("mode", "production", "production"),
        ("workers", "4", 4),
        ("embedded_worker", "false", False),
        ("processors", "CreditCard = a:b\n\n * = c:d\n", ("CreditCard = a:b", "* = c:d")),
        ("smtp_host", "mail.example", "mail.example"),
        ("smtp_port", "25", 25),
        ("smtp_tls", "none", "none"),
        ("mail_sender", "Shop <shop@example.com>", "Shop <shop@example.com>"),
        ("vault_key_file", "/etc/cashbox.key", Path("/etc/cashbox.key")),
    ],
)
def test_every_setting_is_an_environment_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"CASHBOX_{name.upper()}", text)
    assert getattr(Settings(), name) == value


def test_a_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_PORT", "9000")
    assert Settings(port=9001).port == 9001


def test_an_empty_environment_variable_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_PUBLIC_URL", "")
    monkeypatch.setenv("CASHBOX_PORT", "")
    assert Settings().public_url is None
    assert Settings().port == 8080


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", 65536),
        ("port", -1),
        ("mode", "test"),
        ("workers", 0),
        ("public_url", "ftp://billing.example"),
        ("public_url", "https://billing.example/?a=b"),
        ("public_url", "https://"),
        ("public_url", "https://billing.example:65536"),
        ("workers", "two"),
        ("embedded_worker", "perhaps"),
        ("host", 1),
        ("max_request_bytes", 10),
        ("fault_point", "nowhere"),
        ("smtp_tls", "perhaps"),
        ("mail_sender", "a@example.com\nBcc: b@example.com"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(name: str, value: object) -> None:
    settings: dict[str, Any] = {name: value}
    with pytest.raises(WrongValue, match=f"^{name}: "):
        Settings(**settings)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    settings: dict[str, Any] = {"nonsense": 1}
    with pytest.raises(TypeError, match="nonsense"):
        Settings(**settings)


def test_a_wrong_environment_variable_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_PORT", "eighty")
    with pytest.raises(WrongValue, match="port: must be a whole number"):
        Settings()


def test_fault_points_are_for_the_sandbox_only() -> None:
    assert Settings(fault_point=FaultPoint.MONEY_RETURNED).fault_point is FaultPoint.MONEY_RETURNED
    with pytest.raises(WrongValue, match="sandbox mode only"):
        Settings(fault_point=FaultPoint.MONEY_RETURNED, mode="production")


def test_the_encryption_key_is_not_shown() -> None:
    assert "abcdef" not in repr(Settings(vault_key="abcdef" * 10))
    assert "abcdef" not in repr(Settings(smtp_password="abcdef"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"host": "::1"}, "http://[::1]:8080"),
        ({"host": "0.0.0.0"}, "http://localhost:8080"),
        ({"public_url": "https://billing.example:8443/"}, "https://billing.example:8443"),
    ],
)
def test_the_public_address_is_made_from_host_and_port_unless_given(
    given: dict[str, Any], expected: str
) -> None:
    assert Settings(**given).base_url() == expected


def test_the_public_address_names_the_port_that_was_really_bound() -> None:
    assert Settings(port=0).base_url(43211) == "http://127.0.0.1:43211"


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        ({}, True),
        ({"mode": "production"}, True),
        ({"database_url": "postgresql://db/x"}, True),
        ({"mode": "production", "database_url": "postgresql://db/x"}, False),
        ({"mode": "production", "database_url": "postgresql://db/x", "embedded_worker": True}, True),
        ({"embedded_worker": False}, False),
    ],
)
def test_the_embedded_worker_is_left_out_where_workers_run_apart(given: dict[str, Any], runs: bool) -> None:
    assert Settings(**given).runs_embedded_worker is runs


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("db.example", False)],
)
def test_loopback_is_told_from_the_rest(host: str, loopback: bool) -> None:
    assert Settings(host=host).on_loopback is loopback


def test_merchant_defaults_are_those_of_the_settings_table() -> None:
    assert MerchantSettings().as_json() == {
        "timeZone": "America/Los_Angeles",
        "billingLeadDays": 0,
        "imminentBillingHours": 25,
        "retryDays": [3, 7, 14],
        "graceDays": 21,
        "dunningDays": [7, 14, 30],
        "mapCancelAfterDays": None,
        "cancelFeePolicy": "waive",
        "chargebackCancelsAutoBill": False,
        "entitleOnPendingDeposit": True,
        "defaultCurrency": "USD",
        "avsRefusedResults": ["NoMatch"],
        "cvnRefusedCodes": ["N"],
        "avsCvnRequired": False,
        "taxProcessing": "auto",
        "taxWhenUnavailable": "inclusive",
        "taxCaptureDelayMinutes": 60,
        "authExpirationDays": 7,
        "pendingExpirationHours": 72,
        "webSessionMinutes": 60,
        "paymentPageName": None,
        "paymentPageFrames": [],
        "paymentTypes": [],
        "transactionIdPrefix": "INT",
        "feeGateway": None,
        "gatewayMinimums": [],
        "gatewayMaximums": [],
        "maxPaymentAttempts": 10,
        "maxCardsPerAttempt": 3,
        "cardDeclinedMinutes": 10,
        "cardUsedMinutes": 0,
        "fraudScoreLimit": 90,
        "payorAddress": "Not supplied",
        "payorCity": "Not supplied",
        "payorState": "NA",
        "payorCountry": "US",
        "payorEmail": "none@example.invalid",
        "mailSender": None,
        "builtInMails": ["invoice", "statement", "dunning", "expirationWarning", "cardExpiration"],
        "cardExpiryMonths": None,
        "maxCouponCodes": 100000,
        "maxPageSize": 10000,
    }


@pytest.mark.parametrize(
    ("name", "given", "attribute", "value"),
    [
        ("retryDays", "1, 5,10", "retry_days", (1, 5, 10)),
        ("retryDays", [2, 4], "retry_days", (2, 4)),
        ("retryDays", "", "retry_days", ()),
        ("graceDays", "30", "grace_days", 30),
        ("graceDays", 0, "grace_days", 0),
        ("mapCancelAfterDays", "45", "map_cancel_after_days", 45),
        ("mapCancelAfterDays", "", "map_cancel_after_days", None),
        ("cancelFeePolicy", "full", "cancel_fee_policy", "full"),
        ("chargebackCancelsAutoBill", "true", "chargeback_cancels_autobill", True),
        ("entitleOnPendingDeposit", False, "entitle_on_pending_deposit", False),
        ("defaultCurrency", "EUR", "default_currency", "EUR"),
        ("timeZone", "Europe/Berlin", "time_zone", "Europe/Berlin"),
        ("avsRefusedResults", "NoMatch,PartialMatch", "avs_refused_results", ("NoMatch", "PartialMatch")),
        ("cvnRefusedCodes", [], "cvn_refused_codes", ()),
        ("transactionIdPrefix", "", "transaction_id_prefix", ""),
        ("builtInMails", "", "built_in_mails", ()),
        ("cardExpiryMonths", "2", "card_expiry_months", 2),
    ],
)
def test_a_merchant_setting_is_changed_by_text_and_by_json(
    name: str, given: object, attribute: str, value: object
) -> None:
    changed = MerchantSettings().changed({name: given})
    assert getattr(changed, attribute) == value
    assert MerchantSettings.from_stored(changed.to_stored()) == changed


def test_only_what_differs_from_the_defaults_is_stored() -> None:
    changed = MerchantSettings().changed({"graceDays": 30, "billingLeadDays": 0})
    assert changed.to_stored() == {"graceDays": 30}


def test_none_puts_a_setting_back_to_its_default() -> None:
    changed = MerchantSettings().changed({"graceDays": 30, "retryDays": [1]})
    assert changed.changed({"graceDays": None}).to_stored() == {"retryDays": [1]}


@pytest.mark.parametrize(
    ("name", "given", "reason"),
    [
        ("graceDays", "three", "must be a whole number"),
        ("graceDays", 1.5, "must be a whole number"),
        ("graceDays", True, "must be a whole number"),
        ("graceDays", -1, "greater than or equal to 0"),
        ("retryDays", "7,3", "ascending"),
        ("retryDays", [3, 3], "ascending"),
        ("retryDays", [0], "greater than or equal to 1"),
        ("retryDays", 3, "must be a list"),
        ("cancelFeePolicy", "half", "'waive', 'prorate' or 'full'"),
        ("chargebackCancelsAutoBill", "perhaps", "must be true or false"),
        ("defaultCurrency", "usd", "ISO 4217"),
        ("defaultCurrency", "_VT", "ISO 4217"),
        ("timeZone", "Mars/Olympus", "is not a time zone"),
        ("timeZone", ["UTC"], "must be text"),
        ("retryDays", "1,,3", "must be a whole number"),
        ("retryDays", list(range(1, 22)), "at most 20"),
        ("cvnRefusedCodes", {"N": 1}, "must be a list"),
        ("avsRefusedResults", ["Nonsense"], "NoMatch"),
        ("transactionIdPrefix", "a b", "dashes"),
        ("mailSender", "nobody", "must be an e-mail address"),
        ("builtInMails", "invoice,greeting", "'invoice'"),
        ("maxPageSize", 100, "greater than or equal to 10000"),
    ],
)
def test_a_wrong_merchant_setting_is_refused_with_its_name_and_value(
    name: str, given: object, reason: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        MerchantSettings().changed({name: given})
    assert refused.value.field == name
    assert refused.value.value == given
    assert reason in str(refused.value)


@pytest.mark.parametrize("name", ["nonsense", "grace_days", "gracedays", ""])
def test_an_unknown_merchant_setting_is_refused_with_the_list_of_names(name: str) -> None:
    with pytest.raises(InvalidValue, match="graceDays") as refused:
        MerchantSettings().changed({name: 1})
    assert refused.value.value == name


def test_a_stored_setting_of_another_version_is_refused() -> None:
    with pytest.raises(InvalidValue, match="futureRule"):
        MerchantSettings.from_stored({"futureRule": 1})
