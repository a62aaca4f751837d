"""Identifiers the service makes: object ids, call ids, and the time-ordered ids of append-only rows.

All of them are random: no sequence is shared between processes, and none can be guessed. Those of rows begin with the
moment they were made at, so that what is made together lies together in every index: a billing run that follows them
writes neighbouring pages, however large the database is.
"""

from __future__ import annotations

import os
import time

_RANDOM_BITS = 62
_MILLISECOND = 1_000_000

_PIECE = 20
"""Random bytes in a piece: enough for any identifier."""

_pieces: list[bytes] = []
"""Random bytes that nobody has yet. Each fetch from the system costs more than an identifier, so many come at once."""

os.register_at_fork(after_in_child=_pieces.clear)


def _random() -> bytes:
    """A piece of random bytes, given to nobody else: to take the last of a list is one step, whoever else does."""
    try:
        return _pieces.pop()
    except IndexError:
        fetched = os.urandom(_PIECE * 64)
        _pieces.extend(fetched[start : start + _PIECE] for start in range(_PIECE, len(fetched), _PIECE))
        return fetched[:_PIECE]


def new_vid() -> str:
    """The identifier of a new CashBox object: 40 lowercase hexadecimal characters that sort by real time.

    48 bits of Unix milliseconds, then 112 random bits. Source: conventions §4.1.
    """
    return f"{time.time_ns() // _MILLISECOND:012x}{_random()[:14].hex()}"


def new_soap_id() -> str:
    """The identifier of one call, for support: 40 lowercase hexadecimal characters. Source: conventions §3.2."""
    return _random().hex()


def new_row_id(unix_nanoseconds: int | None = None) -> str:
    """The identifier of an append-only row: 32 lowercase hexadecimal characters that sort by real time.

    Laid out as a version 7 UUID without dashes: 48 bits of Unix milliseconds, then twelve bits of the fraction of
    that millisecond (a quarter of a microsecond each), then 62 random bits. Rows written one after the other by
    one process sort in that order down to the resolution of its clock; across machines the order is as good as
    their clocks. Merchants' test clocks play no part in it.
    """
    moment = time.time_ns() if unix_nanoseconds is None else unix_nanoseconds
    milliseconds, rest = divmod(moment, _MILLISECOND)
    fraction = (rest << 12) // _MILLISECOND
    high = (milliseconds << 16) | (0x7 << 12) | fraction
    low = (0b10 << _RANDOM_BITS) | (int.from_bytes(_random()[:8]) >> 2)
    return f"{high:016x}{low:016x}"
