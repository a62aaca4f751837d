"""The risk score: points add up, limits hold, and too little knowledge is no opinion."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashbox_service.domain.scoring import (
    COUNTRY_MISMATCH,
    FAILED,
    FREE_EMAIL,
    FREE_MAIL_DOMAINS,
    NO_OPINION,
    PRIOR_CHARGEBACK,
    UNSCORED,
    RiskFacts,
    Verdict,
    verdict,
)

KNOWN = RiskFacts(
    source_ip="192.0.2.7", city="Reno", district="NV", country="US", email_address="a@shop.example"
)


@pytest.mark.parametrize(
    ("changes", "score", "codes"),
    [
        ({}, 5, ()),
        ({"bin_country": "US"}, 5, ()),
        ({"bin_country": " us "}, 5, ()),
        ({"bin_country": "GB"}, 45, (COUNTRY_MISMATCH,)),
        ({"email_address": "Jo.Doe@GMail.com"}, 25, (FREE_EMAIL,)),
        ({"email_address": "gmail.com@shop.example"}, 5, ()),
        ({"email_address": None}, 5, ()),
        ({"bin_country": "GB", "email_address": "a@web.de"}, 65, (COUNTRY_MISMATCH, FREE_EMAIL)),
        ({"charged_back_before": True}, 100, (PRIOR_CHARGEBACK,)),
        (
            {"charged_back_before": True, "bin_country": "GB", "email_address": "a@web.de"},
            100,
            (PRIOR_CHARGEBACK, COUNTRY_MISMATCH, FREE_EMAIL),
        ),
    ],
)
def test_the_points_of_the_rules_add_up(changes: dict[str, object], score: int, codes: object) -> None:
    assert verdict(replace(KNOWN, **changes)) == Verdict(score, codes)  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["source_ip", "city", "district", "country"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_address_or_ip_there_is_no_opinion(missing: str, value: str | None) -> None:
    assert verdict(replace(KNOWN, bin_country="GB", **{missing: value})) == UNSCORED  # type: ignore[arg-type]


def test_a_card_that_was_charged_back_is_known_whatever_is_missing() -> None:
    assert verdict(RiskFacts(charged_back_before=True)) == Verdict(100, (PRIOR_CHARGEBACK,))


@pytest.mark.parametrize(
    ("score", "limit", "exceeds"),
    [
        (5, 5, False),
        (6, 5, True),
        (100, 100, False),
        (NO_OPINION, 0, False),
        (FAILED, 0, False),
        (1, 0, True),
    ],
)
def test_only_a_score_strictly_above_the_limit_is_refused(score: int, limit: int, exceeds: bool) -> None:
    assert Verdict(score).exceeds(limit) is exceeds


TEXT = st.none() | st.text(max_size=5)


@given(
    st.builds(
        RiskFacts,
        TEXT, TEXT, TEXT, TEXT,
        TEXT | st.sampled_from(sorted(FREE_MAIL_DOMAINS)).map("a@{}".format),
        TEXT,
        st.booleans(),
    )
)  # fmt: skip
def test_a_score_is_an_opinion_between_0_and_100_or_none(facts: RiskFacts) -> None:
    found = verdict(facts)
    assert found.score == NO_OPINION or 0 <= found.score <= 100
    assert list(found.codes) == sorted(found.codes, key=lambda code: code.id)
