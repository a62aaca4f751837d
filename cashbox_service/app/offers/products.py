"""Products: create, change, find (catalog §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import entitling, parking
from cashbox_service.app.lookup import named
from cashbox_service.app.offers import billing_plans, bundles, catalog, rate_plans
from cashbox_service.app.offers.drafts import (
    BillingPlanDraft,
    ProductDescriptionDraft,
    ProductDraft,
    ProductPriceDraft,
)
from cashbox_service.app.paging import page
from cashbox_service.app.usage import rated_items
from cashbox_service.domain.catalog import ProductDescription, ProductPrice
from cashbox_service.domain.errors import (
    InvalidRequest,
    InvalidValue,
    MissingField,
    NotFound,
    NothingFound,
    ProductNotFound,
)
from cashbox_service.domain.money import TOKEN_CURRENCY
from cashbox_service.domain.pricing import product_price
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import AutoBill, BillingPlan, Product, RatePlan

MAX_DESCRIPTION = 255
MAX_SKU_BYTES = 256


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored product and whether this call created it."""

    product: Product
    created: bool


def update(work: Work, draft: ProductDraft | None) -> Stored:
    """Create or change a product. Raises InvalidRequest and its kinds, ProductNotFound for an unknown VID."""
    if draft is None:
        raise MissingField("product")

    def stored() -> Stored:
        with work.writing():
            return put(work, draft)

    return starting_over(stored)


def put(work: Work, draft: ProductDraft, depth: int = 1) -> Stored:
    """Create or change inside the caller's transaction; what AutoBills get through the product follows."""
    found = find(work, draft)
    if found is None:
        product = _create(work)
        _merge(work, product, draft, depth)
        work.uow.flush()
        return Stored(product, created=True)
    users = _users(work, found, draft)
    before = found.entitlement_ids, found.bundled_vids
    _merge(work, found, draft, depth)
    parking.try_again(users)
    work.uow.flush()
    if (found.entitlement_ids, found.bundled_vids) != before:
        for autobill in users:
            entitling.refresh(work, autobill)
    return Stored(found, created=False)


def resolve(work: Work, draft: ProductDraft) -> Product:
    """The product that an argument refers to, created when its id is new and the draft has data.

    Raises ProductNotFound for an unknown VID and for an unknown id that stands alone.
    """
    found = find(work, draft)
    if found is not None:
        return found
    if not catalog.has_content(draft, *_IDENTIFIERS):
        if draft.merchant_product_id is None:
            raise MissingField("product")
        raise ProductNotFound("merchantProductId", draft.merchant_product_id)
    return put(work, draft).product


def find(work: Work, draft: ProductDraft) -> Product | None:
    """By VID, else by id. Raises ProductNotFound for an unknown VID, InvalidRequest for two products."""
    by_id = None
    if draft.merchant_product_id is not None:
        by_id = work.uow.catalog.product_by_sku(draft.merchant_product_id)
    if draft.vid is None:
        return by_id
    found = work.uow.catalog.product_by_vid(draft.vid)
    if found is None:
        raise ProductNotFound("VID", draft.vid)
    catalog.refuse_two_owners(found, by_id, "VID and merchantProductId")
    return found


def by_vid(work: Work, vid: str | None) -> Product:
    """Raises MissingField, ProductNotFound."""
    return named("vid", vid, work.uow.catalog.product_by_vid, ProductNotFound, "VID")


def by_merchant_id(work: Work, merchant_product_id: str | None) -> Product:
    """Raises MissingField, ProductNotFound."""
    return named(
        "merchantProductId",
        merchant_product_id,
        work.uow.catalog.product_by_sku,
        ProductNotFound,
        "merchantProductId",
    )


def of_account(work: Work, reference: Reference, include_children: bool) -> Sequence[Product]:
    """Products of the account's AutoBills, each once. Raises MissingField, AccountNotFound."""
    account = accounts.resolve(work, reference)
    return work.uow.catalog.products_of_accounts(accounts.with_children(work, account, include_children))


