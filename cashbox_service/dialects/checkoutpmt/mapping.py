"""From the members of a checkout payment to the use cases, and back; and the links between resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from cashbox_service.app.counter.cashier_sessions import CashierSession
from cashbox_service.app.counter.checkout_payments import CheckoutPayment, CheckoutPaymentDraft
from cashbox_service.app.counter.checkouts import Checkout, CheckoutDraft
from cashbox_service.dialects.checkoutpmt.schema import (
    Attribute,
    CashierSessionItem,
    CheckoutItem,
    CheckoutParams,
    CheckoutPmt,
    CheckoutPmtItem,
    CheckoutPmts,
    Checkouts,
    Description,
    Kind,
    LedgerAmount,
    Link,
    LinkProperties,
    PageQuery,
    Relation,
    ResourceDescription,
    Resources,
    SessionTotal,
)

ROOT = "/fscmRestApi/resources/11.13.18.05"
CHECKOUTS = "publicSectorCheckouts"
PAYMENTS = "CheckoutPmt"
SESSIONS = "cashierSessions"
DEFAULT_LIMIT = 25

T = TypeVar("T")


class Places:
    """Where each resource is, seen from outside."""

    def __init__(self, base_url: str) -> None:
        self._root = f"{base_url}{ROOT}"

    def checkouts(self) -> str:
        return f"{self._root}/{CHECKOUTS}"

    def checkout(self, checkout_id: str) -> str:
        return f"{self.checkouts()}/{quote(checkout_id, safe='')}"

    def payments(self, checkout_id: str) -> str:
        return f"{self.checkout(checkout_id)}/child/{PAYMENTS}"

    def payment(self, checkout_id: str, number: int) -> str:
        return f"{self.payments(checkout_id)}/{number}"

    def description(self, checkout_id: str) -> str:
        return f"{self.payments(checkout_id)}/describe"

    def session(self, session_id: str) -> str:
        return f"{self._root}/{SESSIONS}/{quote(session_id, safe='')}"


def draft_of(params: CheckoutPmt, *, upsert: bool, if_match: str | None) -> CheckoutPaymentDraft:
    """The payment as the use case takes it."""
    return CheckoutPaymentDraft(params.model_dump(by_alias=True), upsert, if_match)


def checkout_draft_of(params: CheckoutParams) -> CheckoutDraft:
    return CheckoutDraft(
        amount=params.amount,
        checkout_id=params.checkout_id,
        account_id=params.account_id or None,
        agency_id=params.agency_id,
        currency=params.currency or None,
        description=params.description or None,
    )


def item_of(payment: CheckoutPayment, places: Places) -> CheckoutPmtItem:
    """A payment with its links; ``self`` tells its change indicator."""
    own = places.payment(payment.checkout_id, payment.id)
    links = [
        Link(
            rel=Relation.SELF,
            href=own,
            name=PAYMENTS,
            kind=Kind.ITEM,
            properties=LinkProperties(change_indicator=payment.change_indicator),
        ),
        Link(rel=Relation.CANONICAL, href=own, name=PAYMENTS, kind=Kind.ITEM),
        Link(rel=Relation.PARENT, href=places.checkout(payment.checkout_id), name=CHECKOUTS, kind=Kind.ITEM),
    ]
    return CheckoutPmtItem.model_validate({**payment.members, "links": links})


def collection_of(
    checkout_id: str, payments: Sequence[CheckoutPayment], page: PageQuery, places: Places
) -> CheckoutPmts:
    """A part of the payments of a checkout."""
    some, offset, limit, more = _part(payments, page)
    return CheckoutPmts(
        items=[item_of(one, places) for one in some],
        count=len(some),
        has_more=more,
        limit=limit,
        offset=offset,
        links=_collection_links(checkout_id, places),
    )


def description_of(checkout_id: str, places: Places) -> Description:
    """The members of a payment, with their types and lengths."""
    properties = CheckoutPmt.model_json_schema(by_alias=True)["properties"]
    attributes = [_attribute(name, schema) for name, schema in properties.items()]
    return Description(
        resources=Resources(
            checkout_pmt=ResourceDescription(
                attributes=attributes, links=_collection_links(checkout_id, places)
            )
        )
    )


def checkout_of(checkout: Checkout, places: Places) -> CheckoutItem:
    """A checkout with its links."""
    own = places.checkout(checkout.id)
    return CheckoutItem(
        checkout_id=checkout.id,
        account_id=checkout.account_id,
        agency_id=checkout.agency_id,
        amount=checkout.amount.amount,
        balance=checkout.balance.amount,
        currency=checkout.amount.currency,
        description=checkout.description,
        status=checkout.status,
        links=[
            Link(rel=Relation.SELF, href=own, name=CHECKOUTS, kind=Kind.ITEM),
            Link(rel=Relation.CANONICAL, href=own, name=CHECKOUTS, kind=Kind.ITEM),
            Link(rel=Relation.CHILD, href=places.payments(checkout.id), name=PAYMENTS, kind=Kind.COLLECTION),
        ],
    )


def checkouts_of(found: Sequence[Checkout], page: PageQuery, places: Places) -> Checkouts:
    """A part of the checkouts; ``found`` begins at the offset and may hold one more than the limit."""
    limit = page.limit or DEFAULT_LIMIT
    return Checkouts(
        items=[checkout_of(one, places) for one in found[:limit]],
        count=len(found[:limit]),
        has_more=len(found) > limit,
        limit=limit,
        offset=page.offset or 0,
        links=[Link(rel=Relation.SELF, href=places.checkouts(), name=CHECKOUTS, kind=Kind.COLLECTION)],
    )


def session_of(session: CashierSession, places: Places) -> CashierSessionItem:
    """The totals of a session."""
    return CashierSessionItem(
        session_id=session.id,
        drawer_ids=list(session.drawers),
        cashier_ids=list(session.cashiers),
        totals=[
            SessionTotal(
                payment_method_code=one.method,
                payment_currency=one.currency,
                count=one.count,
                total_tend_amount=one.tendered,
                change_amount=one.change,
                net_amount=one.net,
            )
            for one in session.totals
        ],
        ledger=[
            LedgerAmount(payment_currency=currency, amount=amount)
            for currency, amount in session.in_ledger.items()
        ],
        links=[Link(rel=Relation.SELF, href=places.session(session.id), name=SESSIONS, kind=Kind.ITEM)],
    )


def _collection_links(checkout_id: str, places: Places) -> list[Link]:
    return [
        Link(rel=Relation.SELF, href=places.payments(checkout_id), name=PAYMENTS, kind=Kind.COLLECTION),
        Link(rel=Relation.PARENT, href=places.checkout(checkout_id), name=CHECKOUTS, kind=Kind.ITEM),
        Link(rel=Relation.CUSTOM, href=places.description(checkout_id), name=PAYMENTS, kind=Kind.DESCRIBE),
    ]


def _part(found: Sequence[T], page: PageQuery) -> tuple[Sequence[T], int, int, bool]:
    offset, limit = page.offset or 0, page.limit or DEFAULT_LIMIT
    return found[offset : offset + limit], offset, limit, len(found) > offset + limit


def _attribute(name: str, schema: dict[str, Any]) -> Attribute:
    kinds = schema.get("anyOf", [schema])
    kind = next(one for one in kinds if one.get("type") != "null")
    return Attribute(
        name=name,
        type=kind.get("format") or kind["type"],
        max_length=kind.get("maxLength") or schema.get("maxLength"),
        mandatory=name == "PaymentMethodCode",
        title=schema.get("description", name),
    )
