"""The sandbox control plane over HTTP, as a test script uses it."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.servers import Answer, Server
from tests.soap_client import Login, envelope

CONTROLS = [
    ("GET", "/sandbox/clock"),
    ("PUT", "/sandbox/clock"),
    ("POST", "/sandbox/clock/advance"),
    ("POST", "/sandbox/reset"),
    ("POST", "/sandbox/bill"),
    ("PUT", "/sandbox/settings"),
    ("GET", "/sandbox/requests"),
    ("PUT", "/sandbox/processor"),
    ("PUT", "/sandbox/tax"),
    ("PUT", "/sandbox/gift-cards"),
    ("POST", "/sandbox/chargebacks"),
]

NOTHING: dict[str, Any] = {"steps": [], "counts": {}, "omitted": 0}
"""The report of a run that had nothing to do."""


class Control:
    """Calls the control plane as one merchant."""

    def __init__(self, server: Server, login: Login) -> None:
        self._server = server
        basic = base64.b64encode(f"{login.login}:{login.password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {basic}"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        sent = self._headers | headers
        if body is not None:
            sent |= {"Content-Type": "application/json"}
        content = b"" if body is None else json.dumps(body).encode()
        return self._server.request(method, f"/sandbox/{path}", content, sent)

    def now(self) -> datetime:
        return datetime.fromisoformat(self("GET", "clock").json()["now"])


@pytest.fixture
def control(server: Server, merchant: Login) -> Control:
    return Control(server, merchant)


@pytest.mark.parametrize(("method", "path"), CONTROLS)
def test_every_control_needs_the_merchants_login(server: Server, method: str, path: str) -> None:
    answer = server.request(method, path)
    assert answer.status == 401
    assert answer.headers["www-authenticate"] == 'Basic realm="sandbox"'
    assert "error" in answer.json()


def test_a_wrong_password_is_refused(server: Server, merchant: Login) -> None:
    assert Control(server, Login(merchant.login, "wrong"))("GET", "clock").status == 401


@pytest.mark.parametrize(
    "header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
def test_a_page_of_another_site_cannot_use_the_browsers_login(
    control: Control, header: dict[str, str]
) -> None:
    assert control("POST", "reset", **header).status == 403


def test_a_page_of_the_service_itself_may(control: Control, server: Server) -> None:
    assert control("GET", "clock", Origin=server.url).status == 200


def test_the_clock_shows_real_time_in_the_merchants_zone_at_first(control: Control) -> None:
    now = control.now()
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=30)
    assert now.utcoffset() in (timedelta(hours=-8), timedelta(hours=-7))


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2016-03-24T12:00:00Z", "2016-03-24T05:00:00"),
        ("2016-03-24T12:00:00+02:00", "2016-03-24T03:00:00"),
        ("2016-03-24T12:00:00", "2016-03-24T12:00:00"),
        ("2016-03-24", "2016-03-24T00:00:00"),
        ("2099-12-31T00:00:00-08:00", "2099-12-31T00:00:00"),
    ],
)
def test_the_clock_is_set_to_any_time_while_there_is_no_autobill(
    control: Control, sent: str, shown: str
) -> None:
    answer = control("PUT", "clock", {"now": sent})
    assert answer.status == 200
    assert answer.json()["now"].startswith(shown)
    assert control.now().replace(microsecond=0).isoformat().startswith(shown[:-2])


@pytest.mark.parametrize("body", [{}, {"now": None}, {"now": 5}, {"now": "tomorrow"}, {"now": ""}])
def test_what_is_no_moment_is_refused(control: Control, body: dict[str, Any]) -> None:
    answer = control("PUT", "clock", body)
    assert answer.status == 400
    assert "now" in answer.json()["error"]


def test_the_clock_advances_by_calendar_days_over_daylight_saving(control: Control) -> None:
    control("PUT", "clock", {"now": "2024-03-09T12:00:00"})
    answer = control("POST", "clock/advance", {"days": 2})
    assert answer.status == 200
    assert answer.json()["now"].startswith("2024-03-11T12:00:00")
    assert answer.json()["now"].endswith("-07:00")
    assert answer.json()["report"] == NOTHING


@pytest.mark.parametrize("days", [0, -1, 1.5, "2", True, None, 10**9])
def test_days_that_are_no_whole_number_in_bounds_are_refused(control: Control, days: object) -> None:
    answer = control("POST", "clock/advance", {"days": days})
    assert answer.status == 400
    assert "days" in answer.json()["error"]


def test_one_merchants_clock_does_not_move_anothers(
    server: Server, control: Control, module_merchant: Login
) -> None:
    control("PUT", "clock", {"now": "2016-03-24T12:00:00Z"})
    other = Control(server, module_merchant).now()
    assert abs(datetime.now(UTC) - other) < timedelta(seconds=30)


def test_reset_puts_the_clock_back_to_real_time(control: Control) -> None:
    control("PUT", "clock", {"now": "2016-03-24T12:00:00Z"})
    assert control("POST", "reset").status == 200
    assert abs(datetime.now(UTC) - control.now()) < timedelta(seconds=30)


def test_with_autobills_the_clock_only_goes_forward_and_advancing_tells_what_was_done(
    server: Server, control: Control, merchant: Login
) -> None:
    control("PUT", "clock", {"now": "2024-01-15T12:00:00"})
    seeded = server.command("seed", merchant.login)
    assert seeded.returncode == 0, seeded.stderr
    assert control("PUT", "clock", {"now": "2024-01-14T12:00:00"}).status == 409
    steps = control("POST", "clock/advance", {"days": 31}).json()["report"]["steps"]
    assert {step["autobill"] for step in steps} == {"sample-card-autobill", "sample-invoice-autobill"}
    assert all(step["on"] == "2024-02-15" for step in steps)
    assert control("POST", "reset").status == 200
    assert control("PUT", "clock", {"now": "2020-01-01"}).status == 200


@pytest.mark.parametrize("body", [None, {}, {"until": "2030-01-01T00:00:00Z"}])
def test_a_billing_run_says_what_it_did(control: Control, body: dict[str, str] | None) -> None:
    answer = control("POST", "bill", body)
    assert (answer.status, answer.json()) == (200, {"report": NOTHING})


def test_settings_are_changed_and_answered_in_full(control: Control) -> None:
    answer = control("PUT", "settings", {"retryDays": [2, 4], "graceDays": 10, "timeZone": "Europe/Berlin"})
    assert answer.status == 200
    settings = answer.json()["settings"]
    assert (settings["retryDays"], settings["graceDays"]) == ([2, 4], 10)
    assert settings["cancelFeePolicy"] == "waive"
    assert control.now().utcoffset() in (timedelta(hours=1), timedelta(hours=2))


@pytest.mark.parametrize("body", [{"graceDays": "x"}, {"nonsense": 1}])
def test_wrong_settings_are_refused_by_name(control: Control, body: dict[str, Any]) -> None:
    answer = control("PUT", "settings", body)
    assert answer.status == 400
    assert next(iter(body)) in answer.json()["error"]


def test_the_last_calls_are_listed_without_their_content(
    server: Server, control: Control, merchant: Login, module_merchant: Login
) -> None:
    argument = '<clientString xmlns="">a secret of the caller</clientString>'
    server.post(envelope(module_merchant, "Diagnostic", "echoString", argument))
    answered = server.post(envelope(merchant, "Diagnostic", "echoString", argument))
    answer = control("GET", "requests")
    (call,) = answer.json()["requests"]
    assert (call["service"], call["operation"], call["version"]) == ("Diagnostic", "echoString", "22.0")
    assert call["returnCode"] == 200
    assert call["soapId"].encode() in answered.body
    assert call["milliseconds"] > 0
    assert abs(datetime.now(UTC) - datetime.fromisoformat(call["time"])) < timedelta(seconds=30)
    assert b"secret" not in answer.body


def test_a_chargeback_comes_in_and_moves_on(control: Control) -> None:
    told = {
        "merchantTransactionId": "T-1",
        "amount": "9.99",
        "caseNumber": "7",
        "postedTimestamp": "2024-01-01",
    }
    first = control("POST", "chargebacks", told)
    assert (first.status, first.json()["created"]) == (200, True)
    stored = first.json()["chargeback"]
    assert (stored["merchantTransactionId"], stored["amount"], stored["currency"], stored["status"]) == (
        "T-1",
        "9.99",
        "USD",
        "New",
    )
    moved = control("POST", "chargebacks", {"VID": stored["VID"], "status": "Won"}).json()
    assert (moved["created"], moved["chargeback"]["VID"]) == (False, stored["VID"])
    assert moved["chargeback"]["status"] == "Won"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "Chargeback must have an amount"),
        ({"amount": "much"}, 'amount "much" must be an amount, such as 9.99.'),
        ({"amount": True}, 'amount "True" must be an amount, such as 9.99.'),
        ({"amount": float("nan")}, 'amount "nan" must be an amount, such as 9.99.'),
        ({"amount": 1e300}, "is more than"),
        ({"amount": "1", "status": "Old"}, 'status "Old" is none of New, '),
        ({"amount": "1", "caseNumber": 7}, 'caseNumber "7" must be text.'),
        ({"amount": "1", "postedTimestamp": "soon"}, 'postedTimestamp "soon" is not an ISO 8601 moment'),
        ({"amount": "1", "nonsense": 1}, 'nonsense "1" is not a field of a chargeback'),
        ({"VID": "none", "amount": "1"}, "none"),
    ],
)
def test_a_chargeback_that_cannot_be_is_refused(control: Control, body: dict[str, Any], said: str) -> None:
    answer = control("POST", "chargebacks", body)
    assert answer.status == 400
    assert said in answer.json()["error"]


VAT = {"country": "GB", "rate": "0.2", "inclusive": True, "jurisdiction": "COUNTRY_78295", "name": "VAT"}


def test_a_tax_table_is_loaded_and_shown(control: Control) -> None:
    assert control("GET", "tax").json() == {"rows": [], "unavailable": False}
    full = {"district": "", "classification": ""} | VAT
    assert control("PUT", "tax", {"rows": [VAT]}).json() == {"rows": [full], "unavailable": False}
    assert control("PUT", "tax", {"unavailable": True}).json() == {"rows": [full], "unavailable": True}
    assert control("POST", "reset").status == 200
    assert control("GET", "tax").json()["rows"] == [full]
    assert control("PUT", "tax", {"rows": [], "unavailable": False}).json()["rows"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"rows": [VAT, {"country": "GB", "rate": 20}]}, 'row 2: rate "20" is not between 0 and 1'),
        ({"rows": VAT}, "is not a list of objects"),
        ({"rows": [], "unavailable": "no"}, 'unavailable "no" must be true or false'),
    ],
)
def test_a_tax_table_that_is_wrong_changes_nothing(control: Control, body: Any, said: str) -> None:
    before = control("PUT", "tax", {"rows": [VAT]}).json()
    answer = control("PUT", "tax", body)
    assert answer.status == 400
    assert said in answer.json()["error"]
    assert control("GET", "tax").json() == before


def test_errors_are_json_whatever_the_request(server: Server, control: Control) -> None:
    for answer, status in (
        (control("GET", "nothing"), 404),
        (control("DELETE", "clock"), 405),
        (control("PUT", "clock"), 415),
        (control("PUT", "clock", ["now"]), 400),
        (control("PUT", "settings", {"x": "y" * 70_000}), 413),
    ):
        assert answer.status == status
        assert answer.headers["content-type"] == "application/json"
        assert "error" in answer.json()
    assert control("DELETE", "clock").headers["allow"]


def test_gift_cards_are_put_on_the_shelf_and_shown_without_their_pins(control: Control) -> None:
    cards = [{"pin": "60064912345", "sku": "gift"}, {"pin": "77", "sku": "gift", "state": "Deactive"}]
    answer = control("PUT", "gift-cards", {"cards": cards})
    assert answer.json() == {
        "cards": [
            {"lastDigits": "2345", "sku": "gift", "state": "Active"},
            {"lastDigits": "77", "sku": "gift", "state": "Deactive"},
        ]
    }


@pytest.mark.parametrize(
    ("card", "text"),
    [
        ({"pin": "1"}, "Missing required parameter 'sku'."),
        ({"pin": "1", "sku": "gift", "state": "Lost"}, 'state "Lost" is none of'),
        ({"pin": "1", "sku": "gift", "timeOut": "never"}, 'timeOut "never" is none of'),
    ],
)
def test_a_gift_card_that_cannot_be_is_refused_by_name(
    control: Control, card: dict[str, str], text: str
) -> None:
    answer = control("PUT", "gift-cards", {"cards": [card]})
    assert (answer.status, answer.json()["error"][: len(text)]) == (400, text)
