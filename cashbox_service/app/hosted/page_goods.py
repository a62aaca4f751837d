"""What the payment page tells of a purchase: items of a sale, or products and plan of a subscription.

Prices are those of the catalog and of the merchant's own values; what only the call itself can tell, tax and discounts
among it, is not guessed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from cashbox_service.app.context import Work
from cashbox_service.app.taxes.taxing import taxes_sales
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.hosted_form import FormName
from cashbox_service.domain.hosted_goods import (
    Goods,
    GoodsLine,
    amount,
    indices,
    line,
    sum_of,
    transaction_lines,
)
from cashbox_service.domain.hosted_method import HostedMethod, parameters
from cashbox_service.domain.hosted_page import Ask
from cashbox_service.domain.pricing import autobill_currency, description_for, plan_price, product_price
from cashbox_service.store.entities import BillingPlan, Product, WebSession

_AUTOBILL: Final = "AutoBill"
_CAMPAIGN: Final = "campaigncode"


class Basket:
    """Reads what the session is about from the values that the merchant gave."""

    def __init__(
        self,
        work: Work,
        session: WebSession,
        method: HostedMethod,
        values: Mapping[FormName, str],
        language: str,
    ) -> None:
        self._work = work
        self._session = session
        self._method = method
        self._values = values
        self._language = language

    def goods(self) -> Goods | None:
        """What is bought; None when that does not follow from the merchant's values."""
        if self._method.service == _AUTOBILL:
            return self._subscription()
        lines = transaction_lines(self._values, self._currency("Transaction"))
        return self._summed(lines, None, self._currency("Transaction")) if lines else None

    def _currency(self, object_: str) -> str:
        account = self._work.uow.accounts
        vid, merchant_id = self._value("Account", "vid"), self._value("Account", "merchantaccountid")
        owner = account.by_vid(vid) if vid else account.by_merchant_id(merchant_id) if merchant_id else None
        return autobill_currency(
            self._value(object_, "currency"),
            owner.default_currency if owner is not None else None,
            self._work.settings.default_currency,
        )

    def _value(self, object_: str, *path: str) -> str | None:
        return self._values.get(FormName(object_, path))

    def _subscription(self) -> Goods | None:
        currency = self._currency(_AUTOBILL)
        lines = tuple(self._items(currency))
        plan = self._plan()
        if plan is not None and lines:
            fee = self._plan_fee(plan, currency)
            if fee is None:
                lines = tuple(GoodsLine(each.text, each.quantity) for each in lines)
            elif fee:
                lines = (
                    *lines,
                    line(plan.description or plan.merchant_billing_plan_id, Decimal(1), fee, currency),
                )
        return self._summed(lines, plan, currency) if lines else None

    def _items(self, currency: str) -> Iterator[GoodsLine]:
        named = [(self._value("Product", "merchantproductid"), self._value("Product", "vid"), "0")]
        for index in indices(self._values, _AUTOBILL, "items"):
            start = ("items", index, "product")
            named.append(
                (
                    self._value(_AUTOBILL, *start, "merchantproductid"),
                    self._value(_AUTOBILL, *start, "vid"),
                    index,
                )
            )
        for merchant_id, vid, index in named:
            product = self._product(merchant_id, vid)
            if product is not None:
                quantity = amount(self._value(_AUTOBILL, "items", index, "quantity") or "1")
                yield line(self._text_of(product), quantity, self._price(product, index, currency), currency)

    def _product(self, merchant_id: str | None, vid: str | None) -> Product | None:
        catalog = self._work.uow.catalog
        if vid:
            return catalog.product_by_vid(vid)
        return catalog.product_by_sku(merchant_id) if merchant_id else None

    def _price(self, product: Product, index: str, currency: str) -> Decimal | None:
        """The price of one unit; None where it follows from usage or is not known."""
        item = {
            name.path[2] for name in self._values if name.path[:2] == ("items", index) and len(name.path) > 2
        }
        if "rateplan" in item or product.default_rate_plan_vid is not None or product.bundled_vids:
            return None
        if "amount" in item:
            return amount(self._value(_AUTOBILL, "items", index, "amount"))
        try:
            return product_price(product.prices, currency)
        except InvalidValue:
            return None

    def _plan(self) -> BillingPlan | None:
        catalog = self._work.uow.catalog
        vid, merchant_id = (
            self._value("BillingPlan", "vid"),
            self._value("BillingPlan", "merchantbillingplanid"),
        )
        if vid:
            return catalog.plan_by_vid(vid)
        return catalog.plan_by_merchant_id(merchant_id) if merchant_id else None

    def _plan_fee(self, plan: BillingPlan, currency: str) -> Decimal | None:
        """What the plan itself costs each time; None where its periods differ, as with a trial."""
        if len(plan.periods) != 1 or plan.periods[0].free or plan.season_set_vid is not None:
            return None
        try:
            return plan_price(plan.periods[0].prices, currency)
        except InvalidValue:
            return None

    def _summed(self, lines: tuple[GoodsLine, ...], plan: BillingPlan | None, currency: str) -> Goods:
        text = None if plan is None else plan.description or plan.merchant_billing_plan_id
        is_known = not self._has_campaign()
        return Goods(lines, sum_of(lines, currency) if is_known else None, text, taxes_sales(self._work))

    def _has_campaign(self) -> bool:
        """Whether a discount may come off."""
        given = parameters(self._method, [(each.name, each.value) for each in self._session.parameters])
        return _CAMPAIGN in given or any(name.path[-1] == _CAMPAIGN for name in self._values)

    def _text_of(self, product: Product) -> str:
        return (
            description_for(product.descriptions, self._language)
            or product.merchant_product_id
            or product.vid
        )

    def choice_name(self, ask: Ask, choice: str) -> str:
        """What a customer calls a plan or product that he may choose."""
        catalog, last = self._work.uow.catalog, ask.field.path[-1]
        is_vid = last == "vid"
        if ask.field.object == "BillingPlan" or "billingplan" in ask.field.path:
            plan = catalog.plan_by_vid(choice) if is_vid else catalog.plan_by_merchant_id(choice)
            return (plan.description if plan is not None else None) or choice
        if ask.field.object == "Product" or "product" in ask.field.path:
            product = catalog.product_by_vid(choice) if is_vid else catalog.product_by_sku(choice)
            return self._text_of(product) if product is not None else choice
        return choice
