"""Proves redemptions: every count is that of the redemptions made, every discount has one behind it (campaign §3.1)."""

from __future__ import annotations

from collections.abc import Iterator

from cashbox_service.app.context import Work


def problems(work: Work) -> Iterator[tuple[str, str]]:
    """What does not agree, by its subject."""
    for coupon_vid, counted, made, most in work.uow.campaigns.miscounted():
        yield f"coupon code {coupon_vid}", f"counts {counted} redemptions of {most}, has {made}"
    for merchant_autobill_id, campaign_id in work.uow.campaigns.applied_twice():
        yield (
            f"autobill {merchant_autobill_id}",
            f"promotion {campaign_id} was redeemed for it more than once",
        )
    redeemed = work.uow.campaigns.redeemed_pairs()
    for autobill in work.uow.autobills.everything():
        name = f"autobill {autobill.merchant_autobill_id}"
        for discount in autobill.discounts:
            if (autobill.vid, discount.campaign_vid) not in redeemed:
                yield name, f"is reduced by campaign {discount.campaign_id}, which was not redeemed for it"
            if discount.cycles is not None and discount.used > discount.cycles:
                yield (
                    name,
                    f"campaign {discount.campaign_id} reduced {discount.used} of {discount.cycles} bills",
                )
