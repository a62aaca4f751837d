"""Which format a body is in, and in which one the answer is written."""

from __future__ import annotations

import pytest

from cashbox_service.dialects.negotiation import Formats, Media, UnsupportedMedia, of_answer, of_body

FOUR = Formats(
    ("application/json", "text/jsv", "application/xml", "text/csv"),
    ("application/json", "text/jsv", "application/xml", "text/csv"),
    by_name=True,
)
TWO = Formats(("application/json", "text/xml"), ("application/json", "text/xml"))


@pytest.mark.parametrize(
    ("query", "suffix", "accept", "content_type", "answered"),
    [
        ("jsv", "xml", "text/csv", "application/json", "text/jsv"),
        ("CSV", None, None, None, "text/csv"),
        (None, "xml", "text/csv", "application/json", "application/xml"),
        ("pdf", "xml", None, None, "application/xml"),
        (None, None, "text/csv", "application/json", "text/csv"),
        (None, None, "text/html, text/jsv;q=0.5", "application/json", "text/jsv"),
        (None, None, "text/csv;q=0.2, text/jsv;q=0.5", None, "text/jsv"),
        (None, None, "text/csv;q=0, text/jsv;q=oops", "application/xml", "application/xml"),
        (None, None, "*/*", "text/csv; charset=utf-8", "text/csv"),
        (None, None, "text/*", None, "text/jsv"),
        (None, None, None, "TEXT/CSV", "text/csv"),
        (None, None, None, "image/png", "application/json"),
        (None, None, None, None, "application/json"),
    ],
)
def test_query_beats_suffix_beats_accept_beats_content_type(
    query: str | None, suffix: str | None, accept: str | None, content_type: str | None, answered: str
) -> None:
    found = of_answer(FOUR, query=query, suffix=suffix, accept=accept, content_type=content_type)
    assert found == answered


def test_dialects_without_names_ignore_query_and_suffix() -> None:
    assert of_answer(TWO, query="xml", suffix="xml") == "application/json"


def test_format_of_a_body_is_its_content_type() -> None:
    assert of_body(FOUR, "text/jsv; charset=utf-8") is Media.JSV
    assert of_body(FOUR, None) is Media.JSON
    with pytest.raises(UnsupportedMedia):
        of_body(TWO, "text/csv")
