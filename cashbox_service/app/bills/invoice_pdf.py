"""The text of an invoice as a PDF document: same words, same columns, one typewriter font.

ReportLab is imported for the first document: it is large, and many a server never makes one.
"""

from __future__ import annotations

from io import BytesIO

FONT_SIZE = 9.0
LEADING = 12.0
MARGIN = 50.0
_FONT = "Courier"


def render(text: str, title: str) -> bytes:
    """The text on as many letter pages as it needs."""
    from reportlab.lib.pagesizes import LETTER
    from reportlab.pdfgen.canvas import Canvas

    buffer = BytesIO()
    canvas = Canvas(buffer, pagesize=LETTER, invariant=True)
    canvas.setTitle(title)
    _, height = LETTER
    per_page = int((height - 2 * MARGIN) // LEADING)
    lines = text.splitlines() or [""]
    for start in range(0, len(lines), per_page):
        body = canvas.beginText(MARGIN, height - MARGIN)
        body.setFont(_FONT, FONT_SIZE, LEADING)
        for line in lines[start : start + per_page]:
            body.textLine(line)
        canvas.drawText(body)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()
