"""Service Product (catalog §2)."""

from __future__ import annotations

from cashbox_service.app.offers import products
from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    MissingField,
    NotFound,
    NothingFound,
    ProductNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.catalog import product
from cashbox_service.soap.wire.inbound import draft, reference

_NO_VID = 'Unable to load product by VID "{value}" -  No match'
_NO_SKU = 'Unable to load product by sku "{value}":  No match'

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        Row(404, _NO_VID, "observed", ProductNotFound, "VID unknown"),
        Row(
            404, "Unable to update Product: {detail}", "inferred", NotFound, "a nested object does not exist"
        ),
        Row(400, "Unable to update Product: {detail}", "observed", InvalidRequest, "anything else"),
    ),
    "fetchByVid": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no VID"),
        Row(404, _NO_VID, "observed", ProductNotFound, "VID unknown"),
    ),
    "fetchByMerchantProductId": (
        Row(400, "Missing required parameter '{name}'.", "decided", MissingField, "no id"),
        Row(400, _NO_SKU, "observed", ProductNotFound, "id unknown"),
    ),
    "fetchByAccount": (
        Row(400, "Unable to load account by: No matches.", "documented", AccountNotFound, "account unknown"),
        Row(400, "Unable to load account by: No matches.", "documented", MissingField, "no account"),
    ),
    "fetchAll": (Row(404, "No products found.", "decided", NothingFound, "page past the end"),),
    "fetchByMerchantEntitlementId": (
        Row(400, "Must specify entitlement id.", "documented", MissingField, "no id"),
        Row(
            404,
            "Could not load product for entitlement id {value}.",
            "documented",
            ProductNotFound,
            "no product grants it",
        ),
    ),
}


@handles("Product", "update")
def update(call: Call, request: r.ProductUpdateRequest) -> r.ProductUpdateResponse:
    stored = products.update(call.work, draft(ProductDraft, request.product))
    return r.ProductUpdateResponse(
        product=product(call.work, stored.product, call.srd.child("product")), created=stored.created
    )


@handles("Product", "fetchByVid")
def fetch_by_vid(call: Call, request: r.ProductFetchByVidRequest) -> r.ProductFetchByVidResponse:
    found = products.by_vid(call.work, request.vid)
    return r.ProductFetchByVidResponse(product=product(call.work, found, call.srd.child("product")))


@handles("Product", "fetchByMerchantProductId")
def fetch_by_merchant_product_id(
    call: Call, request: r.ProductFetchByMerchantProductIdRequest
) -> r.ProductFetchByMerchantProductIdResponse:
    found = products.by_merchant_id(call.work, request.merchantProductId)
    return r.ProductFetchByMerchantProductIdResponse(
        product=product(call.work, found, call.srd.child("product"))
    )


@handles("Product", "fetchByAccount")
def fetch_by_account(call: Call, request: r.ProductFetchByAccountRequest) -> r.ProductFetchByAccountResponse:
    account = reference(request.account, "merchantAccountId")
    found = products.of_account(call.work, account, bool(request.includeChildren))
    parts = call.srd.child("products")
    return r.ProductFetchByAccountResponse(products=tuple(product(call.work, one, parts) for one in found))


@handles("Product", "fetchAll")
def fetch_all(call: Call, request: r.ProductFetchAllRequest) -> r.ProductFetchAllResponse:
    found = products.all_products(call.work, request.page, request.pageSize)
    parts = call.srd.child("products")
    return r.ProductFetchAllResponse(products=tuple(product(call.work, one, parts) for one in found))


@handles("Product", "fetchByMerchantEntitlementId")
def fetch_by_merchant_entitlement_id(
    call: Call, request: r.ProductFetchByMerchantEntitlementIdRequest
) -> r.ProductFetchByMerchantEntitlementIdResponse:
    found = products.by_entitlement(call.work, request.merchantEntitlementId)
    parts = call.srd.child("products")
    return r.ProductFetchByMerchantEntitlementIdResponse(
        products=tuple(product(call.work, one, parts) for one in found)
    )
