"""AutoBill.addCharge: a charge that is made once, with the next bill (autobill §6.25)."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from decimal import Decimal

from cashbox_service.app import idempotency
from cashbox_service.app.checks import check_currency
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import invoicing
from cashbox_service.app.offers import catalog
from cashbox_service.app.promotions import discounting
from cashbox_service.app.subscriptions import autobill_lookup
from cashbox_service.app.taxes import taxing
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import (
    AutoBillNotFound,
    IllegalState,
    InvalidRequest,
    InvalidValue,
    MissingField,
)
from cashbox_service.domain.money import given
from cashbox_service.domain.pricing import product_price
from cashbox_service.ids import new_row_id
from cashbox_service.store.entities import AutoBill, AutoBillCharge, Product

MAX_DESCRIPTION = 256
MAX_SKU = 256
MAX_TAX_CLASS = 255


@dataclass(frozen=True, slots=True)
class ChargeRequest:
    """What is charged. The price is the product's when there is no ``amount`` and ``sku`` names one."""

    sku: str | None = None
    description: str | None = None
    tax_classification: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    in_tokens: bool = False
    quantity: int | None = None
    campaign_code: str | None = None


def add(work: Work, reference: Reference, asked: ChargeRequest, *, dryrun: bool) -> None:
    """Put a charge on the Open invoice. Raises MissingField, AutoBillNotFound, InvalidRequest and its kinds."""
    found = autobill_lookup.resolve(work, reference)
    with work.rehearsing() if dryrun else nullcontext(), nullcontext() if dryrun else work.writing():
        accounts.lock(work, found.account_vid)
        autobill = work.uow.autobills.lock(found.vid)
        if autobill is None:
            raise AutoBillNotFound("VID", found.vid)
        if not dryrun and idempotency.done_before(work):
            return
        _check_state(autobill)
        work.uow.autobills.add(_charge(work, autobill, asked))
        work.uow.events.record_autobill(autobill.vid, "MODIFICATION", work.now)
        autobill.modified_at = work.now
        work.uow.flush()
        invoicing.refresh_open(work, autobill)


def _check_state(autobill: AutoBill) -> None:
    if autobill.status in ENDED or autobill.next_cycle is None:
        key = autobill.merchant_autobill_id
        raise IllegalState("AutoBill", key, autobill.status, f"AutoBill {key} will not be billed any more.")


def _charge(work: Work, autobill: AutoBill, asked: ChargeRequest) -> AutoBillCharge:
    if not asked.description:
        raise MissingField("description")
    catalog.check_length("description", asked.description, MAX_DESCRIPTION)
    catalog.check_length("sku", asked.sku, MAX_SKU)
    catalog.check_length("taxClassification", asked.tax_classification, MAX_TAX_CLASS)
    product = work.uow.catalog.product_by_sku(asked.sku) if asked.sku else None
    price, tax_class = _price(autobill, asked, product)
    taxing.of_autobill(work, autobill).check(tax_class, asked.sku or None)
    quantity = _quantity(asked.quantity)
    discount = None
    if asked.campaign_code:
        discount = discounting.charge_discount(work, autobill, product, asked.campaign_code)
    return AutoBillCharge(
        row_id=new_row_id(),
        autobill_vid=autobill.vid,
        sku=asked.sku or None,
        description=asked.description,
        price=price,
        quantity=quantity,
        tax_classification=tax_class,
        added_at=work.now,
        discount=discount,
    )


def _price(autobill: AutoBill, asked: ChargeRequest, product: Product | None) -> tuple[Decimal, str | None]:
    """The price of one, and its tax class: as given, or the product's."""
    currency = autobill.currency
    if asked.in_tokens:
        raise InvalidRequest(f"token is given, but the AutoBill is billed in {currency}.")
    if asked.currency and check_currency("currency", asked.currency) != currency:
        raise InvalidValue("currency", asked.currency, f"is not the AutoBill's currency {currency}")
    if asked.amount is None:
        if product is None:
            raise MissingField(
                "amount", f'amount is missing, and sku "{(asked.sku or "")[:40]}" is no product.'
            )
        tax_class = asked.tax_classification or product.tax_classification
        return product_price(product.prices, currency), tax_class
    if not asked.currency:
        raise MissingField("currency", "amount is given without a currency.")
    if not asked.tax_classification:
        raise MissingField("taxClassification", "amount is given without a taxClassification.")
    amount = given("amount", asked.amount, currency)
    if amount < 0:
        raise InvalidValue("amount", amount, "must not be negative")
    return amount, asked.tax_classification


def _quantity(quantity: int | None) -> Decimal:
    if quantity is None:
        return Decimal(1)
    if not 0 < quantity < 10**9:
        raise InvalidValue("quantity", quantity, "is not between 1 and 999999999")
    return Decimal(quantity)
