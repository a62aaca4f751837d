"""The risk of a payment before any processor is asked: facts from the store, rules from the domain (transaction §7.6).

A caller names the highest score that it accepts; at 100 nothing is refused and nothing is scored. In the sandbox the
name-value pair ``vin:TestScore`` forces the score.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cashbox_service.app import name_values
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.drafts import NameValuePairDraft
from cashbox_service.domain import scoring as rules
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import InvalidValue, RiskRefused
from cashbox_service.domain.issuer_rows import issuer_countries
from cashbox_service.domain.reserved_names import TEST_SCORE
from cashbox_service.domain.rows import Row
from cashbox_service.domain.scoring import UNSCORED, WORST, RiskFacts, Verdict
from cashbox_service.store.entities import Account, PaymentMethod

if TYPE_CHECKING:
    from cashbox_service.app.environment import Environment

_SCORE = re.compile(r"-?\d{1,3}")
_CARD = "CreditCard"


@dataclass(frozen=True, slots=True)
class ScoringFacts:
    """Who pays with what from where, stored or about to be; ``name_values`` are those of the object that is paid.

    ``charged_back`` tells that the payment itself, made elsewhere, has been charged back.
    """

    account: Account | None = None
    payment_method: PaymentMethod | None = None
    source_ip: str | None = None
    name_values: Sequence[NameValue | NameValuePairDraft] = ()
    charged_back: bool = False


def check_limit(limit: int) -> None:
    """Raises InvalidValue for a minChargebackProbability that no score can be compared with."""
    if not 0 <= limit <= WORST:
        raise InvalidValue("minChargebackProbability", limit, "is not between 0 and 100")


def gate(work: Work, facts: ScoringFacts, limit: int) -> Verdict:
    """The score of a payment that is about to be made; -1 at the limit of 100, where none is asked for.

    Raises RiskRefused when the score is above the limit, InvalidValue for a forced score that is none.
    """
    if limit >= WORST:
        return UNSCORED
    verdict = evaluate(work, facts)
    if verdict.exceeds(limit):
        raise RiskRefused(verdict.score, limit, verdict.codes)
    return verdict


def evaluate(work: Work, facts: ScoringFacts) -> Verdict:
    """The score of a payment and what raised it. Raises InvalidValue for a forced score that is none."""
    forced = _forced(work, facts)
    if forced is not None:
        return Verdict(forced)
    method = facts.payment_method
    address = method.billing_address if method is not None else None
    return rules.verdict(
        RiskFacts(
            source_ip=facts.source_ip,
            city=address.city if address is not None else None,
            district=address.district if address is not None else None,
            country=address.country if address is not None else None,
            email_address=facts.account.email_address if facts.account is not None else None,
            bin_country=_bin_country(work, method),
            charged_back_before=facts.charged_back or _charged_back_before(work, method),
        )
    )


def load_issuers(env: Environment, merchant: MerchantContext, rows: Iterable[Row]) -> int:
    """Know in which countries cards are issued, instead of what was known before; the number of prefixes.

    Raises WrongRows naming every wrong row, and nothing is changed then.
    """
    countries = issuer_countries(rows)
    with closing(env.open(merchant)) as work, work.writing():
        work.uow.risk.add_issuers(countries)
    return len(countries)


def _forced(work: Work, facts: ScoringFacts) -> int | None:
    """The score that a test asks for, on the object paid or on the payment method."""
    if not work.env.settings.is_sandbox:
        return None
    text = name_values.value_of(facts.name_values, TEST_SCORE)
    if text is None and facts.payment_method is not None:
        text = name_values.value_of(facts.payment_method.name_values, TEST_SCORE)
    if not text:
        return None
    if not _SCORE.fullmatch(text) or not rules.FAILED <= int(text) <= WORST:
        raise InvalidValue(TEST_SCORE, text[:40], "is not between -2 and 100")
    return int(text)


def _bin_country(work: Work, method: PaymentMethod | None) -> str | None:
    if method is None or method.type != _CARD:
        return None
    first_digits = method.details.get("bin")
    return work.uow.risk.country_of(first_digits) if first_digits else None


def _charged_back_before(work: Work, method: PaymentMethod | None) -> bool:
    if method is None or method.type != _CARD or method.fingerprint is None:
        return False
    return work.uow.risk.is_disputed(method.fingerprint)
