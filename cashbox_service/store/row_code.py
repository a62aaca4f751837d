"""Rows as a driver has them and as entities do: a function for each shape of row, made as code of its own.

A loop over the columns that need converting costs more than converting them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

Convert = Callable[[Any], Any]


def row_reader(converters: Sequence[Convert | None]) -> Callable[[Sequence[Any]], list[Any]]:
    """Makes a list of a driver's row, each value that is not None converted where its column has a converter."""
    if not any(converters):
        return list
    values = [_converted(number, f"v{number}", convert) for number, convert in enumerate(converters)]
    names = ", ".join(f"v{number}" for number in range(len(converters)))
    return cast(
        "Callable[[Sequence[Any]], list[Any]]",
        _made(f"def made(row):\n ({names},) = row\n return [{', '.join(values)}]", converters),
    )


def row_writer(
    attributes: Sequence[str], converters: Sequence[Convert | None]
) -> Callable[[Mapping[str, Any]], list[Any]]:
    """Makes a row for a driver of the attributes of an entity; those that are not there are None."""
    values = [
        _converted(number, f"get({attribute!r})", convert)
        for number, (attribute, convert) in enumerate(zip(attributes, converters, strict=True))
    ]
    return cast(
        "Callable[[Mapping[str, Any]], list[Any]]",
        _made(f"def made(state):\n get = state.get\n return [{', '.join(values)}]", converters),
    )


def _converted(number: int, value: str, convert: Convert | None) -> str:
    """The expression for one value."""
    if convert is None:
        return value
    if value.isidentifier():
        return f"None if {value} is None else convert_{number}({value})"
    return f"None if (v := {value}) is None else convert_{number}(v)"


def _made(code: str, converters: Sequence[Convert | None]) -> Any:
    known: dict[str, Any] = {
        f"convert_{number}": convert for number, convert in enumerate(converters) if convert is not None
    }
    exec(code, known)  # noqa: S102 - numbers and names of attributes are all that it is made of
    return known["made"]
