"""Products: create, change, find (catalog §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app import accounts, billing_plans, catalog, entitling, name_values
from cashbox_service.app.checks import check_merchant_id
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import ProductDescriptionDraft, ProductDraft, ProductPriceDraft, Reference
from cashbox_service.app.paging import page
from cashbox_service.domain.catalog import ProductDescription, ProductPrice
from cashbox_service.domain.errors import (
    InvalidRequest,
    InvalidValue,
    MissingField,
    NothingFound,
    ProductNotFound,
)
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import BillingPlan, Product

MAX_BUNDLE_DEPTH = 5
MAX_DESCRIPTION = 255
MAX_SKU = 256


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored product and whether this call created it."""

    product: Product
    created: bool


def update(work: Work, draft: ProductDraft | None) -> Stored:
    """Create or change a product. Raises InvalidRequest and its kinds, ProductNotFound for an unknown VID."""
    if draft is None:
        raise MissingField("product")
    with work.writing():
        return put(work, draft)


def put(work: Work, draft: ProductDraft, depth: int = 1) -> Stored:
    """Create or change inside the caller's transaction."""
    found = find(work, draft)
    product = found or _create(work, draft)
    _merge(work, product, draft, depth)
    work.uow.flush()
    return Stored(product, found is None)


def resolve(work: Work, draft: ProductDraft) -> Product:
    """The product that an argument refers to, created when its id is new and the draft has data.

    Raises ProductNotFound for an unknown VID and for an unknown id that stands alone.
    """
    found = find(work, draft)
    if found is not None:
        return found
    if not _has_data(draft):
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
    if not vid:
        raise MissingField("vid")
    product = work.uow.catalog.product_by_vid(vid)
    if product is None:
        raise ProductNotFound("VID", vid)
    return product


def by_merchant_id(work: Work, merchant_product_id: str | None) -> Product:
    """Raises MissingField, ProductNotFound."""
    if not merchant_product_id:
        raise MissingField("merchantProductId")
    product = work.uow.catalog.product_by_sku(merchant_product_id)
    if product is None:
        raise ProductNotFound("merchantProductId", merchant_product_id)
    return product


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


def _has_data(draft: ProductDraft) -> bool:
    return bool(draft.descriptions or draft.prices or draft.default_billing_plan or draft.bundled_products)


def _create(work: Work, draft: ProductDraft) -> Product:
    vid = new_vid()
    return work.uow.catalog.add(
        Product(
            vid=vid,
            merchant_product_id=check_merchant_id(
                "merchantProductId", draft.merchant_product_id or vid, MAX_SKU
            ),
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
        product.merchant_product_id = check_merchant_id(
            "merchantProductId", draft.merchant_product_id, MAX_SKU
        )
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
        product.default_billing_plan = _default_plan(work, draft)
    if draft.default_rate_plan is not None:
        product.default_rate_plan = catalog.put_rate_plan(work, draft.default_rate_plan)
    if draft.bundled_products:
        _bundle(work, product, draft.bundled_products, depth)
    if draft.merchant_entitlement_ids:
        _replace_entitlement_ids(work, product, draft)


def _default_plan(work: Work, draft: ProductDraft) -> BillingPlan | None:
    """The default plan: referred to by its identifiers alone, created or updated along when sent with data."""
    plan = draft.default_billing_plan
    assert plan is not None
    if plan.periods or billing_plans.find(work, plan) is None:
        return billing_plans.put(work, plan).plan
    return billing_plans.find(work, plan)


def _descriptions(drafts: Sequence[ProductDescriptionDraft]) -> tuple[ProductDescription, ...]:
    texts: dict[str, ProductDescription] = {}
    for entry in drafts:
        if entry.language is None or entry.description is None:
            raise MissingField(
                "descriptions.language" if entry.language is None else "descriptions.description"
            )
        if len(entry.description) > MAX_DESCRIPTION:
            raise InvalidValue("descriptions.description", entry.description[:40] + "…", "is too long")
        texts[entry.language] = ProductDescription(entry.language, entry.description)
    return tuple(texts.values())


def _replace_prices(work: Work, product: Product, drafts: Sequence[ProductPriceDraft]) -> None:
    prices = []
    for entry in drafts:
        amount, currency = catalog.price("prices", entry.amount, entry.currency)
        token = catalog.token(work, entry.token)
        prices.append(ProductPrice(amount, currency, token.vid if token is not None else None))
    keys = [(entry.currency, entry.token_vid) for entry in prices]
    if len(set(keys)) != len(keys):
        raise InvalidRequest("Two prices have the same currency.")
    gone = {entry.currency for entry in product.prices} - {entry.currency for entry in prices}
    if gone:
        for autobill in work.uow.catalog.autobills_with_product(product.vid):
            if autobill.currency in gone:
                raise InvalidValue("prices", autobill.currency, "is needed by a running AutoBill")
    product.prices = tuple(prices)


def _bundle(work: Work, product: Product, drafts: Sequence[ProductDraft], depth: int) -> None:
    """Parts are references to products, created when new; no cycles, at most five levels (catalog §2.2)."""
    if depth >= MAX_BUNDLE_DEPTH:
        raise InvalidRequest(f"A bundle may be at most {MAX_BUNDLE_DEPTH} levels deep.")
    work.uow.flush()
    parts = []
    for draft in drafts:
        part = find(work, draft)
        if part is None and not _has_data(draft):
            raise InvalidRequest(
                f'Unable to load product by sku "{draft.merchant_product_id or ""}":  No match'
            )
        parts.append(part or put(work, draft, depth + 1).product)
    for part in parts:
        _check_bundle(work, part, {product.vid}, depth + 1)
    product.bundled_vids = tuple(part.vid for part in parts)


def _check_bundle(work: Work, part: Product, above: set[str], depth: int) -> None:
    if part.vid in above:
        raise InvalidRequest("A bundle must not contain itself.")
    if depth > MAX_BUNDLE_DEPTH:
        raise InvalidRequest(f"A bundle may be at most {MAX_BUNDLE_DEPTH} levels deep.")
    for inner in work.uow.catalog.products_by_vid(part.bundled_vids).values():
        _check_bundle(work, inner, above | {part.vid}, depth + 1)


def _replace_entitlement_ids(work: Work, product: Product, draft: ProductDraft) -> None:
    before = {entry.id for entry in product.entitlement_ids}
    product.entitlement_ids = catalog.entitlement_ids(draft.merchant_entitlement_ids)
    if {entry.id for entry in product.entitlement_ids} != before:
        work.uow.flush()
        for autobill in work.uow.catalog.autobills_with_product(product.vid):
            entitling.refresh(work, autobill)
