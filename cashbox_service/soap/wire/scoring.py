"""Score and ScoreCode (transaction §3, §7.6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cashbox_service.domain.errors import RiskRefused
from cashbox_service.domain.scoring import WORST, Verdict
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.narrowing import narrowed_all


class Scored(Protocol):
    """A response that tells a score."""

    score: int | None
    scoreCodes: Sequence[r.ScoreCode]  # noqa: N815  wire name


def add_score(response: Scored, verdict: Verdict, srd: Selection) -> None:
    """Put the score and what raised it into a response, as far as its description asks for it."""
    response.score = verdict.score
    response.scoreCodes = narrowed_all(
        (r.ScoreCode(description=code.description, id=str(code.id)) for code in verdict.codes),
        srd.child("scoreCodes"),
    )


def verdict_of(refusal: RiskRefused) -> Verdict:
    """The score that a payment was refused for."""
    return Verdict(refusal.score, refusal.codes)


def risk_limit(given: int | None) -> int:
    """A minChargebackProbability; without one everything is accepted (transaction §7.1)."""
    return WORST if given is None else given
