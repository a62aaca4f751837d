"""Campaign codes on AutoBills: which of its parts a code reaches, and what they get from it (campaign §4).

Runs inside the caller's write transaction with the account locked. A code that fails, fails the whole call.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from cashbox_service.app.context import Work
from cashbox_service.app.promotions import campaign_codes, redeeming
from cashbox_service.app.promotions.campaign_codes import Code
from cashbox_service.domain.calendar import midnight
from cashbox_service.domain.campaign import covers_item, covers_plan
from cashbox_service.domain.discount import Discount, GrantUnit, TimeGrant, running, with_discount
from cashbox_service.domain.errors import CampaignCodeRefused, InvalidRequest
from cashbox_service.store.entities import AutoBill, AutoBillItem, Product


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of a call: for all that is eligible, for the price of the plan, and for items."""

    for_all: str | None = None
    for_plan: str | None = None
    by_item: Sequence[tuple[AutoBillItem, str]] = ()

    @property
    def are_given(self) -> bool:
        return bool(self.for_all or self.for_plan or self.by_item)


def apply(work: Work, autobill: AutoBill, codes: Codes, *, is_new: bool = False) -> None:
    """Give items and plan what the codes are worth, and count the redemptions.

    Raises CampaignCodeRefused and its kinds.
    """
    if not codes.are_given:
        return
    applied = Application(work, autobill, is_new=is_new)
    for item, text in codes.by_item:
        applied.to_item(item, text)
    if codes.for_plan:
        applied.to_plan(codes.for_plan)
    if codes.for_all:
        own = {item.vid for item, _ in codes.by_item}
        applied.to_all(codes.for_all, without=own, with_plan=not codes.for_plan)
    applied.redeem()


class Application:
    """The codes of one call while they are given to the parts of one AutoBill; each is redeemed once."""

    def __init__(self, work: Work, autobill: AutoBill, *, is_new: bool = False) -> None:
        self._work = work
        self._autobill = autobill
        self._is_new = is_new
        self._used: dict[str, Code] = {}

    def to_item(self, item: AutoBillItem, text: str) -> None:
        """Raises CampaignCodeRefused when the code is not for the item, or the item has a discount."""
        code = self._usable(text)
        if not self._covers(code, item):
            raise redeeming.does_not_apply(code, item.product.merchant_product_id or item.product.vid)
        self._give(code, item.vid)

    def to_plan(self, text: str) -> None:
        """Raises CampaignCodeRefused when the code is not for the plan, or the plan has a discount."""
        code = self._usable(text)
        if code.campaign.grant_quantity is not None:
            redeeming.check_money(code, self._autobill.currency)
        if not self._covers_plan(code):
            raise redeeming.does_not_apply(code, self._autobill.billing_plan.merchant_billing_plan_id)
        self._give(code, None)

    def to_all(self, text: str, *, without: Collection[str] = (), with_plan: bool) -> None:
        """To every item that the code is for, and to the plan. Raises CampaignCodeRefused when there is none."""
        code = self._usable(text)
        reached: list[str | None] = [
            item.vid
            for item in live(self._work, self._autobill)
            if item.vid not in without and self._covers(code, item)
        ]
        of_time = code.campaign.grant_quantity is not None
        if with_plan and not of_time and self._covers_plan(code):
            reached.append(None)
        if not reached:
            raise redeeming.does_not_apply(code)
        for item_vid in reached[:1] if of_time else reached:
            self._give(code, item_vid)

    def to_all_but_plan(self, text: str, *, or_plan: bool) -> None:
        """To every item that the code is for; there may be none when it goes ``or_plan``.

        Raises CampaignCodeRefused.
        """
        code = self._usable(text)
        reached = [item for item in live(self._work, self._autobill) if self._covers(code, item)]
        if not reached and not (or_plan and self._covers_plan(code)):
            raise redeeming.does_not_apply(code)
        for item in reached:
            self._give(code, item.vid)

    def redeem(self) -> None:
        """Count the redemptions. Raises CampaignCodeRefused when somebody else was first."""
        autobill = self._autobill
        self._work.uow.flush()
        redeeming.redeem(self._work, self._used.values(), autobill.account_vid, autobill_vid=autobill.vid)

    def _usable(self, text: str) -> Code:
        code = campaign_codes.usable(self._work, text)
        if code.key in self._used:
            return self._used[code.key]
        if not self._is_new:
            redeeming.check_not_for_new_alone(code)
        campaign = code.campaign
        if code.coupon is None and self._work.uow.campaigns.redeemed_on(campaign.vid, self._autobill.vid):
            raise CampaignCodeRefused(
                f'Campaign "{campaign.campaign_id}" was already applied to this AutoBill'
            )
        if campaign.grant_quantity is None:
            redeeming.check_money(code, self._autobill.currency)
        return code

    def _covers(self, code: Code, item: AutoBillItem) -> bool:
        return covers_product(code, item.product, self._autobill)

    def _covers_plan(self, code: Code) -> bool:
        campaign = code.campaign
        return covers_plan(campaign.product_vids, campaign.billing_plan_vids, self._autobill.billing_plan_vid)

    def _give(self, code: Code, item_vid: str | None) -> None:
        autobill, campaign = self._autobill, code.campaign
        now = midnight(self._work.today, self._work.zone)
        again = code.key in self._used
        self._used[code.key] = code
        if campaign.grant_quantity is not None:
            if again:
                return
            _check_free(autobill.time_grant is not None)
            autobill.time_grant = TimeGrant(
                campaign.vid,
                campaign.campaign_id,
                campaign.grant_quantity,
                GrantUnit(campaign.grant_unit or ""),
            )
            return
        _check_free(running(autobill.discounts, item_vid, now) is not None)
        autobill.discounts = with_discount(autobill.discounts, redeeming.discount_of(code, item_vid))


