"""Pages under ``docs/`` that are written from tables of the program, and the check that they are up to date."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"

Cells = Sequence[str]


def table(headings: Cells, rows: Iterable[Cells]) -> list[str]:
    """The lines of a Markdown table."""
    return [_line(headings), _line(["---"] * len(headings)), *[_line(row) for row in rows]]


def code(text: str) -> str:
    """``text`` as a literal; empty text stays empty."""
    return f"`{text}`" if text else ""


def run(page: str, content: str, description: str, arguments: Sequence[str] | None = None) -> int:
    """Write ``docs/<page>``, or with ``--check`` compare it; the exit status of the command."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="only say whether the page is up to date")
    parser.add_argument(
        "--output", type=Path, default=DOCS / page, help="where the page is (default: %(default)s)"
    )
    options = parser.parse_args(arguments)
    path: Path = options.output
    if not options.check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return 0
    if path.exists() and path.read_text(encoding="utf-8") == content:
        return 0
    sys.stderr.write(f"{path} is out of date; write it anew without --check\n")
    return 1


def _line(cells: Cells) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
