"""Which payment method a family's AutoBills are paid with when none is named (account §7.1)."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.domain.instruments import chargeable_alone
from cashbox_service.store.entities import Account, PaymentMethod


def default_for(work: Work, account: Account) -> PaymentMethod | None:
    """The parent's, for a child whose parent has one, else the account's own; None when it needs the customer."""
    owners = [vid for vid in (account.parent_vid, account.vid) if vid is not None]
    for owner in owners:
        default = work.uow.payment_methods.default_of(owner)
        if default is not None and chargeable_alone(default.type, default.details):
            return default
    return None


def first_chargeable(work: Work, account_vid: str) -> PaymentMethod | None:
    """The first payment method of the account that can be charged without the customer."""
    methods = work.uow.payment_methods.of_account(account_vid)
    return next((one for one in methods if chargeable_alone(one.type, one.details)), None)
