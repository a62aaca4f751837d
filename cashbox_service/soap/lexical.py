"""The written forms of simple values: XML schema's types as this interface reads and writes them.

``parse_…`` takes the text of an element without its surrounding white space and raises ValueError when it is not of
the type; ``format_…`` gives the text to send, which never needs escaping, but for ``escape`` itself. Moments without
an offset are moments of the service zone. Source: spec conventions §2.1, §2.2, §6.1.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import Any

WHITE_SPACE = " \t\r\n"
"""What XML calls white space; str.strip without it takes away more."""

DIGITS_LIMIT = 1000
"""Digits of a number. Clients really send fifty; beyond a thousand it is an attack."""

EARLIEST_YEAR = 1900

_INT_BITS, _LONG_BITS = 32, 64
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(rf"{_DECIMAL.pattern}(?:[eE][+-]?[0-9]{{1,2}})?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]+)?)?)?"
    r"(Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)
_NEVER_SET = re.compile(r"0001-01-01(?:T00:00:00(?:\.0{1,7})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_LARGEST_OFFSET = timedelta(hours=14)
_DAY = timedelta(days=1)

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACEMENT = "\ufffd"
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})


def parsers(zone: tzinfo) -> Mapping[str, Callable[[str], Any]]:
    """The reader of each schema type but ``xsd:string``; moments without an offset are read in ``zone``."""
    return {
        "xsd:anyURI": str,
        "xsd:base64Binary": parse_base64,
        "xsd:boolean": parse_boolean,
        "xsd:date": parse_date,
        "xsd:dateTime": lambda text: parse_date_time(text, zone),
        "xsd:decimal": parse_decimal,
        "xsd:float": parse_float,
        "xsd:int": parse_int,
        "xsd:integer": parse_integer,
        "xsd:long": parse_long,
    }


def parse_boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text]
    except KeyError:
        raise ValueError("not a boolean") from None


def parse_integer(text: str) -> int:
    """A whole number of any sensible size."""
    if len(text) > DIGITS_LIMIT or not _INTEGER.fullmatch(text):
        raise ValueError("not an integer")
    return int(text)


def parse_int(text: str) -> int:
    """A whole number of 32 bits."""
    return _within(parse_integer(text), _INT_BITS)


def parse_long(text: str) -> int:
    """A whole number of 64 bits."""
    return _within(parse_integer(text), _LONG_BITS)


def _within(number: int, bits: int) -> int:
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise ValueError("out of range")
    return number


def parse_decimal(text: str) -> Decimal:
    """An exact number: no NaN, no infinity.

    XML schema knows no exponent here, but clients write one: Axis 1.4 makes ``1E+1`` and ``0E-10`` of Java's decimals,
    others print what their floats hold. Two digits of it are read, and the value is as if written out.
    """
    if len(text) > DIGITS_LIMIT:
        raise ValueError("not a decimal")
    if _DECIMAL.fullmatch(text):
        return Decimal(text)
    if _FLOAT.fullmatch(text):
        return Decimal(format(Decimal(text), "f"))
    raise ValueError("not a decimal")


def parse_float(text: str) -> Decimal:
    """A number as early contracts send it; an exponent of two digits is allowed, and the value stays exact."""
    if len(text) > DIGITS_LIMIT or not _FLOAT.fullmatch(text):
        raise ValueError("not a float")
    return Decimal(text)


def parse_date(text: str) -> date:
    """A calendar day; a zone after it says nothing."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    year, month, day = (int(part) for part in found.groups())
    return _sane(date(year, month, day))


def parse_date_time(text: str, zone: tzinfo) -> datetime:
    """A moment, to the second: fractions are cut, a day without a time is its midnight."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError("not a dateTime")
    year, month, day, hour, minute, second, offset, sign, hours, minutes = found.groups()
    midnight = datetime.combine(_sane(date(int(year), int(month), int(day))), time())
    where = _offset(offset, sign, hours, minutes) if offset else zone
    try:
        moment = _at(midnight, int(hour or 0), int(minute or 0), int(second or 0)).replace(tzinfo=where)
        moment.astimezone(zone)  # by way of UTC: a moment that either cannot express is refused
    except OverflowError:
        raise ValueError("out of range") from None
    return moment


def is_never_set(text: str) -> bool:
    """Whether this is the first moment or day of the calendar: what .NET sends for one that nobody has set."""
    return _NEVER_SET.fullmatch(text) is not None


def _sane(day: date) -> date:
    if day.year < EARLIEST_YEAR:
        raise ValueError("out of range")
    return day


def _at(midnight: datetime, hour: int, minute: int, second: int) -> datetime:
    if (hour, minute, second) == (24, 0, 0):
        return midnight + _DAY
    return midnight.replace(hour=hour, minute=minute, second=second)


def _offset(offset: str, sign: str, hours: str, minutes: str | None) -> tzinfo:
    """The sign of an offset holds for its minutes too: -03:30 is three and a half hours behind."""
    if offset == "Z":
        return UTC
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if int(minutes or 0) > 59 or distance > _LARGEST_OFFSET:
        raise ValueError("not an offset")
    return timezone(-distance if sign == "-" else distance)


def parse_base64(text: str) -> bytes:
    return base64.b64decode("".join(text.split()), validate=True)


def has_illegal(text: str) -> bool:
    """Whether the text has characters that no XML document may hold."""
    return _ILLEGAL.search(text) is not None


def escape(text: str) -> str:
    """``text`` as content of an element.

    A carriage return is written as a reference, or the reader would make a line feed of it. Characters that no XML
    document may hold are replaced.
    """
    if text.isprintable():  # no control character, no lone surrogate: nothing that XML forbids
        if "&" in text or "<" in text or ">" in text:
            return text.translate(_MARKUP)
        return text
    return _ILLEGAL.sub(_REPLACEMENT, text).translate(_MARKUP)


def format_date_time(moment: datetime, zone: tzinfo) -> str:
    """``2016-12-01T12:00:00-08:00``: in ``zone``, no fraction, always a numeric offset."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be sent")
    text = moment.astimezone(zone).isoformat("T", "seconds")
    if len(text) == len("2016-12-01T12:00:00-08:00"):
        return text
    return _in_whole_minutes(moment, zone).isoformat("T", "seconds")


def _in_whole_minutes(moment: datetime, zone: tzinfo) -> datetime:
    """The same moment at an offset of whole minutes: before standard time, zones were off by odd seconds."""
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return moment.astimezone(timezone(timedelta(minutes=round(offset.total_seconds() / 60))))


def format_decimal(number: Decimal) -> str:
    """Plain notation with the digits the number has: no exponent, no separators."""
    if not isinstance(number, (Decimal, int)):
        raise TypeError(f"a decimal is wanted, not {type(number).__name__}")
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    if not text[-1].isdigit():
        raise ValueError("a number that is not finite cannot be sent")
    return text


def format_date(day: date) -> str:
    """``2016-12-01``; a moment is no day, since it depends on the zone which one it is."""
    if isinstance(day, datetime):
        raise TypeError("a date is wanted, not a datetime")
    return day.isoformat()


def format_base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
