"""The base of all wire records.

A record holds one object as it stands on the wire: the attributes have the wire's names, an absent value is None, a
repeated one a sequence. ``records.py`` gives the classes, made from the contract.
"""

from __future__ import annotations

import re
from typing import Any

from cashbox_service.soap.shown import shown

_HIDDEN = "***"
_SECRET_ATTRIBUTES = frozenset(
    {
        "password", "account", "accountHash", "cid", "cidHash", "paymentData", "fiscalNumber", "externalToken",
        "routingNumber", "bankSortCode", "pin", "pinHash", "ribCode", "verificationCode",
    }
)  # fmt: skip
_SECRET_PAIR = re.compile(r"cvn|cvv|cvc|account|password|pan\b|secret|key", re.IGNORECASE)


class Record:
    """One object on the wire."""

    __slots__: tuple[str, ...] = ()
    __hash__ = None  # type: ignore[assignment]  # records change while a response is put together

    def __repr__(self) -> str:
        """The values that are set, without card and account numbers, verification numbers and passwords."""
        parts = [f"{name}={_shown(self, name, value)}" for name, value in _present(self)]
        return f"{type(self).__name__}({', '.join(parts)})"

    def __eq__(self, other: object) -> bool:
        """Equal values of the same type; a list equals a tuple of the same items."""
        if type(other) is not type(self):
            return NotImplemented
        return all(
            _comparable(getattr(self, name)) == _comparable(getattr(other, name)) for name in self.__slots__
        )


def _comparable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _present(record: Record) -> list[tuple[str, Any]]:
    values = [(name, getattr(record, name)) for name in record.__slots__]
    return [(name, value) for name, value in values if value is not None and value != ()]


def _shown(record: Record, name: str, value: Any) -> str:
    if not isinstance(value, str):
        return repr(value)
    if name in _SECRET_ATTRIBUTES or (
        name == "value" and _SECRET_PAIR.search(getattr(record, "name", None) or "")
    ):
        return _HIDDEN
    return repr(shown(value))
