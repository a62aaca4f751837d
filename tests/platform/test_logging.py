"""Logs: structured, and without secrets whatever way they come."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service import ids
from cashbox_service.logging import LEAKING_LOGGERS, configure, get_logger
from cashbox_service.redaction import REMOVED, is_card_number, is_harmless, redact_fields, redact_text

CARD = "4111111111111111"
CARDS = [
    CARD,
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "4222222222222",
    "6304000000000000000",
]


SECRET_NAMES = [
    "password",
    "soap_password",
    "cvn",
    "CVN",
    "CVV2",
    "hmac_key",
    "apiKey",
    "api_key",
    "Authorization",
    "cardNumber",
    "account_number",
    "SecurityKey",
    "password_hash",
    "client_secret",
    "passwd",
    "passphrase",
    "cvc",
    "security_code",
    "x-api-key",
    "Cookie",
    "pan",
    "iban",
    "routingNumber",
    "encryption_key",
    "private_key",
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure(stream, json=True)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def only_line(stream: io.StringIO) -> dict[str, Any]:
    (line,) = stream.getvalue().splitlines()
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_an_event_is_one_json_line_with_time_level_and_logger(lines: io.StringIO) -> None:
    get_logger("cashbox_service.soap").info("call", service="Account", code=200)
    line = only_line(lines)
    assert line["event"] == "call"
    assert (line["service"], line["code"]) == ("Account", 200)
    assert (line["level"], line["logger"]) == ("info", "cashbox_service.soap")
    assert line["timestamp"].endswith("Z")


def test_logs_of_libraries_take_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("sent %s to %s", CARD, "bank")
    line = only_line(lines)
    assert line["event"] == "sent [card 1111] to bank"
    assert (line["level"], line["logger"]) == ("warning", "some.library")


def test_an_exception_is_logged_without_the_card_number_in_it(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot charge {CARD}")
    except ValueError:
        get_logger("test").exception("failed")
    assert "ValueError: cannot charge [card 1111]" in only_line(lines)["exception"]


def test_a_value_that_is_no_json_is_shown(lines: io.StringIO) -> None:
    get_logger("test").info("charged", amount=Decimal("1.50"), at=[date(2024, 2, 29)])
    line = only_line(lines)
    assert line["amount"] == "Decimal('1.50')"
    assert line["at"] == ["datetime.date(2024, 2, 29)"]


def test_a_line_for_eyes_has_columns_and_values_as_one_word_each(lines: io.StringIO) -> None:
    configure(lines)
    get_logger("cashbox_service.soap").info(
        "call", service="Account", code=200, text="two words\n", path="a=b"
    )
    time, rest = lines.getvalue().split(" ", 1)
    assert datetime.fromisoformat(time).utcoffset() == timedelta(0)
    assert rest == (
        "[info     ] call                           [cashbox_service.soap] service=Account code=200"
        " text='two words\\n' path='a=b'\n"
    )


def test_an_exception_follows_its_line_for_eyes(lines: io.StringIO) -> None:
    configure(lines)
    get_logger("test").exception("failed", exc_info=ValueError(f"cannot charge {CARD}"), attempt=2)
    first, *rest = lines.getvalue().splitlines()
    assert first.endswith("failed                         [test] attempt=2")
    assert rest == ["ValueError: cannot charge [card 1111]"]


def test_events_below_the_level_are_dropped(lines: io.StringIO) -> None:
    get_logger("test").debug("details")
    logging.getLogger("some.library").debug("details")
    assert lines.getvalue() == ""


@pytest.mark.parametrize("name", LEAKING_LOGGERS)
def test_loggers_that_write_whole_bodies_are_silent(lines: io.StringIO, name: str) -> None:
    logging.getLogger(name).error("<account>%s</account>", CARD)
    assert lines.getvalue() == ""


def test_spyne_has_no_further_logger_for_invalid_bodies() -> None:
    import spyne.protocol.soap.soap12
    import spyne.protocol.xml  # noqa: F401

    known = {
        name for name in logging.root.manager.loggerDict if name.startswith("spyne") and "invalid" in name
    }
    assert known <= set(LEAKING_LOGGERS)


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_fields_with_a_telling_name_are_removed_at_any_depth(name: str) -> None:
    assert redact_fields({"outer": [{name: "hunter2"}]}) == {"outer": [{name: REMOVED}]}


@pytest.mark.parametrize(
    "name", ["cvnCode", "cvn_code", "merchantAccountId", "account", "key", "soapId", "panel", "passworded"]
)
def test_fields_with_a_harmless_name_stay(name: str) -> None:
    assert redact_fields({name: "M"}) == {name: "M"}


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "card {}, declined",
        "<account>{}</account>",
        '"{}"',
        "sbx-{}",
        "x{}y",
        "{}.00",
        "a=1&n={}&b=2",
        "{} 12/25",
    ],
)
def test_card_numbers_are_removed_from_text(card: str, text: str) -> None:
    redacted = redact_text(text.format(card))
    assert card not in redacted
    assert card[:-4] not in redacted


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111  1111  1111  1111",
        "3782 822463 10005",
        "4111 1111 1111 1111 123",
        "123 4111 1111 1111 1111",
        "2024 5555-5555-5555-4444",
    ],
)
def test_card_numbers_in_groups_are_removed(written: str) -> None:
    redacted = redact_text(f"paid with {written}")
    assert "1111 1111" not in redacted
    assert "1111-1111" not in redacted
    assert "5555" not in redacted
    assert "822463" not in redacted


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "order 123456789012",
        "2024-02-29 12:00:00.123456",
        "0000000000000000",
        "41111111111111114111111111111111",
        "amount 1234.56 USD, invoice S1-00000001",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redact_text(text) == text


def test_identifiers_of_the_service_stay_even_when_they_look_like_card_numbers() -> None:
    vid = f"{CARD}abcdefabcdef{'0' * 12}"
    assert len(vid) == 40
    assert redact_text(f"soapId={vid} row={vid[:32]}") == f"soapId={vid} row={vid[:32]}"


def test_identifiers_are_never_touched() -> None:
    text = " ".join(f"{ids.new_vid()} {ids.new_row_id()}" for _ in range(5000))
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<password>hunter2</password>",
        '<ns:password xsi:type="xsd:string">hunter2</ns:password>',
        "<cvn>hunter2</cvn>",
        "<account>hunter2</account>",
        "password=hunter2&login=x",
        '{"password": "hunter2"}',
        '{\\"apiKey\\": \\"hunter2\\"}',
        "password: hunter2",
        "Authorization: Basic hunter2",
        "{'cvn': 'hunter2'}",
        "<name>vin:CVN</name><value>hunter2</value>",
        '<name xsi:type="xsd:string">vin:CVN</name>\n  <value xsi:type="xsd:string">hunter2</value>',
        "NameValue(name='vin:CVN', value='hunter2')",
        '{"name": "vin:CVN", "value": "hunter2"}',
    ],
)
def test_secrets_in_text_are_removed(text: str) -> None:
    redacted = redact_text(text)
    assert "hunter2" not in redacted
    assert REMOVED in redacted


@pytest.mark.parametrize("name", SECRET_NAMES)
@pytest.mark.parametrize("text", ["{}=hunter2", "{}: hunter2", '{{"{}": "hunter2"}}', "<{}>hunter2</x>"])
def test_every_telling_name_is_found_in_text_too(name: str, text: str) -> None:
    assert "hunter2" not in redact_text(text.format(name))


@pytest.mark.parametrize("text", ["<cvnCode>M</cvnCode>", "cvnCode=M", "<account>\n <VID>x</VID></account>"])
def test_results_of_checks_and_structures_stay(text: str) -> None:
    assert redact_text(text) == text


@given(st.text(alphabet="0123456789 -", max_size=60))
def test_no_run_of_digits_that_is_a_card_number_survives(text: str) -> None:
    redacted = redact_text(text)
    for run in "".join(c if c.isdigit() else " " for c in redacted.replace("[card ", "x")).split():
        assert not is_card_number(run)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("piece", "times"),
    [("1 ", 500_000), ("1234 ", 200_000), ("4", 1_000_000), ("vin:CVN ", 100_000), ("password", 100_000)],
)
def test_long_hostile_text_does_not_stall_the_search(piece: str, times: int) -> None:
    assert redact_text(piece * times) == piece * times


VALUES = st.one_of(
    st.text(max_size=50),
    st.text(alphabet="0123456789abcdef", min_size=32, max_size=40),
    st.from_regex(r"[a-z_]{0,9}[0-9]{0,19}", fullmatch=True),
    st.text(alphabet="0123456789", min_size=12, max_size=12).map("A{}".format),
    st.floats(min_value=-1e12, max_value=1e12).map(lambda value: round(value, 2)),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
)


@given(VALUES)
def test_what_is_harmless_at_a_glance_is_left_alone_by_the_search(value: Any) -> None:
    line = json.dumps({"field": value})
    if is_harmless(value):
        assert redact_text(line) == line


@pytest.mark.parametrize(
    "value",
    [
        "4111111111111111",
        "4111 1111",
        "card4111111111111111",
        4111111111111111,
        4111111111111111.0,
        0.4111111111111111,
        float("nan"),
        float("inf"),
        "password=x",
        "<pan>1</pan>",
        {},
        [],
        b"x",
    ],
)
def test_what_may_hold_a_secret_is_not_harmless(value: Any) -> None:
    assert not is_harmless(value)


@pytest.mark.parametrize("value", ["AutoBill", "makePayment", 200, 1.25, "5e" * 20, None, True])
def test_what_every_call_logs_is_harmless(value: Any) -> None:
    assert is_harmless(value)


def test_an_event_is_searched_unless_all_of_it_is_harmless(lines: io.StringIO) -> None:
    log = get_logger("test")
    log.info("call", note="paid with 4111111111111111")
    log.info("paid with 4111111111111111")
    log.info("call", number=4111111111111111)
    log.info("call", nested={"text": "4111111111111111"})
    assert "4111111111111111" not in lines.getvalue()
    assert lines.getvalue().count("1111") >= 4


def test_times_are_those_of_the_events_to_the_microsecond(lines: io.StringIO) -> None:
    before = datetime.now(UTC)
    get_logger("test").info("call")
    shown = datetime.fromisoformat(json.loads(lines.getvalue())["timestamp"])
    assert before <= shown <= datetime.now(UTC)
