"""Codes and texts of reasons for cancelling (autobill §4)."""

from __future__ import annotations

import pytest

from cashbox_service.domain import cancel_reason as rules
from cashbox_service.domain.errors import InvalidRequest, MissingField


def test_numbers_come_first_and_own_texts_replace_ready_made_ones() -> None:
    known = rules.known({"x1": "Own", "1000": "First", "100": "Too expensive", "20000": "Far"})
    codes = [one.code for one in known]
    assert codes == ["0", "1", "2", "3", "4", "5", *map(str, range(100, 108)), "1000", "20000", "x1"]
    assert next(one.description for one in known if one.code == "100") == "Too expensive"


def test_a_reason_without_a_code_gets_the_next_free_number() -> None:
    assert rules.checked(None, "Moved", {}).code == "1000"
    assert rules.checked(None, "Moved", {"1000": "a", "1001": "b", "1003": "c"}).code == "1002"


def test_a_reason_may_be_told_again_with_its_own_text() -> None:
    assert rules.checked("x", "Moved", {"x": "Moved"}).description == "Moved"


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("0", "Mine", "0 to 99"),
        ("99", "Mine", "0 to 99"),
        ("0099", "Mine", "0 to 99"),
        ("1234567890123456", "Mine", "longer than 15"),
        ("a b", "Mine", "letters and digits"),
        ("é", "Mine", "letters and digits"),
        ("x", "t" * 256, "longer than 255"),
        ("x", "Taken", "belongs to another"),
        ("x", "Merchant: Cost", "belongs to another"),
    ],
)
def test_what_is_no_reason_is_refused(code: str, text: str, said: str) -> None:
    with pytest.raises(InvalidRequest, match=said):
        rules.checked(code, text, {"y": "Taken"})


@pytest.mark.parametrize("text", [None, ""])
def test_a_reason_needs_a_text(text: str | None) -> None:
    with pytest.raises(MissingField):
        rules.checked("x", text, {})
