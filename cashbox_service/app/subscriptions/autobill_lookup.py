"""Finding AutoBills (autobill §6.9 – §6.14)."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.lookup import named
from cashbox_service.app.offers import products
from cashbox_service.app.offers.drafts import ProductDraft
from cashbox_service.app.paging import page
from cashbox_service.domain.autobill_state import ENDED
from cashbox_service.domain.errors import AutoBillNotFound, InvalidRequest, MissingField, ProductNotFound
from cashbox_service.store.entities import AutoBill


def resolve(work: Work, reference: Reference) -> AutoBill:
    """The AutoBill that an argument refers to; the VID wins (conventions §4.2).

    Raises MissingField, AutoBillNotFound, InvalidRequest when VID and id belong to two AutoBills.
    """
    if reference.vid is not None:
        autobill = by_vid(work, reference.vid)
        check_identity(work, autobill, reference)
        return autobill
    if reference.merchant_id is None:
        raise MissingField("autobill")
    return by_merchant_id(work, reference.merchant_id)


def has_ended(autobill: AutoBill) -> bool:
    """Whether nothing will be billed any more."""
    return autobill.status in ENDED


def check_identity(work: Work, autobill: AutoBill, reference: Reference) -> None:
    """Raises InvalidRequest when the reference names another AutoBill besides."""
    other = reference.merchant_id
    if other is None or other == autobill.merchant_autobill_id:
        return
    if work.uow.autobills.by_merchant_id(other) is not None:
        raise InvalidRequest("VID and merchantAutoBillId belong to different objects.")


def not_found(reference: Reference) -> AutoBillNotFound:
    """The refusal of a reference that leads nowhere."""
    if reference.vid is not None:
        return AutoBillNotFound("VID", reference.vid)
    return AutoBillNotFound("merchantAutoBillId", reference.merchant_id)


def by_vid(work: Work, vid: str | None) -> AutoBill:
    """Raises MissingField, AutoBillNotFound."""
    return named("vid", vid, work.uow.autobills.by_vid, AutoBillNotFound, "VID")


def by_merchant_id(work: Work, merchant_autobill_id: str | None) -> AutoBill:
    """Raises MissingField, AutoBillNotFound."""
    return named(
        "merchantAutoBillId",
        merchant_autobill_id,
        work.uow.autobills.by_merchant_id,
        AutoBillNotFound,
        "merchantAutoBillId",
    )


def of_account(
    work: Work, reference: Reference, include_children: bool, number: int | None, size: int | None
) -> Sequence[AutoBill]:
    """Oldest first; none is no error. Raises MissingField, AccountNotFound, InvalidWindow."""
    wanted = page(number, size, work.settings.max_page_size)
    account = accounts.resolve(work, reference)
    owners = accounts.with_children(work, account, include_children)
    return work.uow.autobills.of_accounts(owners, wanted.number, wanted.size)


def of_account_with_product(
    work: Work, reference: Reference, product: ProductDraft | None, include_children: bool
) -> Sequence[AutoBill]:
    """Any status but Deleted.

    Raises MissingField, AccountNotFound, ProductNotFound, InvalidRequest when the ids belong to two products.
    """
    account = accounts.resolve(work, reference)
    if product is None or (product.vid is None and product.merchant_product_id is None):
        raise MissingField("product")
    found = products.find(work, product)
    if found is None:
        raise ProductNotFound("merchantProductId", product.merchant_product_id)
    owners = accounts.with_children(work, account, include_children)
    return work.uow.autobills.of_accounts_with_product(owners, found.vid, work.today)


def by_email(work: Work, address: str | None) -> Sequence[AutoBill]:
    """AutoBills of all accounts with that address, whatever its case. Raises MissingField."""
    if not address:
        raise MissingField("email")
    return work.uow.autobills.by_email(address)
