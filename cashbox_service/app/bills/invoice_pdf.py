"""The text of an invoice as a PDF document: same words, same columns, a typewriter font.

What Courier can write is set in it, as every reader has that font. Otherwise the document is set in Cascadia Mono, with
the glyphs it needs embedded, which has the Latin, Greek and Cyrillic alphabets; Chinese, Japanese and Korean go in the
fonts that PDF readers have for them, two columns wide. All of it stays text: it can be searched and copied.

ReportLab, and the font, are imported for the first document that needs them: they are large, and many a server never
makes one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import Any, Final
from unicodedata import east_asian_width

from cashbox_service.domain.language import primary_of, tag_of

FONT_SIZE = 9.0
LEADING = 12.0
MARGIN = 50.0
COLUMN = FONT_SIZE * 0.6
"""How wide a letter of Courier is; the other fonts are sized to fit."""

_COURIER: Final = "Courier"
_UNICODE: Final = "Cascadia Mono"
_JAPANESE, _KOREAN = "HeiseiKakuGo-W5", "HYGothic-Medium"
_SIMPLIFIED, _TRADITIONAL = "STSong-Light", "MSung-Light"
_OF_TAIWAN: Final = frozenset({"zh-tw", "zh-hk", "zh-mo"})

_HANGUL: Final = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA: Final = re.compile("[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f]")
_PIECE: Final = re.compile("[^ ]+(?: [^ ]+)*")
"""What stands together in a column: words with single blanks between them."""


def render(text: str, title: str, language: str | None = None) -> bytes:
    """The text on as many letter pages as it needs."""
    from reportlab.lib.pagesizes import LETTER
    from reportlab.pdfgen.canvas import Canvas

    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=LETTER, invariant=True)
    canvas.setTitle(title)
    _, height = LETTER
    per_page = int((height - 2 * MARGIN) // LEADING)
    lines = text.splitlines() or [""]
    draw = _draw_plain if _fits_courier(text) else _Setter(text, language).draw
    for start in range(0, len(lines), per_page):
        draw(canvas, lines[start : start + per_page], height - MARGIN)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _fits_courier(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _draw_plain(canvas: Any, lines: list[str], top: float) -> None:
    body = canvas.beginText(MARGIN, top)
    body.setFont(_COURIER, FONT_SIZE, LEADING)
    for line in lines:
        body.textLine(line)
    canvas.drawText(body)


class _Setter:
    """Sets lines in several fonts, piece by piece at its column."""

    def __init__(self, text: str, language: str | None) -> None:
        self._wide = _wide_font(text, language)
        self._narrow, self._size = _unicode_font()

    def draw(self, canvas: Any, lines: list[str], top: float) -> None:
        for number, line in enumerate(lines):
            for column, run, is_wide in _runs(line):
                font, size = (self._wide, FONT_SIZE) if is_wide else (self._narrow, self._size)
                _register(font)
                canvas.setFont(font, size)
                canvas.drawString(MARGIN + column * COLUMN, top - number * LEADING, run)


def _runs(line: str) -> Iterator[tuple[float, str, bool]]:
    """Parts of a line that are set in one font, each with the column where it begins.

    A piece begins where it stands in the line, unless wide letters before it have taken that place.
    """
    free = 0
    for piece in _PIECE.finditer(line):
        at = max(piece.start(), free)
        for is_wide, letters in groupby(piece[0], key=_is_wide):
            run = "".join(letters)
            yield at, run, is_wide
            at += len(run) * (2 if is_wide else 1)
        free = at + 1


def _is_wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"


def _wide_font(text: str, language: str | None) -> str:
    """The font for Chinese, Japanese and Korean: by the letters of the document, else by its language."""
    tag = tag_of(language or "")
    code = primary_of(tag)
    if _HANGUL.search(text) or code == "ko":
        return _KOREAN
    if _KANA.search(text) or code == "ja":
        return _JAPANESE
    return _TRADITIONAL if tag in _OF_TAIWAN or "hant" in tag else _SIMPLIFIED


@cache
def _unicode_font() -> tuple[str, float]:
    """The embedded font, and the size at which its letters are a column wide."""
    from pymupdf_fonts.CascadiaMono_Regular import fontbuffer
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    font = TTFont(_UNICODE, BytesIO(fontbuffer))
    pdfmetrics.registerFont(font)
    return _UNICODE, COLUMN / pdfmetrics.stringWidth("x", _UNICODE, 1)


@cache
def _register(font: str) -> None:
    """Make a font of the reader known to ReportLab."""
    from reportlab.pdfbase import cidfonts, pdfmetrics

    if font != _UNICODE:
        pdfmetrics.registerFont(cidfonts.UnicodeCIDFont(font))
