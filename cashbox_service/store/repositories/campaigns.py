"""Campaigns, their codes and their redemptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, func, insert, not_, or_, select, update

from cashbox_service.domain.campaign import CampaignState, Switch
from cashbox_service.store.entities import (
    Account,
    AutoBill,
    Campaign,
    CampaignName,
    CampaignRedemption,
    CouponCode,
)
from cashbox_service.store.repositories.base import Repository, batched

_STANDING = CampaignRedemption.released_at.is_(None)


class Redeemed(NamedTuple):
    """Who redeemed a code, and when."""

    merchant_account_id: str | None
    account_vid: str | None
    at: datetime


class CampaignRepository(Repository):
    """Campaigns of one merchant."""

    def by_vid(self, vid: str) -> Campaign | None:
        return self._one(self._of(Campaign).where(Campaign.vid == vid))

    def by_campaign_id(self, campaign_id: str) -> Campaign | None:
        return self._one(self._of(Campaign).where(Campaign.campaign_id == campaign_id))

    def lock(self, vid: str) -> Campaign | None:
        """The campaign, re-read and locked: nobody redeems a code of it meanwhile."""
        return self._lock(self._of(Campaign).where(Campaign.vid == vid), Campaign)

    def shared(self, vid: str) -> Campaign | None:
        """The campaign, re-read and kept as it is until the transaction ends; others may redeem its codes as well."""
        statement = self._of(Campaign).where(Campaign.vid == vid)
        return self._one(
            statement.with_for_update(read=True, of=Campaign).execution_options(populate_existing=True)
        )

    def page(
        self, page: int, size: int, now: datetime, state: CampaignState | None = None
    ) -> Sequence[Campaign]:
        """By age, oldest first; those that are in a state at that moment when one is given."""
        statement = self._of(Campaign).order_by(Campaign.created_at, Campaign.vid)
        if state is not None:
            statement = statement.where(_in_state(state, now))
        return self._page(statement, page, size)

    def names_of(self, vids: Iterable[str]) -> dict[str, list[CampaignName]]:
        """What campaigns can be told by, aliases in their order."""
        found: dict[str, list[CampaignName]] = defaultdict(list)
        for some in batched(list(vids)):
            for name in self._all(
                self._of(CampaignName)
                .where(CampaignName.campaign_vid.in_(some))
                .order_by(CampaignName.campaign_vid, CampaignName.position)
            ):
                found[name.campaign_vid].append(name)
        return found

    def name(self, name: str) -> CampaignName | None:
        return self._one(self._of(CampaignName).where(CampaignName.name == name))

    def remove_aliases(self, vid: str) -> None:
        self.session.execute(
            delete(CampaignName).where(
                CampaignName.merchant_vid == self.merchant_vid,
                CampaignName.campaign_vid == vid,
                CampaignName.kind == "alias",
            )
        )

    def coupon(self, code: str) -> CouponCode | None:
        return self._one(self._of(CouponCode).where(CouponCode.code == code))

    def lock_coupon(self, vid: str) -> CouponCode | None:
        """The code, re-read and locked."""
        return self._lock(self._of(CouponCode).where(CouponCode.vid == vid), CouponCode)

    def coupons(
        self,
        campaign_vid: str,
        page: int,
        size: int,
        hidden: Sequence[tuple[int, int]] = (),
        most: int = 1,
    ) -> Sequence[CouponCode]:
        """The codes of a campaign in order.

        ``hidden`` are spans of numbers, each behind its first and up to its last, of which only those are shown that
        were redeemed ``most`` times.
        """
        statement = self._of(CouponCode).where(CouponCode.campaign_vid == campaign_vid)
        for behind, up_to in hidden:
            within = and_(CouponCode.sequence > behind, CouponCode.sequence <= up_to)
            statement = statement.where(or_(not_(within), CouponCode.redemptions >= most))
        return self._page(statement.order_by(CouponCode.sequence), page, size)

    def highest_sequence(self, campaign_vid: str) -> int:
        """The number of the last code that exists; 0 without any."""
        found = self.session.scalar(
            self._of(CouponCode)
            .with_only_columns(func.max(CouponCode.sequence))
            .where(CouponCode.campaign_vid == campaign_vid)
        )
        return found or 0

    def add_coupons(self, campaign_vid: str, first: int, codes: Sequence[tuple[str, str]]) -> None:
        """Store codes, each with its VID, numbered from ``first`` on."""
        self.session.execute(
            insert(CouponCode),
            [
                {
                    "vid": vid,
                    "merchant_vid": self.merchant_vid,
                    "campaign_vid": campaign_vid,
                    "sequence": sequence,
                    "code": code,
                    "redemptions": 0,
                }
                for sequence, (vid, code) in enumerate(codes, first)
            ],
        )

    def record_retrieved(self, vids: Iterable[str], now: datetime) -> None:
        """Those of the codes that were not handed out before are now."""
        for some in batched(list(vids)):
            self.session.execute(
                update(CouponCode)
                .where(
                    CouponCode.merchant_vid == self.merchant_vid,
                    CouponCode.vid.in_(some),
                    CouponCode.retrieved_at.is_(None),
                )
                .values(retrieved_at=now)
                .execution_options(synchronize_session="fetch")
            )

    def record_redeemed(self, coupon_vid: str, most: int) -> bool:
        """Count one more redemption of a code, unless that were more than ``most``; whether it was counted."""
        changed: Any = self.session.execute(
            update(CouponCode)
            .where(
                CouponCode.merchant_vid == self.merchant_vid,
                CouponCode.vid == coupon_vid,
                CouponCode.redemptions < most,
            )
            .values(redemptions=CouponCode.redemptions + 1)
            .execution_options(synchronize_session=False)
        )
        return bool(changed.rowcount)

    def record_given_back(self, coupon_vid: str) -> None:
        """Count one redemption less."""
        self.session.execute(
            update(CouponCode)
            .where(CouponCode.merchant_vid == self.merchant_vid, CouponCode.vid == coupon_vid)
            .values(redemptions=CouponCode.redemptions - 1)
            .execution_options(synchronize_session=False)
        )

    def redeemed_on(self, campaign_vid: str, autobill_vid: str) -> bool:
        """Whether a code of the campaign was redeemed for the AutoBill."""
        found = self._of(CampaignRedemption).with_only_columns(CampaignRedemption.row_id)
        return (
            self.session.scalar(
                found.where(
                    CampaignRedemption.campaign_vid == campaign_vid,
                    CampaignRedemption.autobill_vid == autobill_vid,
                    _STANDING,
                ).limit(1)
            )
            is not None
        )

    def of_transaction(self, transaction_vid: str) -> Sequence[CampaignRedemption]:
        """What a one-time sale redeemed and did not give back."""
        return self._all(
            self._of(CampaignRedemption).where(
                CampaignRedemption.transaction_vid == transaction_vid, _STANDING
            )
        )

    def redeemed_by(self, coupon_vids: Iterable[str]) -> dict[str, list[Redeemed]]:
        """Who redeemed the codes, oldest first."""
        found: dict[str, list[Redeemed]] = defaultdict(list)
        for some in batched(list(coupon_vids)):
            rows = self.session.execute(
                select(
                    CampaignRedemption.coupon_code_vid,
                    Account.merchant_account_id,
                    Account.vid,
                    CampaignRedemption.at,
                )
                .outerjoin(
                    Account,
                    and_(
                        Account.vid == CampaignRedemption.account_vid,
                        Account.merchant_vid == self.merchant_vid,
                    ),
                )
                .where(
                    CampaignRedemption.merchant_vid == self.merchant_vid,
                    CampaignRedemption.coupon_code_vid.in_(some),
                    _STANDING,
                )
                .order_by(CampaignRedemption.at, CampaignRedemption.row_id)
            )
            for coupon_vid, merchant_account_id, account_vid, at in rows:
                found[coupon_vid or ""].append(Redeemed(merchant_account_id, account_vid, at))
        return found

    def miscounted(self) -> list[tuple[str, int, int, int]]:
        """For the audit: codes whose count is not that of their redemptions, or above the limit of their campaign.

        Each with its count, its redemptions and the limit.
        """
        counts = (
            select(CampaignRedemption.coupon_code_vid, func.count().label("made"))
            .where(
                CampaignRedemption.merchant_vid == self.merchant_vid,
                CampaignRedemption.coupon_code_vid.is_not(None),
                _STANDING,
            )
            .group_by(CampaignRedemption.coupon_code_vid)
            .subquery()
        )
        made, most = func.coalesce(counts.c.made, 0), func.coalesce(Campaign.max_redemptions, 1)
        rows = self.session.execute(
            select(CouponCode.vid, CouponCode.redemptions, made, most)
            .join(Campaign, Campaign.vid == CouponCode.campaign_vid)
            .outerjoin(counts, counts.c.coupon_code_vid == CouponCode.vid)
            .where(
                CouponCode.merchant_vid == self.merchant_vid,
                Campaign.merchant_vid == self.merchant_vid,
                or_(CouponCode.redemptions != made, CouponCode.redemptions > most),
            )
        )
        return [(vid, counted, found, limit) for vid, counted, found, limit in rows]

    def applied_twice(self) -> list[tuple[str, str]]:
        """For the audit: AutoBills and promotions that were redeemed for them more than once."""
        rows = self.session.execute(
            select(AutoBill.merchant_autobill_id, Campaign.campaign_id)
            .select_from(CampaignRedemption)
            .join(AutoBill, AutoBill.vid == CampaignRedemption.autobill_vid)
            .join(Campaign, Campaign.vid == CampaignRedemption.campaign_vid)
            .where(
                CampaignRedemption.merchant_vid == self.merchant_vid,
                AutoBill.merchant_vid == self.merchant_vid,
                Campaign.merchant_vid == self.merchant_vid,
                CampaignRedemption.coupon_code_vid.is_(None),
                _STANDING,
            )
            .group_by(AutoBill.merchant_autobill_id, Campaign.campaign_id)
            .having(func.count() > 1)
        )
        return [(autobill, campaign) for autobill, campaign in rows]

    def redeemed_pairs(self) -> set[tuple[str, str]]:
        """For the audit: AutoBills and the campaigns redeemed for them."""
        rows = self.session.execute(
            self._of(CampaignRedemption)
            .with_only_columns(CampaignRedemption.autobill_vid, CampaignRedemption.campaign_vid)
            .where(CampaignRedemption.autobill_vid.is_not(None))
            .distinct()
        )
        return {(row[0] or "", row[1]) for row in rows}


def _in_state(state: CampaignState, now: datetime) -> ColumnElement[bool]:
    """The rule of `domain.campaign.Offer` as a condition."""
    cancelled = Campaign.switch == Switch.CANCELLED.value
    ended = and_(
        Campaign.activated_at.is_not(None),
        Campaign.offer_ends_at.is_not(None),
        Campaign.offer_ends_at < now,
    )
    if state is CampaignState.CANCELLED:
        return cancelled
    if state is CampaignState.COMPLETE:
        return and_(not_(cancelled), ended)
    going = and_(not_(cancelled), not_(ended))
    if state is CampaignState.INACTIVE:
        return and_(going, Campaign.switch == Switch.OFF.value)
    begun = Campaign.offer_starts_at <= now
    on = and_(going, Campaign.switch == Switch.ON.value)
    return and_(on, begun if state is CampaignState.ACTIVE else not_(begun))
