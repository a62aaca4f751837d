"""Telling customers that their card expires: on the first day of a month, some months ahead (notifications §2.1).

Only cards that pay for AutoBills are told of, each once for each date on it, to the customer of every such AutoBill. A
month whose first day was missed is made up on the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import date

from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.domain.calendar import add_days, add_months, first_on_or_after
from cashbox_service.domain.mail import MailState
from cashbox_service.domain.notice import Notice

_GROUP = 500


class CardReminders:
    """Looks at the cards of every merchant once a month, however often it is asked."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self._done: dict[str, date] = {}

    def run(self) -> int:
        """How many customers are to be told."""
        return sum(self._of(merchant) for merchant in self._env.merchants())

    def _of(self, merchant: MerchantContext) -> int:
        if merchant.settings.card_expiry_months is None:
            return 0
        month = self._env.now(merchant).astimezone(merchant.settings.zone).date().replace(day=1)
        if self._done.get(merchant.vid) == month:
            return 0
        count = remind(self._env, merchant)
        self._done[merchant.vid] = month
        return count


def remind(env: Environment, merchant: MerchantContext) -> int:
    """Queue the letters of this month; how many are new."""
    months = merchant.settings.card_expiry_months
    if months is None:
        return 0
    with closing(env.open(merchant)) as work:
        month = add_months(work.today.replace(day=1), months)
        found: Sequence[str] = work.uow.autobills.with_card_expiring(f"{month:%Y%m}")
    return sum(
        _queue(env, merchant, found[start : start + _GROUP], month) for start in range(0, len(found), _GROUP)
    )


def next_day(merchant: MerchantContext, after: date) -> date | None:
    """The next day on which letters are due; None when the merchant wants none."""
    if merchant.settings.card_expiry_months is None:
        return None
    return first_on_or_after(add_days(after, 1), 1)


def _queue(env: Environment, merchant: MerchantContext, vids: Sequence[str], month: date) -> int:
    with closing(env.open(merchant)) as work, work.writing():
        return sum(
            work.uow.mails.add_unless_there(
                f"card expiry {month:%Y%m} {vid}",
                kind=Notice.CARD_EXPIRATION.value,
                subject_vid=vid,
                autobill_vid=vid,
                facts={"month": f"{month:%Y-%m}"},
                at=work.now,
                state=MailState.DUE.value,
                next_at=work.now,
            )
            for vid in vids
        )
