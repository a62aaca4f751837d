"""The bytes of a request body: unpacked, and as UTF-8.

Both are done here rather than by the parser, so that the limits are counted in what is parsed, and libxml2 never
chooses a decoder. Source: spec conventions §2.1 (gzip), §2.3 (character sets).
"""

from __future__ import annotations

import re
import zlib

from cashbox_service.soap.faults import Malformed, TooLarge

_ANY_HEADER = 32 + zlib.MAX_WBITS
"""Tells zlib to recognise gzip and zlib data by itself."""

_RAW = -zlib.MAX_WBITS
_MAX_MEMBERS = 100
"""A gzip body may be several pieces in a row; a real one is not many."""

_DECLARED = re.compile(rb"""<\?xml\s[^>]{0,80}?encoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,40})["']""")
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "unicode-1-1-utf-8"})
_UTF_16 = frozenset({"utf-16", "utf16", "utf-16le", "utf-16be", "utf-16-le", "utf-16-be", "ucs-2", "unicode"})
_SINGLE_BYTE = re.compile(r"(?:iso-?8859-\d{1,2}|latin-?[1-9]|(?:windows|cp)-?125[0-8]|koi8-[ru])")
_UTF_8_MARK = b"\xef\xbb\xbf"
_UTF_16_STARTS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


def unpack(body: bytes, content_encoding: str, limit: int) -> bytes:
    """``body`` without its content encodings. Raises Malformed, TooLarge beyond ``limit`` bytes."""
    for coding in reversed([coding.strip().lower() for coding in content_encoding.split(",")]):
        if coding in ("gzip", "x-gzip"):
            body = _inflate(body, limit, _ANY_HEADER)
        elif coding == "deflate":
            # The standard means zlib data; some senders leave the header out.
            body = _inflate(body, limit, _ANY_HEADER if _has_zlib_header(body) else _RAW)
        elif coding not in ("", "identity"):
            raise Malformed("the Content-Encoding is not supported")
    return body


def as_utf8(body: bytes, charset: str | None) -> bytes:
    """``body`` in UTF-8. What it is in, its first bytes say, else its XML declaration, else ``charset`` of HTTP."""
    if body.startswith(_UTF_8_MARK):
        return body[len(_UTF_8_MARK) :]
    wide = _UTF_16_STARTS.get(body[:2])
    if wide is not None:
        return _converted(body, wide)
    if not body.startswith(b"<"):
        body = body.lstrip()
    declared = _DECLARED.match(body)
    if declared is not None:
        name = declared[1].decode("ascii").lower()
        # Declared as UTF-16 but readable in bytes: some libraries name the form the text had in memory.
        return body if name in _UTF_8 or name in _UTF_16 else _converted(body, name)
    name = (charset or "utf-8").strip().strip("\"'").lower()
    return _converted(body, name) if _SINGLE_BYTE.fullmatch(name) else body


def _converted(body: bytes, name: str) -> bytes:
    """Only encodings in which every ``<`` is a byte of its own or two: counting has to be cheap and certain."""
    if name not in _UTF_16_STARTS.values() and not _SINGLE_BYTE.fullmatch(name):
        raise Malformed("the character encoding is not supported")
    try:
        return body.decode(name).encode()
    except (LookupError, UnicodeError):
        raise Malformed("the body is not text in its character encoding") from None


def _has_zlib_header(body: bytes) -> bool:
    return len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and (body[0] << 8 | body[1]) % 31 == 0


def _inflate(body: bytes, limit: int, form: int) -> bytes:
    pieces: list[bytes] = []
    left = limit
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(form)
        try:
            pieces.append(inflater.decompress(body, left + 1))
        except zlib.error:
            raise Malformed("the body cannot be unpacked") from None
        left -= len(pieces[-1])
        if left < 0:
            raise TooLarge(f"more than {limit} bytes unpacked")
        if not inflater.eof:
            raise Malformed("the packed body is cut off")
        body = inflater.unused_data
        if not body.strip(b"\0"):  # padding after the last member
            return b"".join(pieces)
    raise TooLarge("too many packed pieces")
