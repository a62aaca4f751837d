"""Families: linking children to a parent, unlinking them, and who pays their AutoBills (account §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts, family_payers
from cashbox_service.app.customers.account_payment_methods import IN_SERVICE
from cashbox_service.app.drafts import Reference
from cashbox_service.app.engine import invoicing
from cashbox_service.app.subscriptions import autobill_change
from cashbox_service.domain import family
from cashbox_service.domain.errors import InvalidRequest, MissingField
from cashbox_service.domain.family import PayerReplacement
from cashbox_service.domain.notice import Notice
from cashbox_service.store.entities import Account, PaymentMethod


@dataclass(frozen=True, slots=True)
class Family:
    """A parent and its children, oldest first; an account without family is a parent without children."""

    parent: Account
    children: Sequence[Account]


def of(work: Work, reference: Reference) -> Family:
    """The family of a parent or of a child. Raises MissingField, AccountNotFound."""
    account = accounts.resolve(work, reference)
    parent = account
    if account.parent_vid is not None:
        found = work.uow.accounts.by_vid(account.parent_vid)
        assert found is not None
        parent = found
    return Family(parent, work.uow.accounts.children_of(parent.vid))


def add_children(
    work: Work, parent: Reference, children: Sequence[Reference], *, force: bool, payer: PayerReplacement
) -> list[Account]:
    """Link all of them or none; the accounts that are linked now.

    Raises MissingField, AccountNotFound, InvalidRequest for what may not become a child.
    """

    def added() -> list[Account]:
        parent_vid, child_vids = _named(work, parent, children)
        with work.writing():
            locked = accounts.lock_all(work, [parent_vid, *child_vids])
            linked = [locked[vid] for vid in child_vids]
            for child in linked:
                _link(work, locked[parent_vid], child, force=force)
            work.uow.flush()
            if payer is PayerReplacement.ALL:
                _replace_payer(work, linked, family_payers.first_chargeable(work, parent_vid))
        return linked

    return starting_over(added)


def remove_children(
    work: Work, parent: Reference, children: Sequence[Reference], *, payer: PayerReplacement
) -> None:
    """Unlink all of them or none. Raises MissingField, AccountNotFound, InvalidRequest for no child of the parent."""

    def removed() -> None:
        parent_vid, child_vids = _named(work, parent, children)
        with work.writing():
            locked = accounts.lock_all(work, [parent_vid, *child_vids])
            for child in (locked[vid] for vid in child_vids):
                if child.parent_vid != parent_vid:
                    raise InvalidRequest(
                        f"Account {child.merchant_account_id} is not a child of this parent."
                    )
                child.parent_vid = None
                child.modified_at = work.now
                _tell(work, Notice.FAMILY_UNLINKED, locked[parent_vid], child)
                if payer is PayerReplacement.ALL:
                    _replace_payer(work, [child], family_payers.first_chargeable(work, child.vid))

    starting_over(removed)


def _named(work: Work, parent: Reference, children: Sequence[Reference]) -> tuple[str, list[str]]:
    if not children:
        raise MissingField("child")
    found = accounts.resolve(work, parent, "parent").vid
    return found, list(dict.fromkeys(accounts.resolve(work, child, "child").vid for child in children))


def _link(work: Work, parent: Account, child: Account, *, force: bool) -> None:
    family.check_child(
        child.merchant_account_id,
        parent=parent.vid,
        grandparent=parent.parent_vid,
        child=child.vid,
        parent_of_child=child.parent_vid,
        child_has_children=bool(work.uow.accounts.children_of(child.vid)),
        force=force,
    )
    if child.parent_vid != parent.vid:
        child.parent_vid = parent.vid
        child.modified_at = work.now
        _tell(work, Notice.FAMILY_LINKED, parent, child)


def _tell(work: Work, notice: Notice, parent: Account, child: Account) -> None:
    """Both accounts are told of each other (account §7)."""
    for account, other in ((parent, child), (child, parent)):
        work.uow.events.enqueue_notice(notice, account.vid, work.now, other=other.merchant_account_id)


def _replace_payer(work: Work, children: Sequence[Account], method: PaymentMethod | None) -> None:
    """All AutoBills of the children in service go over to a payment method; without one they have none."""
    for autobill in work.uow.autobills.of_accounts([child.vid for child in children]):
        if autobill.status not in IN_SERVICE:
            continue
        if method is None:
            autobill_change.remove_payment_method(work, autobill)
        else:
            autobill_change.replace_payment_method(work, autobill, method)
        invoicing.refresh_open(work, autobill)
