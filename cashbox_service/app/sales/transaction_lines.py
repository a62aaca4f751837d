"""The lines of a one-time sale, from the items that the merchant sends (transaction §3, §5.1, §5.2).

What is processed, quoted or scored has its lines made here: items are checked, completed from products of the same SKU,
taxed and numbered. An amount without items becomes one generic line.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cashbox_service.app import name_values
from cashbox_service.app.context import Work
from cashbox_service.app.offers import catalog
from cashbox_service.app.promotions.sale_discounts import NONE, SaleDiscounts
from cashbox_service.app.sales.drafts import TransactionDraft, TransactionItemDraft
from cashbox_service.app.taxes.taxing import Assessment
from cashbox_service.domain.discount import discounted
from cashbox_service.domain.errors import InvalidRequest, InvalidValue, MissingField
from cashbox_service.domain.lines import Charge, ItemType, Line, LineTokens, ServicePeriod, generic_lines
from cashbox_service.domain.money import LARGEST_GIVEN, Money, given, quantise
from cashbox_service.domain.pricing import description_for
from cashbox_service.store.entities import Product
from cashbox_service.store.types import AMOUNT_PLACES

MAX_TEXT = 256
NO_ITEMS = "Must specify line items in transaction to calculate sales tax for auth!"
NEGATIVE = "Amount negative"

_ONE = Decimal(1)


def lines_of(
    work: Work, draft: TransactionDraft, assessment: Assessment, discounts: SaleDiscounts = NONE
) -> tuple[Line, ...]:
    """The numbered lines of what the draft sells, with the summary of taxes where sales are taxed.

    Raises InvalidRequest and its kinds for an item that cannot be, UnknownTaxClass, TokenNotFound, and InvalidRequest
    when there is neither an item nor an amount.
    """
    if draft.amount is not None and draft.amount < 0:
        raise InvalidRequest(NEGATIVE)
    if not draft.transaction_items:
        return _generic(draft, assessment)
    currency = assessment.assessor.currency
    taxed = []
    for index, item in enumerate(draft.transaction_items):
        charge, period = charge_of(work, item, currency)
        taxed.append(assessment.line(discounted(charge, discounts.of_line(index)), period))
    check_totals(taxed)
    return assessment.closed(taxed)


def check_totals(lines: Sequence[Line]) -> None:
    """Raises InvalidValue for a line that comes to more than can be kept."""
    for line in lines:
        if abs(line.total) > LARGEST_GIVEN:
            raise InvalidValue("transactionItems", line.subtotal, f"is more than {LARGEST_GIVEN}")


def taxed_anew(lines: Sequence[Line], assessment: Assessment) -> tuple[Line, ...]:
    """The lines of a sale that now goes elsewhere; what reduces it without touching tax stays as it is."""
    made = [
        line if line.item_type is ItemType.CREDIT else assessment.line(*_charge_of(line))
        for line in lines
        if not line.is_tax_summary
    ]
    return assessment.closed(made)


def _charge_of(line: Line) -> tuple[Charge, ServicePeriod | None]:
    """What a line charges, before tax."""
    charge = Charge(
        name=line.name,
        price=abs(line.price),
        quantity=line.quantity,
        sku=line.sku,
        item_type=line.item_type,
        tax_classification=line.tax_classification,
        discount=line.discount or Decimal(0),
        campaign_id=line.campaign_id,
        campaign_description=line.campaign_description,
        merchant_autobill_item_id=line.merchant_autobill_item_id,
        autobill_item_vid=line.autobill_item_vid,
        related_transactions=line.related_transactions,
        name_values=line.name_values,
        tokens=line.tokens,
    )
    if line.service_start is None or line.service_end is None:
        return charge, None
    return charge, ServicePeriod(line.service_start, line.service_end)


def _generic(draft: TransactionDraft, assessment: Assessment) -> tuple[Line, ...]:
    """One line for an amount that came alone; the amount stays as it is (transaction §5.2)."""
    if draft.amount is None:
        raise InvalidRequest(NO_ITEMS)
    currency = assessment.assessor.currency
    amount = Money(given("amount", draft.amount, currency), currency)
    made = generic_lines(amount, assessment.assessor)
    return made if assessment.enabled else made[:-1]


def charge_of(work: Work, item: TransactionItemDraft, currency: str) -> tuple[Charge, ServicePeriod | None]:
    """What an item charges and for which days. Raises InvalidRequest and its kinds, TokenNotFound."""
    product = work.uow.catalog.product_by_sku(item.sku) if item.sku else None
    name = item.name or _product_name(product)
    if not name:
        raise MissingField("transactionItems.name")
    for field, text in (("sku", item.sku), ("name", name)):
        catalog.check_length(f"transactionItems.{field}", text, MAX_TEXT)
    charge = Charge(
        name=name,
        price=quantise(_amount("price", item.price), currency),
        quantity=_ONE if item.quantity is None else round(_amount("quantity", item.quantity), AMOUNT_PLACES),
        sku=item.sku or None,
        item_type=ItemType(item.item_type) if item.item_type else ItemType.PURCHASE,
        tax_classification=item.tax_classification or (product.tax_classification if product else None),
        merchant_autobill_item_id=item.merchant_auto_bill_item_id,
        autobill_item_vid=item.auto_bill_item_vid,
        name_values=name_values.merged(work, "TransactionItem", (), item.name_values),
        tokens=_tokens(work, item),
    )
    return charge, _period(work, item)


def _product_name(product: Product | None) -> str | None:
    return description_for(product.descriptions, None) if product is not None else None


def _amount(field: str, value: Decimal | None) -> Decimal:
    if value is None:
        raise MissingField(f"transactionItems.{field}")
    if not 0 <= value <= LARGEST_GIVEN:
        raise InvalidValue(f"transactionItems.{field}", value, f"is not between 0 and {LARGEST_GIVEN}")
    return value


def _tokens(work: Work, item: TransactionItemDraft) -> tuple[LineTokens, ...]:
    """What the account gets for buying the line; tokens are whole and never taken away by a sale."""
    found = []
    for granted in item.tokens:
        token = catalog.token(work, granted.token)
        if token is None:
            raise MissingField("transactionItems.tokens.token")
        if granted.amount is None:
            raise MissingField("transactionItems.tokens.amount")
        if granted.amount <= 0:
            raise InvalidValue("transactionItems.tokens.amount", granted.amount, "is not positive")
        found.append(LineTokens(token.vid, token.merchant_token_id, granted.amount))
    return tuple(found)


def _period(work: Work, item: TransactionItemDraft) -> ServicePeriod | None:
    """The days the charge covers; of a single day that is given it is that day alone."""
    given = (item.service_period_start_date, item.service_period_end_date)
    days = [moment.astimezone(work.zone).date() for moment in given if moment is not None]
    if not days:
        return None
    if days[-1] < days[0]:
        raise InvalidValue("transactionItems.servicePeriodEndDate", days[-1], f"is before {days[0]}")
    return ServicePeriod(days[0], days[-1])