def keep(autobill: AutoBill, gone: Sequence[AutoBillItem], without: Collection[str]) -> None:
    """Items that were sent again in the place of others keep their discounts, product by product.

    The code that got a discount is never shown, so that nobody can send it again. Items ``without`` have codes of their
    own.
    """
    heirs: dict[str, str] = {}
    for item in gone:
        taken = {*heirs.values(), *without}
        same = (one for one in autobill.items if one.product_vid == item.product_vid and one.vid not in taken)
        heir = next(same, None)
        if heir is not None:
            heirs[item.vid] = heir.vid
    autobill.discounts = tuple(
        replace(one, item_vid=heirs[one.item_vid]) if one.item_vid is not None else one
        for one in autobill.discounts
        if one.item_vid is None or one.item_vid in heirs
    )


def charge_discount(work: Work, autobill: AutoBill, product: Product | None, text: str) -> Discount:
    """What a code takes off a charge that is made once; it is redeemed. Raises CampaignCodeRefused, InvalidRequest."""
    if product is None:
        raise InvalidRequest("A SKU is required to use a campaign code")
    code = campaign_codes.usable(work, text)
    redeeming.check_not_for_new_alone(code)
    redeeming.check_money(code, autobill.currency)
    if code.coupon is None and work.uow.campaigns.redeemed_on(code.campaign.vid, autobill.vid):
        raise CampaignCodeRefused(
            f'Campaign "{code.campaign.campaign_id}" was already applied to this AutoBill'
        )
    if not covers_product(code, product, autobill):
        raise redeeming.does_not_apply(code, product.merchant_product_id)
    redeeming.redeem(work, [code], autobill.account_vid, autobill_vid=autobill.vid)
    return redeeming.discount_of(code)


def covers_product(code: Code, product: Product | None, autobill: AutoBill | None) -> bool:
    """Whether the offer is for a product, on the plan of an AutoBill or in a sale of its own."""
    return covers_item(
        code.campaign.product_vids,
        code.campaign.billing_plan_vids,
        product.vid if product is not None else None,
        autobill.billing_plan_vid if autobill is not None else None,
    )


def live(work: Work, autobill: AutoBill) -> list[AutoBillItem]:
    """The items that will be billed again, for all that is known."""
    return [item for item in autobill.items if item.removed_on is None or item.removed_on > work.today]


def _check_free(taken: bool) -> None:
    """One discount at a time (campaign §4.2)."""
    if taken:
        raise CampaignCodeRefused("Item already has a campaign")
