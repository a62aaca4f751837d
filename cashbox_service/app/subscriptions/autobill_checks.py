"""What must hold of an AutoBill before it is stored (autobill §6.1, validation list)."""

from __future__ import annotations

from datetime import date

from cashbox_service.app.context import Work
from cashbox_service.app.taxes import taxing
from cashbox_service.app.usage import rated_items
from cashbox_service.domain import rating
from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.domain.item_timing import item_starts_on
from cashbox_service.domain.pricing import item_price, plan_price
from cashbox_service.store.entities import AutoBill

MAX_INVOICE_TERMS = 3650
MERCHANT_ACCEPTED = "MerchantAcceptedPayment"


def check(autobill: AutoBill) -> None:
    """Raises InvalidRequest and InvalidValue."""
    for name, day in (
        ("billingDay", autobill.billing_day),
        ("specifiedBillingDay", autobill.specified_billing_day),
    ):
        if day is not None:
            check_day(name, day)
    if autobill.minimum_commitment < 0:
        raise InvalidValue("minimumCommitment", autobill.minimum_commitment, "must not be negative")
    for name, text in (
        ("merchantAffiliateId", autobill.merchant_affiliate_id),
        ("merchantAffiliateSubId", autobill.merchant_affiliate_sub_id),
    ):
        if text is not None and len(text) > 128:
            raise InvalidValue(name, text[:40] + "…", "is longer than 128 characters")
    _check_statement(autobill)
    _check_prices(autobill)


def tax_classes(autobill: AutoBill) -> frozenset[tuple[str | None, str | None]]:
    """The tax classes of what it bills, each with the id of its plan or product."""
    plan = autobill.billing_plan
    products = (item.product for item in autobill.items)
    return frozenset(
        {
            (plan.tax_classification, plan.merchant_billing_plan_id),
            *((product.tax_classification, product.merchant_product_id) for product in products),
        }
    )


def check_tax_classes(
    work: Work, autobill: AutoBill, accepted: frozenset[tuple[str | None, str | None]] = frozenset()
) -> None:
    """Raises UnknownTaxClass for a class that cannot be taxed (billing-engine §12); ``accepted`` ones may stay."""
    assessment = taxing.of_autobill(work, autobill)
    for classification, own_id in sorted(tax_classes(autobill) - accepted, key=str):
        assessment.check(classification, own_id)


def check_day(name: str, day: int) -> None:
    """Raises InvalidValue for what is no day of the month."""
    if not 1 <= day <= 31:
        raise InvalidValue(name, day, "is not between 1 and 31")


def _check_statement(autobill: AutoBill) -> None:
    terms, offset = autobill.invoice_terms, autobill.statement_offset
    if terms is not None and not 0 <= terms <= MAX_INVOICE_TERMS:
        raise InvalidValue("invoiceTerms", terms, f"is not between 0 and {MAX_INVOICE_TERMS}")
    if not offset or autobill.statement_format == "DoNotSend":
        return
    if offset < 0:
        raise InvalidValue("statementOffset", offset, "must not be negative")
    method = autobill.payment_method
    if method is not None and method.type == MERCHANT_ACCEPTED:
        raise InvalidValue("statementOffset", offset, "must be empty or 0 on an invoiced AutoBill")
    notice = autobill.billing_plan.prenotify_days
    if notice and offset >= notice:
        raise InvalidValue("statementOffset", offset, f"is not smaller than prenotifyDays {notice}")


def _check_prices(autobill: AutoBill) -> None:
    """Plan and products have a price in the AutoBill's currency, or none at all (billing-engine §4.1)."""
    periods = autobill.billing_plan.periods
    if not periods:
        raise InvalidRequest("The billing plan has no periods.")
    plan_price(periods[0].prices, autobill.currency)
    seasons = None if autobill.billing_plan.season_set is None else ()
    for item in autobill.items:
        item_starts_on(item.start_text, date.min, seasons)
        rate_plan = rated_items.plan_of(item)
        if rate_plan is not None:
            rating.check_priced(rate_plan.tiers, autobill.currency)
        else:
            item_price(item.product.prices, autobill.currency, item.amount)
