"""Bodies of requests as pydantic models: names in any case, exact numbers, and refusals that name the member."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, ClassVar, Final, TypeVar, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    WithJsonSchema,
    model_validator,
)

from cashbox_service.clock import parse_moment
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.logging import get_logger

log = get_logger(__name__)

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,2})?")
_WHOLE = re.compile(r"[+-]?\d{1,20}")
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
_MAX_MAGNITUDE: Final = 30
_MOST_DIGITS: Final = 20
_FLAGS: Final = {"true": True, "1": True, "false": False, "0": False}


class Model(BaseModel):
    """An object of an interface; its members have the names, and stand in the order, of its text."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Body(Model):
    """An object that is sent to us."""

    secrets: ClassVar[frozenset[str]] = frozenset()
    """Members whose values are never repeated."""

    @model_validator(mode="before")
    @classmethod
    def _as_named_here(cls, given: Any) -> Any:
        """Members by their names in any letter case; what is null, or an empty number or date, counts as absent."""
        if isinstance(given, Model):
            return given
        if not isinstance(given, Mapping):
            raise ValueError("must be an object")  # noqa: TRY004  pydantic wants a ValueError
        known, strange = _names(cls), []
        found: dict[str, Any] = {}
        for name, value in given.items():
            alias = known.get(str(name).lower())
            if alias is None:
                strange.append(str(name)[:40])
            elif value is not None and not (value == "" and alias not in _texts(cls)):
                found[alias] = value
        if strange:
            log.info("unknown members", model=cls.__name__, members=strange[:10])
        return found


@cache
def _names(model: type[BaseModel]) -> dict[str, str]:
    aliases = [field.alias or name for name, field in model.model_fields.items()]
    return {alias.lower(): alias for alias in aliases}


@cache
def _texts(model: type[BaseModel]) -> frozenset[str]:
    """The members that are texts: an empty one is a value."""
    return frozenset(
        field.alias or name for name, field in model.model_fields.items() if _is_text(field.annotation)
    )


def _is_text(annotation: Any) -> bool:
    is_one = isinstance(annotation, type) and issubclass(annotation, str)
    return is_one or any(_is_text(one) for one in get_args(annotation)[:2])


B = TypeVar("B", bound=Body)


def validated(model: type[B], given: Any) -> B:
    """The body as the model. Raises `Refusal` (400) naming the first member that is wrong."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = _path(first["loc"])
        raise Refusal(400, _sentence(name, first), name or None) from None


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _sentence(name: str, error: Any) -> str:
    subject, context = name or "The body", error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{subject} is required."
        case "too_long" if context["field_type"] == "List":
            return f"{subject} has more than {context['max_length']} items."
        case "string_too_long" | "too_long":
            return f"{subject} is longer than {context['max_length']} characters."
        case "string_too_short" | "too_short":
            return f"{subject} must not be empty."
        case "value_error":
            return f"{subject} {context['error']}."
        case "enum" | "literal_error":
            return f"{subject} is not one of {context['expected']}."
        case "list_type" | "tuple_type":
            return f"{subject} is not a list."
        case "greater_than_equal" | "less_than_equal":
            return f"{subject} is out of range."
        case _:
            return f"{subject} is not valid."


def _number(given: Any) -> Any:
    if isinstance(given, str) and _NUMBER.fullmatch(given.strip()):
        given = Decimal(given.strip())
    if isinstance(given, bool) or not isinstance(given, int | Decimal):
        raise ValueError("is not a number")  # noqa: TRY004  pydantic wants a ValueError
    value = Decimal(given)
    if not value.is_finite() or (value and abs(value.adjusted()) > _MAX_MAGNITUDE):
        raise ValueError("is out of range")
    return value


def _whole(given: Any) -> Any:
    if isinstance(given, str) and _WHOLE.fullmatch(given.strip()):
        return int(given)
    if (
        isinstance(given, Decimal)
        and given.is_finite()
        and given.adjusted() < 20
        and given == given.to_integral_value()
    ):
        return int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise ValueError("is not a whole number")  # noqa: TRY004  the same
    return given


def _text(given: Any) -> Any:
    if not isinstance(given, str):
        raise ValueError("is not text")  # noqa: TRY004  the same
    if _UNKEEPABLE.search(given):
        raise ValueError("holds characters that cannot be kept")
    return given


def _flag(given: Any) -> Any:
    known = given if isinstance(given, bool) else _FLAGS.get(str(given).strip().lower())
    if known is None:
        raise ValueError("is neither true nor false")
    return known


def _day(given: Any) -> Any:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    text = given.strip() if isinstance(given, str) else ""
    try:
        return _sane(date.fromisoformat(text[:10] if _MIDNIGHT.fullmatch(text[10:]) else text))
    except ValueError:
        raise ValueError("is not a date such as 2024-02-29") from None


_MIDNIGHT = re.compile(r"T00:00:00(?:\.0{1,7})?(?:Z|[+-]\d\d:\d\d)?")


def _moment(given: Any) -> Any:
    if isinstance(given, datetime):
        return given
    if not isinstance(given, str):
        raise ValueError("is not a moment such as 2024-02-29T12:00:00Z")  # noqa: TRY004  the same
    try:
        moment = parse_moment(given.strip(), _UTC)
    except ValueError:
        raise ValueError("is not a moment such as 2024-02-29T12:00:00Z") from None
    _sane(moment.date())
    return moment


def _sane(day: date) -> date:
    if not _FIRST_YEAR <= day.year < _END_OF_YEARS:
        raise ValueError("out of range")
    return day


_FIRST_YEAR, _END_OF_YEARS = 1900, 9999


_UTC = ZoneInfo("UTC")

_INT_32, _INT_64 = 2**31, 2**63


def _integer(name: str, limit: int) -> WithJsonSchema:
    return WithJsonSchema({"type": "integer", "format": name, "minimum": -limit, "maximum": limit - 1})


Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
Whole32 = Annotated[
    int, BeforeValidator(_whole), Field(ge=-_INT_32, le=_INT_32 - 1), _integer("int32", _INT_32)
]
Whole64 = Annotated[
    int, BeforeValidator(_whole), Field(ge=-_INT_64, le=_INT_64 - 1), _integer("int64", _INT_64)
]
Text = Annotated[str, BeforeValidator(_text)]
Flag = Annotated[bool, BeforeValidator(_flag), WithJsonSchema({"type": "boolean"})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Moment = Annotated[
    datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})
]
Amount = Annotated[Decimal, WithJsonSchema({"type": "number"})]
"""An amount in an answer, written as a plain decimal number."""
