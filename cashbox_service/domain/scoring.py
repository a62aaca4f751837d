"""How risky a payment looks: a table of rules whose points add up to a score from 0 (best) to 100 (worst).

The score is -1, no opinion, where the caller told too little about who pays from where. A card that was charged back
before is as risky as can be, whatever else is known. -2 stands for a scorer that failed; the rules here cannot fail, so
only an override in the sandbox gives it. Source: transaction §7.6, §2 (field 26); autobill §5.4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

NO_OPINION: Final = -1
FAILED: Final = -2
BEST: Final = 0
WORST: Final = 100

_START: Final = 5

FREE_MAIL_DOMAINS: Final = frozenset(
    {
        "126.com", "163.com", "aol.com", "fastmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at", "gmx.ch",
        "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hotmail.co.uk", "hotmail.com", "hotmail.de", "hotmail.fr",
        "icloud.com", "laposte.net", "libero.it", "live.com", "mail.com", "mail.ru", "me.com", "msn.com", "naver.com",
        "orange.fr", "outlook.com", "outlook.de", "proton.me", "protonmail.com", "qq.com", "rediffmail.com",
        "t-online.de", "terra.com.br", "tutanota.com", "uol.com.br", "web.de", "yahoo.co.jp", "yahoo.co.uk",
        "yahoo.com", "yahoo.com.br", "yahoo.de", "yahoo.fr", "yandex.ru", "ymail.com", "zoho.com",
    }
)  # fmt: skip
"""Mail providers where anybody gets an address without proving who he is."""


@dataclass(frozen=True, slots=True)
class ScoreCode:
    """A rule that raised a score."""

    id: int
    description: str


PRIOR_CHARGEBACK: Final = ScoreCode(1, "PRIOR_CB_IN_VERTICAL")
COUNTRY_MISMATCH: Final = ScoreCode(2, "COUNTRY_MISMATCH")
FREE_EMAIL: Final = ScoreCode(3, "FREE_EMAIL")


@dataclass(frozen=True, slots=True)
class RiskFacts:
    """What is known of a payment; ``bin_country`` is where the card was issued, None when nobody knows."""

    source_ip: str | None = None
    city: str | None = None
    district: str | None = None
    country: str | None = None
    email_address: str | None = None
    bin_country: str | None = None
    charged_back_before: bool = False

    @property
    def are_sufficient(self) -> bool:
        """Whether there is enough to have an opinion on: the customer's address on the net and at home."""
        return all((text or "").strip() for text in (self.source_ip, self.city, self.district, self.country))

    @property
    def mail_domain(self) -> str:
        """What stands behind the last @ of the mail address."""
        return (self.email_address or "").rpartition("@")[2].strip().casefold()

    @property
    def country_differs(self) -> bool:
        """Whether the card was issued elsewhere than where the customer lives."""
        issued, lives = (self.bin_country or "").strip(), (self.country or "").strip()
        return bool(issued) and bool(lives) and issued.casefold() != lives.casefold()


@dataclass(frozen=True, slots=True)
class Verdict:
    """A score and the rules that raised it."""

    score: int = NO_OPINION
    codes: tuple[ScoreCode, ...] = ()

    def exceeds(self, limit: int) -> bool:
        """Whether the payment is too risky for a caller who accepts up to ``limit``; no opinion never is."""
        return self.score > limit


UNSCORED: Final = Verdict()


@dataclass(frozen=True, slots=True)
class _Rule:
    code: ScoreCode
    points: int
    applies: Callable[[RiskFacts], bool]


_RULES: Final = (
    _Rule(PRIOR_CHARGEBACK, 100, lambda facts: facts.charged_back_before),
    _Rule(COUNTRY_MISMATCH, 40, lambda facts: facts.country_differs),
    _Rule(FREE_EMAIL, 20, lambda facts: facts.mail_domain in FREE_MAIL_DOMAINS),
)


def verdict(facts: RiskFacts) -> Verdict:
    """The score of a payment and the rules behind it, in the order of their ids."""
    if not facts.are_sufficient and not facts.charged_back_before:
        return UNSCORED
    met = [rule for rule in _RULES if rule.applies(facts)]
    points = _START + sum(rule.points for rule in met)
    return Verdict(max(BEST, min(points, WORST)), tuple(rule.code for rule in met))
