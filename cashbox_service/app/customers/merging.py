"""Account.transfer: everything of one account becomes another one's (account §8).

A merge changes whose a record is, never what it says; only the ledger, which names the owner in its accounts, gets
entries of its own.
"""

from __future__ import annotations

from cashbox_service.app import books, name_values
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting, token_balances
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import NameValuePairDraft, Reference
from cashbox_service.domain import ledger
from cashbox_service.domain.credit import CreditOwner
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import TaxExemption
from cashbox_service.store.entities import Account

MOVED_FROM = "VIN_MERCHANT_CUSTOMER_ID_UPDATED_FROM"
MOVED_ON = "VIN_MERCHANT_CUSTOMER_ID_UPDATED_DATE"


def merge(work: Work, target: Reference, source: Reference) -> Account:
    """Move everything of the source to the target, which is returned; all of it or nothing.

    Raises MissingField, AccountNotFound, InvalidRequest when both are the same, or the source has children and the
    target is a child itself.
    """

    def merged() -> Account:
        target_vid = accounts.resolve(work, target, "targetAccount").vid
        source_vid = accounts.resolve(work, source, "sourceAccount").vid
        if target_vid == source_vid:
            raise InvalidRequest("targetAccount and sourceAccount are the same.")
        children = [child.vid for child in work.uow.accounts.children_of(source_vid)]
        with work.writing():
            locked = accounts.lock_all(work, [target_vid, source_vid, *children])
            _merge(work, locked[target_vid], locked[source_vid])
        return locked[target_vid]

    return starting_over(merged)


def _merge(work: Work, target: Account, source: Account) -> None:
    _move_family(work, target, source)
    _move_credit(work, target, source)
    _move_payment_methods(work, target, source)
    _mark_autobills(work, source)
    target.name_values = name_values.merged(
        work,
        "Account",
        target.name_values,
        [
            NameValuePairDraft(pair.name, pair.value)
            for pair in source.name_values
            if pair.name not in {own.name for own in target.name_values}
        ],
    )
    target.tax_exemptions = _both(target.tax_exemptions, source.tax_exemptions)
    source.name_values, source.tax_exemptions = (), ()
    target.modified_at = source.modified_at = work.now
    for account in (target, source):
        work.uow.events.enqueue("accounts", "data change", account.vid, work.now)
    work.uow.flush()
    work.uow.merges.move_all(source.vid, target.vid, work.now)


def _move_family(work: Work, target: Account, source: Account) -> None:
    """The links of the source are cut; its children go to the target."""
    source.parent_vid = None
    if target.parent_vid == source.vid:
        target.parent_vid = None
    children = [child for child in work.uow.accounts.children_of(source.vid) if child.vid != target.vid]
    if children and target.parent_vid is not None:
        raise InvalidRequest("sourceAccount has children, and targetAccount is itself a child.")
    for child in children:
        child.parent_vid = target.vid
        child.modified_at = work.now


def _move_credit(work: Work, target: Account, source: Account) -> None:
    """In the ledger: what is left of the account's own credit, held back by attempts or not, and its tokens."""
    held = crediting.held_back(work)
    owners = CreditOwner.account(source.vid), CreditOwner.account(target.vid)
    for grant in work.uow.credits.of_account(source.vid):
        kept = grant.remaining + held.get(grant.vid, 0)
        if kept and grant.currency is not None:
            books.post(work, ledger.credit_transferred(*owners, Money.of(kept, grant.currency)))
    for balance in work.uow.credits.token_balances(source.vid):
        token_balances.move(work, source, target, balance.token_vid, balance.balance)


def _move_payment_methods(work: Work, target: Account, source: Account) -> None:
    """Behind the target's own, in their order."""
    own = work.uow.payment_methods.of_account(target.vid, active=None)
    behind = max((method.sort_order for method in own), default=-1) + 1
    for place, method in enumerate(work.uow.payment_methods.of_account(source.vid, active=None)):
        method.account = target
        method.account_vid = target.vid
        method.sort_order = behind + place


def _mark_autobills(work: Work, source: Account) -> None:
    """Every AutoBill keeps on record where it came from, and when."""
    marks = [
        NameValuePairDraft(MOVED_FROM, source.merchant_account_id),
        NameValuePairDraft(MOVED_ON, work.today.isoformat()),
    ]
    for autobill in work.uow.autobills.of_accounts([source.vid]):
        autobill.name_values = name_values.merged(work, "AutoBill", autobill.name_values, marks)
        autobill.modified_at = work.now


def _both(own: tuple[TaxExemption, ...], added: tuple[TaxExemption, ...]) -> tuple[TaxExemption, ...]:
    """Each (region, exemptionId) once, active if either was."""
    merged = {(entry.region, entry.exemption_id): entry for entry in own}
    for entry in added:
        key = (entry.region, entry.exemption_id)
        active = entry.active or (key in merged and merged[key].active)
        merged[key] = TaxExemption(*key, active=active)
    return tuple(merged.values())