def all_products(work: Work, number: int | None, size: int | None) -> Sequence[Product]:
    """Oldest first. Raises InvalidWindow, NothingFound past the end."""
    wanted = page(number, size, work.settings.max_page_size)
    products = work.uow.catalog.products(wanted.number, wanted.size)
    if not products:
        raise NothingFound("No products found.")
    return products


def by_entitlement(work: Work, merchant_entitlement_id: str | None) -> Sequence[Product]:
    """Products that grant the entitlement. Raises MissingField, ProductNotFound when there are none."""
    if not merchant_entitlement_id:
        raise MissingField("merchantEntitlementId")
    products = [
        product
        for product in work.uow.catalog.all_products()
        if any(entry.id == merchant_entitlement_id for entry in product.entitlement_ids)
    ]
    if not products:
        raise ProductNotFound("merchantEntitlementId", merchant_entitlement_id)
    return products


_IDENTIFIERS = ("vid", "merchant_product_id")


def _users(work: Work, product: Product, draft: ProductDraft) -> Sequence[AutoBill]:
    """The AutoBills in service that sell the product, locked, when the change may concern them."""
    users: Sequence[AutoBill] = ()
    if draft.merchant_entitlement_ids or draft.bundled_products:
        users = work.uow.catalog.autobills_with_products(bundles.with_bundles(work, product))
    elif draft.prices:
        users = work.uow.catalog.parked_with_products([product.vid])
    return entitling.locked(work, users)


def _create(work: Work) -> Product:
    return work.uow.catalog.add(
        Product(
            vid=new_vid(),
            descriptions=(),
            status="Active",
            name_values=(),
            entitlement_ids=(),
            credit_granted=(),
            prices=(),
            bundled_vids=(),
            created_at=work.now,
        )
    )


def _merge(work: Work, product: Product, draft: ProductDraft, depth: int) -> None:
    if draft.merchant_product_id is not None:
        product.merchant_product_id = _check_sku(draft.merchant_product_id)
    for name in ("tax_classification", "billing_statement_identifier"):
        text = getattr(draft, name)
        if text is not None:
            setattr(product, name, text or None)
    if draft.status is not None:
        product.status = draft.status
    if draft.end_of_life_timestamp is not None:
        product.end_of_life_at = draft.end_of_life_timestamp
    if draft.descriptions:
        product.descriptions = _descriptions(draft.descriptions)
    if draft.prices:
        _replace_prices(work, product, draft.prices)
    if draft.credit_granted is not None:
        product.credit_granted = catalog.credit_parts(work, draft.credit_granted)
    if draft.name_values:
        product.name_values = name_values.merged(work, "Product", product.name_values, draft.name_values)
    if draft.default_billing_plan is not None:
        product.default_billing_plan = _default_plan(work, draft.default_billing_plan)
    if draft.default_rate_plan is not None:
        _rate_by(work, product, rate_plans.resolve(work, draft.default_rate_plan))
    if draft.bundled_products:
        _bundle(work, product, draft.bundled_products, depth)
    if draft.merchant_entitlement_ids:
        product.entitlement_ids = catalog.entitlement_ids(draft.merchant_entitlement_ids)


def _check_sku(sku: str) -> str:
    if len(sku.encode()) > MAX_SKU_BYTES:
        raise catalog.too_long("merchantProductId", sku, MAX_SKU_BYTES, "bytes")
    return check_merchant_id("merchantProductId", sku, MAX_SKU_BYTES)


def _default_plan(work: Work, draft: BillingPlanDraft) -> BillingPlan:
    """The default plan: referred to by its identifiers alone, created or updated along when sent with data."""
    found = billing_plans.find(work, draft)
    if found is None or catalog.has_content(draft, "vid", "merchant_billing_plan_id"):
        return billing_plans.put(work, draft).plan
    return found


