"""Redeeming a code: counted in the commit of what it was given for, and never more often than allowed (campaign §3.1).

Runs inside the caller's write transaction. The campaign stays as it is until that commits, so that a code is not
redeemed while its campaign is being cancelled; the count of a coupon is raised by one statement that also asks for its
limit, so that of two callers only one gets the last redemption.
"""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.context import Work
from cashbox_service.app.promotions import campaign_codes
from cashbox_service.app.promotions.campaign_codes import Code
from cashbox_service.domain.discount import Discount
from cashbox_service.domain.errors import CampaignCodeRefused
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import CampaignRedemption, Transaction


def redeem(
    work: Work,
    codes: Iterable[Code],
    account_vid: str | None,
    *,
    autobill_vid: str | None = None,
    transaction_vid: str | None = None,
) -> None:
    """Count one redemption of each code. Raises CampaignCodeRefused when one cannot be used any more."""
    for code in codes:
        work.uow.campaigns.shared(code.campaign.vid)
        campaign_codes.check(work, code)
        most = code.campaign.max_redemptions or 1
        if code.coupon is not None and not work.uow.campaigns.record_redeemed(code.coupon.vid, most):
            raise CampaignCodeRefused(f'Coupon code "{code.text[:40]}" has no redemptions left')
        work.uow.campaigns.add(
            CampaignRedemption(
                row_id=new_row_id(),
                campaign_vid=code.campaign.vid,
                coupon_code_vid=code.coupon.vid if code.coupon is not None else None,
                account_vid=account_vid,
                autobill_vid=autobill_vid,
                transaction_vid=transaction_vid,
                at=work.now,
            )
        )


def release(work: Work, transaction: Transaction) -> None:
    """A sale did not come about: what was redeemed for it can be used again (campaign §3.1)."""
    if not any(line.campaign_id for line in transaction.lines):
        return
    for redemption in work.uow.campaigns.of_transaction(transaction.vid):
        redemption.released_at = work.now
        if redemption.coupon_code_vid is not None:
            work.uow.campaigns.record_given_back(redemption.coupon_code_vid)


def discount_of(code: Code, item_vid: str | None = None) -> Discount:
    """What the code takes off, as its campaign says now; later changes of the campaign do not reach it."""
    campaign = code.campaign
    return Discount(
        campaign_vid=campaign.vid,
        campaign_id=campaign.campaign_id,
        description=campaign.description,
        percentage=campaign.percentage,
        amount=campaign.flat_amount,
        item_vid=item_vid,
        cycles=campaign.cycles,
        expires_at=campaign.expires_at,
    )


def check_money(code: Code, currency: str) -> None:
    """Raises CampaignCodeRefused for an offer that takes nothing off in the currency (campaign §4.2)."""
    campaign = code.campaign
    if campaign.grant_quantity is not None:
        raise CampaignCodeRefused(f'Campaign "{campaign.campaign_id}" grants time and cannot be used here')
    if campaign.flat_currency not in (None, currency):
        raise CampaignCodeRefused(f'Campaign "{campaign.campaign_id}" has no discount in {currency}')


def check_not_for_new_alone(code: Code) -> None:
    """Raises CampaignCodeRefused for an offer that is only for AutoBills about to be created."""
    if code.campaign.restricted_to_new:
        raise CampaignCodeRefused(
            f'Campaign "{code.campaign.campaign_id}" is restricted to new subscriptions'
        )


def does_not_apply(code: Code, target: str | None = None) -> CampaignCodeRefused:
    """The offer does not cover what the code was given for; without ``target`` none of it."""
    return CampaignCodeRefused(
        f'Campaign "{code.campaign.campaign_id}" does not apply to {target or "any item"}'
    )
