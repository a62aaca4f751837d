"""Tables that merchants write by hand, read row by row; all that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

from cashbox_service.domain.errors import InvalidRequest

Row = Mapping[str, Any]
T = TypeVar("T")

_SHOWN_PROBLEMS: Final = 20
_YES: Final = frozenset({"true", "1", "yes"})
_NO: Final = frozenset({"false", "0", "no", ""})


class WrongRow(Exception):
    """What is wrong with one row."""


class WrongRows(InvalidRequest):
    """Rows of a table cannot be used."""

    problems: tuple[str, ...]

    def __init__(self, problems: Sequence[str]) -> None:
        shown = list(problems[:_SHOWN_PROBLEMS])
        if len(problems) > len(shown):
            shown.append(f"and {len(problems) - len(shown)} more")
        super().__init__("\n".join(shown), problems=tuple(problems))


def read_rows(
    rows: Iterable[Row], read: Callable[[Row], T], key: Callable[[T], Hashable], *, same: str, most: int
) -> list[T]:
    """What ``read`` makes of the rows, which raises WrongRow; no two may have one key, the ``same`` in words.

    Raises WrongRows naming every wrong row by its number, counted from 1.
    """
    made: list[T] = []
    problems: list[str] = []
    first_seen: dict[Hashable, int] = {}
    for number, row in enumerate(rows, start=1):
        if number > most:
            problems.append(f"row {number}: there may be at most {most} rows")
            break
        try:
            one = read(row)
        except WrongRow as wrong:
            problems.append(f"row {number}: {wrong}")
            continue
        if (before := first_seen.setdefault(key(one), number)) != number:
            problems.append(f"row {number}: has the same {same} as row {before}")
        made.append(one)
    if problems:
        raise WrongRows(problems)
    return made


def check_columns(row: Row, columns: Collection[str]) -> None:
    """Raises WrongRow for what is no row, and for a column that the table does not have."""
    if not isinstance(row, Mapping):
        raise WrongRow("is not an object with columns")
    unknown = [str(name)[:40] for name in row if name not in columns]
    if unknown:
        raise WrongRow(f'column "{unknown[0]}" is not one of {", ".join(columns)}')


def read_text(row: Row, name: str, longest: int) -> str:
    """The text in a column without blanks around it, empty when there is none. Raises WrongRow."""
    given = row.get(name)
    if given is None:
        return ""
    if not isinstance(given, str):
        raise WrongRow(f'{name} "{str(given)[:40]}" is not text')
    text = given.strip()
    if len(text) > longest:
        raise WrongRow(f'{name} "{text[:40]}" is longer than {longest} characters')
    return text


def read_country(row: Row) -> str:
    """The column ``country`` in capitals. Raises WrongRow for what is no ISO 3166-1 alpha-2 code."""
    country = read_text(row, "country", 255)
    if len(country) != 2 or not (country.isascii() and country.isalpha()):
        raise WrongRow(f'country "{country[:40]}" is not a two-letter ISO 3166-1 code')
    return country.upper()


def read_flag(row: Row, name: str) -> bool:
    """A column of true or false, false when empty. Raises WrongRow."""
    given = row.get(name)
    text = "" if given is None else str(given).strip().casefold()
    if text not in _YES | _NO:
        raise WrongRow(f'{name} "{str(given)[:40]}" is not true or false')
    return text in _YES