def _rate_by(work: Work, product: Product, plan: RatePlan) -> None:
    """Another default rate plan; AutoBills that run can be billed by it, and go on counting what they counted."""
    before = product.default_rate_plan
    if before is plan:
        return
    for autobill in work.uow.catalog.autobills_with_products([product.vid]) if product.vid else ():
        rated = (item for item in autobill.items if item.product_vid == product.vid and item.amount is None)
        if all(item.rate_plan is not None for item in rated):
            continue
        rate_plans.check_needed(plan, autobill.currency)
        if before is not None and before.rate_plan_model != plan.rate_plan_model:
            model = plan.rate_plan_model
            raise InvalidValue(
                "defaultRatePlan", model, "is another model than running AutoBills are billed by"
            )
    product.default_rate_plan = plan


def _descriptions(drafts: Sequence[ProductDescriptionDraft]) -> tuple[ProductDescription, ...]:
    texts: dict[str, ProductDescription] = {}
    for entry in drafts:
        if entry.language is None or entry.description is None:
            raise MissingField(
                "descriptions.language" if entry.language is None else "descriptions.description"
            )
        catalog.check_length("descriptions.description", entry.description, MAX_DESCRIPTION)
        texts[entry.language] = ProductDescription(entry.language, entry.description)
    return tuple(texts.values())


def _replace_prices(work: Work, product: Product, drafts: Sequence[ProductPriceDraft]) -> None:
    prices = tuple(_price(work, entry) for entry in drafts)
    keys = {(entry.currency, entry.token_vid) for entry in prices}
    if len(keys) != len(prices):
        raise InvalidRequest("Two prices have the same currency.")
    for autobill in work.uow.catalog.autobills_with_products([product.vid]):
        if _needs_price(autobill, product) and not _priced(prices, autobill.currency):
            raise InvalidValue("prices", autobill.currency, "is needed by a running AutoBill")
    product.prices = prices


def _price(work: Work, draft: ProductPriceDraft) -> ProductPrice:
    """A price in money, or in tokens of one type, which are counted in a currency of their own."""
    if draft.amount is None:
        raise MissingField("prices.amount")
    token = catalog.token(work, draft.token)
    if token is not None:
        return ProductPrice(catalog.token_price("prices", draft.amount), TOKEN_CURRENCY, token.vid)
    if draft.currency == TOKEN_CURRENCY:
        raise MissingField("prices.token")
    return ProductPrice(*catalog.price("prices", draft.amount, draft.currency))


def _needs_price(autobill: AutoBill, product: Product) -> bool:
    """Whether it is billed by the prices of the product: they are in its currency, and no item overrides them."""
    sold = [item for item in autobill.items if item.product_vid == product.vid]
    return any(item.amount is None and rated_items.plan_of(item) is None for item in sold) and _priced(
        product.prices, autobill.currency
    )


def _priced(prices: Sequence[ProductPrice], currency: str) -> bool:
    try:
        product_price(prices, currency)
    except InvalidValue:
        return False
    return True


def _bundle(work: Work, product: Product, drafts: Sequence[ProductDraft], depth: int) -> None:
    """Parts are references to products, created when new; no cycles, at most five levels (catalog §2.2)."""
    if depth >= bundles.MAX_DEPTH:
        raise InvalidRequest(f"A bundle may be at most {bundles.MAX_DEPTH} levels deep.")
    work.uow.flush()
    parts = [_part(work, draft, depth) for draft in drafts]
    bundles.check_parts(work, product, parts)
    product.bundled_vids = tuple(dict.fromkeys(part.vid for part in parts))


def _part(work: Work, draft: ProductDraft, depth: int) -> Product:
    """Raises NotFound in the words of the fetch calls."""
    try:
        found = find(work, draft)
    except ProductNotFound as error:
        text = f'Unable to load product by VID "{error.value}" -  No match'
        raise NotFound(error.key, error.value, text) from error
    if found is not None:
        return found
    if not catalog.has_content(draft, *_IDENTIFIERS):
        sku = draft.merchant_product_id or ""
        raise NotFound("merchantProductId", sku, f'Unable to load product by sku "{sku}":  No match')
    return put(work, draft, depth + 1).product
