"""The written forms of simple values, by examples and by properties."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from cashbox_service.soap import lexical

PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(("text", "value"), [("1", True), ("true", True), ("0", False), ("false", False)])
def test_booleans(text: str, value: bool) -> None:
    assert lexical.parse_boolean(text) is value


@pytest.mark.parametrize("text", ["", "TRUE", "yes", "2", "-1", "0.0", "١"])
def test_no_booleans(text: str) -> None:
    with pytest.raises(ValueError, match="boolean"):
        lexical.parse_boolean(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("0", 0), ("+7", 7), ("-007", -7), ("2147483647", 2**31 - 1), ("-2147483648", -(2**31))],
)
def test_ints(text: str, value: int) -> None:
    assert lexical.parse_int(text) == value


@pytest.mark.parametrize(
    "text", ["", "1.0", "1e3", "2147483648", "-2147483649", "1_000", "0x1F", "٣", "--1", "1 2", "9" * 5000]
)
def test_no_ints(text: str) -> None:
    with pytest.raises(ValueError, match=r"integer|range"):
        lexical.parse_int(text)


def test_integers_have_no_range_and_longs_have_64_bits() -> None:
    assert lexical.parse_integer("123456789012345678901234567890") == 123456789012345678901234567890
    assert lexical.parse_long(str(2**63 - 1)) == 2**63 - 1
    with pytest.raises(ValueError, match="range"):
        lexical.parse_long(str(2**63))


@pytest.mark.parametrize(
    "text", ["0", "-0.00", "+1.5", ".5", "5.", "007.10", "14.99" + "0" * 40 + "2131628207280300"]
)
def test_decimals_keep_every_digit(text: str) -> None:
    value = lexical.parse_decimal(text)
    assert value == Decimal(text)
    assert value.as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize(
    ("text", "written_out"),
    [("1E+3", "1000"), ("1.5e2", "150"), ("-1.25E-2", "-0.0125"), ("0E-10", "0.0000000000"), (".5e1", "5")],
)
def test_decimals_with_an_exponent_are_as_if_written_out(text: str, written_out: str) -> None:
    assert lexical.parse_decimal(text).as_tuple() == Decimal(written_out).as_tuple()


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "+",
        "1E+100",
        "1e",
        "e3",
        "1e1.5",
        "NaN",
        "INF",
        "-INF",
        "Infinity",
        "1,000.00",
        "1_0",
        "$1",
        "١٫٥",
        "1" * 2000,
    ],
)
def test_no_decimals(text: str) -> None:
    with pytest.raises(ValueError, match="decimal"):
        lexical.parse_decimal(text)


def test_floats_may_have_an_exponent_and_stay_exact() -> None:
    assert lexical.parse_float("1.5e2") == Decimal(150)
    with pytest.raises(ValueError, match="float"):
        lexical.parse_float("NaN")
    with pytest.raises(ValueError, match="float"):
        lexical.parse_float("1e999999999")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("1E+3"), "1000"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("-0.000000123"), "-0.000000123"),
        (Decimal("29.99"), "29.99"),
        (Decimal("3.50"), "3.50"),
        (Decimal(0), "0"),
        (Decimal("1234567.89"), "1234567.89"),
    ],
)
def test_decimals_are_sent_in_plain_notation(value: Decimal, text: str) -> None:
    assert lexical.format_decimal(value) == text


@pytest.mark.parametrize(
    "value", [Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity")]
)
def test_numbers_that_are_not_finite_are_not_sent(value: Decimal) -> None:
    with pytest.raises(ValueError, match="finite"):
        lexical.format_decimal(value)


def test_a_float_is_no_decimal() -> None:
    with pytest.raises(TypeError, match="float"):
        lexical.format_decimal(1.5)  # type: ignore[arg-type]


@given(st.decimals(allow_nan=False, allow_infinity=False, places=None))
def test_a_decimal_sent_is_read_as_the_same_number(value: Decimal) -> None:
    text = lexical.format_decimal(value)
    if len(text) <= lexical.DIGITS_LIMIT:
        assert lexical.parse_decimal(text) == value


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2016-12-01T20:00:00Z", "2016-12-01T20:00:00+00:00"),
        ("2016-12-01T12:00:00-08:00", "2016-12-01T20:00:00+00:00"),
        ("2016-12-01T12:00:00", "2016-12-01T20:00:00+00:00"),
        ("2016-07-01T12:00:00", "2016-07-01T19:00:00+00:00"),
        ("2016-12-01", "2016-12-01T08:00:00+00:00"),
        ("2016-12-01Z", "2016-12-01T00:00:00+00:00"),
        ("2016-12-01T12:00:00.999999999Z", "2016-12-01T12:00:00+00:00"),
        ("2016-12-01T12:00:00,5+01:00", "2016-12-01T11:00:00+00:00"),
        ("2016-12-01T12:00:00-03:30", "2016-12-01T15:30:00+00:00"),
        ("2016-12-01T12:00:00+05:45", "2016-12-01T06:15:00+00:00"),
        ("2016-12-01T12:00:00+0530", "2016-12-01T06:30:00+00:00"),
        ("2016-12-01T12:00:00+05", "2016-12-01T07:00:00+00:00"),
        ("2016-12-01T12:00Z", "2016-12-01T12:00:00+00:00"),
        ("2016-12-31T24:00:00Z", "2017-01-01T00:00:00+00:00"),
        ("2016-03-13T02:30:00", "2016-03-13T10:30:00+00:00"),  # the hour that daylight saving leaves out
        ("2016-11-06T01:30:00", "2016-11-06T08:30:00+00:00"),  # the hour that comes twice: the first one
        ("9999-12-31", "9999-12-31T08:00:00+00:00"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    value = lexical.parse_date_time(text, PACIFIC)
    assert value.astimezone(UTC).isoformat() == moment
    assert value.microsecond == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2016-13-01T00:00:00",
        "2015-02-29",
        "2016-12-01 12:00:00",
        "2016-12-01T25:00:00",
        "2016-12-01T24:00:01",
        "2016-12-01T12:60:00",
        "2016-12-01T12:00:60",
        "2016-12-01T12:00:00+15:00",
        "2016-12-01T12:00:00+05:60",
        "2016-12-01T12:00:00PST",
        "12/01/2016",
        "1480622400",
        "0001-01-01T00:00:00",
        "1899-12-31",
        "-2016-12-01",
        "12016-12-01T00:00:00Z",
        "9999-12-31T23:59:59-08:00",
        "9999-12-31T24:00:00",
        "2016-12-01T12:00:00\n",
        "٢٠١٦-12-01",
    ],
)
def test_no_moments(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the standard library words some of them
        lexical.parse_date_time(text, PACIFIC)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2016, 12, 1, 20, tzinfo=UTC), "2016-12-01T12:00:00-08:00"),
        (datetime(2016, 7, 1, 20, 0, 0, 999999, tzinfo=UTC), "2016-07-01T13:00:00-07:00"),
        (
            datetime(2016, 7, 1, 20, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
            "2016-07-01T16:30:00-07:00",
        ),
        (datetime(1800, 1, 1, tzinfo=UTC), "1799-12-31T16:07:00-07:53"),
    ],
)
def test_moments_are_sent_in_the_service_zone(moment: datetime, text: str) -> None:
    assert lexical.format_date_time(moment, PACIFIC) == text
    sent = datetime.fromisoformat(text)
    assert sent == moment.replace(microsecond=0)


def test_a_half_hour_zone_is_sent_with_its_minutes() -> None:
    moment = datetime(2016, 1, 1, 12, tzinfo=UTC)
    assert lexical.format_date_time(moment, ZoneInfo("America/St_Johns")) == "2016-01-01T08:30:00-03:30"


def test_a_moment_without_a_zone_is_not_sent() -> None:
    with pytest.raises(ValueError, match="zone"):
        lexical.format_date_time(datetime(2016, 1, 1), PACIFIC)  # noqa: DTZ001


ZONES = st.sampled_from(["America/Los_Angeles", "UTC", "Asia/Kathmandu", "America/St_Johns", "Europe/Dublin"])


@given(
    st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 29), timezones=st.timezones()),  # noqa: DTZ001
    ZONES.map(ZoneInfo),
)
def test_a_moment_sent_is_read_as_the_same_second(moment: datetime, zone: ZoneInfo) -> None:
    text = lexical.format_date_time(moment, zone)
    assert len(text) == 25
    assert lexical.parse_date_time(text, zone) == moment.astimezone(UTC).replace(microsecond=0)


@pytest.mark.parametrize("text", ["2024-02-29", "2024-02-29Z", "2024-02-29-08:00"])
def test_days(text: str) -> None:
    assert lexical.parse_date(text) == date(2024, 2, 29)


@pytest.mark.parametrize(
    "text", ["", "2023-02-29", "2024-2-29", "24-02-29", "2024-02-29T00:00:00", "1066-10-14"]
)
def test_no_days(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  the standard library words some of them
        lexical.parse_date(text)


def test_a_moment_is_no_day() -> None:
    assert lexical.format_date(date(2024, 2, 29)) == "2024-02-29"
    with pytest.raises(TypeError, match="datetime"):
        lexical.format_date(datetime(2024, 2, 29, tzinfo=UTC))


def test_base64_may_be_broken_into_lines_but_not_broken() -> None:
    assert lexical.parse_base64("aGVs\r\n  bG8=") == b"hello"
    with pytest.raises(ValueError):  # noqa: PT011  binascii words it
        lexical.parse_base64("aGVsbG8")
    with pytest.raises(ValueError):  # noqa: PT011
        lexical.parse_base64("aGVs*G8=")


@given(st.binary(max_size=100))
def test_content_sent_is_read_as_the_same_content(content: bytes) -> None:
    assert lexical.parse_base64(lexical.format_base64(content)) == content


@given(st.text())
def test_any_text_can_be_sent_and_legal_text_arrives_unchanged(text: str) -> None:
    arrived = etree.fromstring(f"<x>{lexical.escape(text)}</x>".encode()).text or ""
    assert len(arrived) == len(text)
    for sent, got in zip(text, arrived, strict=True):
        legal = sent in "\t\n\r" or (
            sent >= " " and not "\ud800" <= sent <= "\udfff" and sent not in "\ufffe\uffff"
        )
        assert got == (sent if legal else "\ufffd")


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("a & b <c>", "a &amp; b &lt;c&gt;"),
        ("]]>", "]]&gt;"),
        ("a\r\nb", "a&#13;\nb"),
        ("nul\x00 bell\x07", "nul\ufffd bell\ufffd"),
        ("half \ud83d emoji", "half \ufffd emoji"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("é漢\U0001f600 \u200b", "é漢\U0001f600 \u200b"),
    ],
)
def test_escaping(text: str, sent: str) -> None:
    assert lexical.escape(text) == sent
