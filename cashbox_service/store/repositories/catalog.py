"""Products, billing plans, season sets, rate plans, token types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import String, cast, func, select

from cashbox_service.store.entities import (
    AutoBill,
    AutoBillItem,
    BillingPlan,
    Invoice,
    Product,
    RatePlan,
    SeasonSet,
    Token,
)
from cashbox_service.store.repositories.base import Repository

IN_SERVICE = ("Processing", "Pending Activation", "Active", "Pending Cancel")
"""AutoBill statuses in which the AutoBill still uses its plan and products."""


class CatalogRepository(Repository):
    """The catalog of one merchant."""

    def product_by_vid(self, vid: str) -> Product | None:
        return self._one(self._of(Product).where(Product.vid == vid))

    def product_by_sku(self, merchant_product_id: str) -> Product | None:
        return self._one(self._of(Product).where(Product.merchant_product_id == merchant_product_id))

    def products_by_vid(self, vids: Iterable[str]) -> dict[str, Product]:
        wanted = list(vids)
        if not wanted:
            return {}
        return {
            product.vid: product for product in self._all(self._of(Product).where(Product.vid.in_(wanted)))
        }

    def plans_by_vid(self, vids: Iterable[str]) -> dict[str, BillingPlan]:
        return {plan.vid: plan for plan in self._all(self._of(BillingPlan).where(BillingPlan.vid.in_(vids)))}

    def rate_plans_by_vid(self, vids: Iterable[str]) -> dict[str, RatePlan]:
        wanted = list(vids)
        if not wanted:
            return {}
        return {plan.vid: plan for plan in self._all(self._of(RatePlan).where(RatePlan.vid.in_(wanted)))}

    def products(self, page: int, size: int) -> Sequence[Product]:
        return self._page(self._of(Product).order_by(Product.created_at, Product.vid), page, size)

    def all_products(self) -> Sequence[Product]:
        return self._all(self._of(Product).order_by(Product.created_at, Product.vid))

    def bundles(self) -> dict[str, tuple[str, ...]]:
        """The parts of every bundle, by its VID."""
        rows = self.session.execute(
            self._of(Product)
            .with_only_columns(Product.vid, Product.bundled_vids)
            .where(cast(Product.__table__.c.bundled_vids, String) != "[]")
        )
        return {row.vid: row.bundled_vids for row in rows}

    def products_of_accounts(self, account_vids: Iterable[str]) -> Sequence[Product]:
        """Products of the AutoBills of these accounts, each once."""
        items = (
            select(AutoBillItem.product_vid)
            .join(AutoBill, AutoBill.vid == AutoBillItem.autobill_vid)
            .where(
                AutoBill.merchant_vid == self.merchant_vid,
                AutoBill.account_vid.in_(list(account_vids)),
                AutoBill.status != "Deleted",
            )
        )
        return self._all(
            self._of(Product).where(Product.vid.in_(items)).order_by(Product.created_at, Product.vid)
        )

    def plan_by_vid(self, vid: str) -> BillingPlan | None:
        return self._one(self._of(BillingPlan).where(BillingPlan.vid == vid))

    def plan_by_merchant_id(self, merchant_billing_plan_id: str) -> BillingPlan | None:
        return self._one(
            self._of(BillingPlan).where(BillingPlan.merchant_billing_plan_id == merchant_billing_plan_id)
        )

    def plans(self, page: int, size: int) -> Sequence[BillingPlan]:
        return self._page(self._of(BillingPlan).order_by(BillingPlan.created_at, BillingPlan.vid), page, size)

    def all_plans(self) -> Sequence[BillingPlan]:
        return self._all(self._of(BillingPlan).order_by(BillingPlan.created_at, BillingPlan.vid))

    def plans_by_status(self, status: str) -> Sequence[BillingPlan]:
        return self._all(
            self._of(BillingPlan)
            .where(BillingPlan.status == status)
            .order_by(BillingPlan.created_at, BillingPlan.vid)
        )

    def plan_in_use(self, vid: str) -> bool:
        """Whether an AutoBill in service is on the plan."""
        count = self.session.scalar(
            self._of(AutoBill)
            .with_only_columns(func.count())
            .where(AutoBill.billing_plan_vid == vid, AutoBill.status.in_(IN_SERVICE))
        )
        return bool(count)

    def autobills_on_plan(self, vid: str) -> Sequence[AutoBill]:
        return self._all(
            self._of(AutoBill).where(AutoBill.billing_plan_vid == vid, AutoBill.status.in_(IN_SERVICE))
        )

    def currencies_on_plan(self, vid: str) -> Sequence[str]:
        """The currencies of AutoBills in service on the plan."""
        chosen = self._of(AutoBill).where(AutoBill.billing_plan_vid == vid, AutoBill.status.in_(IN_SERVICE))
        return self.session.scalars(chosen.with_only_columns(AutoBill.currency).distinct()).all()

    def parked_on_plan(self, vid: str) -> Sequence[AutoBill]:
        """AutoBills on the plan that are set aside."""
        return self._all(
            self._of(AutoBill).where(AutoBill.billing_plan_vid == vid, AutoBill.parked_reason.is_not(None))
        )

    def parked_with_products(self, vids: Iterable[str]) -> Sequence[AutoBill]:
        """AutoBills that are set aside and have an item with one of the products."""
        items = select(AutoBillItem.autobill_vid).where(
            AutoBillItem.merchant_vid == self.merchant_vid, AutoBillItem.product_vid.in_(list(vids))
        )
        return self._all(
            self._of(AutoBill).where(AutoBill.vid.in_(items), AutoBill.parked_reason.is_not(None))
        )

    def autobills_with_products(self, vids: Iterable[str]) -> Sequence[AutoBill]:
        """AutoBills in service that have an item with one of the products."""
        items = select(AutoBillItem.autobill_vid).where(
            AutoBillItem.merchant_vid == self.merchant_vid, AutoBillItem.product_vid.in_(list(vids))
        )
        return self._all(self._of(AutoBill).where(AutoBill.vid.in_(items), AutoBill.status.in_(IN_SERVICE)))

    def autobills_on_season_set(self, vid: str) -> Sequence[AutoBill]:
        """AutoBills in service whose plan has the season set."""
        plans = select(BillingPlan.vid).where(
            BillingPlan.merchant_vid == self.merchant_vid, BillingPlan.season_set_vid == vid
        )
        return self._all(
            self._of(AutoBill).where(AutoBill.billing_plan_vid.in_(plans), AutoBill.status.in_(IN_SERVICE))
        )

    def season_set_billed_to(self, vid: str) -> date | None:
        """The last service date that was billed by the season set."""
        return self.session.scalar(
            select(func.max(Invoice.service_start))
            .join(AutoBill, AutoBill.vid == Invoice.autobill_vid)
            .join(BillingPlan, BillingPlan.vid == AutoBill.billing_plan_vid)
            .where(
                Invoice.merchant_vid == self.merchant_vid,
                Invoice.billed_on.is_not(None),
                BillingPlan.season_set_vid == vid,
            )
        )

    def longest_lead(self, vid: str) -> int:
        """The most days that a plan bills a season of the set before it begins."""
        found = self.session.scalar(
            select(func.max(BillingPlan.days_before_season_to_bill)).where(
                BillingPlan.merchant_vid == self.merchant_vid, BillingPlan.season_set_vid == vid
            )
        )
        return found or 0

    def season_set_by_vid(self, vid: str) -> SeasonSet | None:
        return self._one(self._of(SeasonSet).where(SeasonSet.vid == vid))

    def season_set_by_merchant_id(self, merchant_season_set_id: str) -> SeasonSet | None:
        return self._one(
            self._of(SeasonSet).where(SeasonSet.merchant_season_set_id == merchant_season_set_id)
        )

    def season_sets(self, page: int, size: int) -> Sequence[SeasonSet]:
        return self._page(self._of(SeasonSet).order_by(SeasonSet.created_at, SeasonSet.vid), page, size)

    def every_season_set(self) -> Sequence[SeasonSet]:
        """Oldest first. A merchant has few, and their seasons are documents."""
        return self._all(self._of(SeasonSet).order_by(SeasonSet.created_at, SeasonSet.vid))

    def rate_plan_by_vid(self, vid: str) -> RatePlan | None:
        return self._one(self._of(RatePlan).where(RatePlan.vid == vid))

    def rate_plan_by_merchant_id(self, merchant_rate_plan_id: str) -> RatePlan | None:
        return self._one(self._of(RatePlan).where(RatePlan.merchant_rate_plan_id == merchant_rate_plan_id))

    def rate_plans(self, page: int, size: int) -> Sequence[RatePlan]:
        return self._page(self._of(RatePlan).order_by(RatePlan.created_at, RatePlan.vid), page, size)

    def token_by_vid(self, vid: str) -> Token | None:
        return self._one(self._of(Token).where(Token.vid == vid))

    def token_by_merchant_id(self, merchant_token_id: str) -> Token | None:
        return self._one(self._of(Token).where(Token.merchant_token_id == merchant_token_id))

    def tokens_by_vid(self, vids: Iterable[str]) -> dict[str, Token]:
        wanted = list(vids)
        if not wanted:
            return {}
        return {token.vid: token for token in self._all(self._of(Token).where(Token.vid.in_(wanted)))}
