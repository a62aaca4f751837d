"""Processor response codes: which approve, which decline, and whether another try can help."""

from __future__ import annotations

import pytest

from cashbox_service.domain.auth_codes import (
    CATALOGUE,
    CodeClass,
    classify,
    is_approval,
    is_hard,
    meaning,
)

OK = "100 T00 000 101 102 104 111 800 VIN_900"
SOFT = "204 234 260 301 302 303 401 402 509 510 521 530 594 806 902"
HARD = (
    "201 225 227 233 238 239 304 501 502 503 505 519 522 531 534 570 571 572 591 592 596 602 605 606 607 "
    "750 751 752 753 754 811 813 825 833 834 903 904 -1"
)


@pytest.mark.parametrize(
    ("codes", "expected"), [(OK, CodeClass.OK), (SOFT, CodeClass.SOFT), (HARD, CodeClass.HARD)]
)
def test_every_code_has_its_class(codes: str, expected: CodeClass) -> None:
    assert {code: classify(code) for code in codes.split()} == dict.fromkeys(codes.split(), expected)


def test_the_catalogue_holds_these_and_no_others() -> None:
    assert sorted(CATALOGUE) == sorted(f"{OK} {SOFT} {HARD}".split())


def test_every_code_is_explained() -> None:
    assert all(entry.code == code and entry.meaning for code, entry in CATALOGUE.items())
    assert meaning("502") == "card lost or stolen"


@pytest.mark.parametrize("code", ["", "999", "10525", "t00", "303 "])
def test_an_unknown_code_is_worth_another_try(code: str) -> None:
    assert classify(code) is CodeClass.SOFT
    assert not is_approval(code)
    assert not is_hard(code)
    assert meaning(code) == "unknown response"


def test_approvals_and_hard_declines_are_told_apart() -> None:
    assert (is_approval("T00"), is_hard("T00")) == (True, False)
    assert (is_approval("522"), is_hard("522")) == (False, True)
