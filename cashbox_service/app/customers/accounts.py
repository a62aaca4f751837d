"""Accounts: create, change, find (account §1, §2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cashbox_service.app import name_values
from cashbox_service.app.checks import check_currency, check_merchant_id
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.credit import tokens
from cashbox_service.app.customers import addresses
from cashbox_service.app.customers.drafts import AccountDraft, TaxExemptionDraft
from cashbox_service.app.drafts import Reference
from cashbox_service.app.paging import page, window
from cashbox_service.app.wallet import payment_methods
from cashbox_service.domain.errors import (
    AccountNotFound,
    DataValidation,
    Duplicate,
    InvalidRequest,
    MissingField,
    NothingFound,
)
from cashbox_service.domain.postal import TaxExemption
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account

EMAIL_PREFERENCES = ("plaintext", "html", "multipart")

_PLAIN_TEXTS = ("preferred_language", "company", "name", "tax_type")


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored account and whether this call created it."""

    account: Account
    created: bool


def update(work: Work, draft: AccountDraft | None) -> Stored:
    """Create an account or change one (account §2.1).

    Raises MissingField("merchantAccountId") when nothing identifies it, AccountNotFound for an unknown VID, Duplicate
    for an id that belongs to another account, DataValidation for a payment method, InvalidRequest for the rest.
    """
    if draft is None or (draft.vid is None and draft.merchant_account_id is None):
        raise MissingField("merchantAccountId")

    def stored() -> Stored:
        with work.writing():
            return put(work, draft)

    return starting_over(stored)


def put(work: Work, draft: AccountDraft) -> Stored:
    """Create or change inside the caller's transaction; the account is locked afterwards."""
    account = _identified(work, draft)
    created = account is None
    account = _new(work, draft) if account is None else lock(work, account.vid)
    _merge(work, account, draft)
    if created:
        tokens.book_opening(work, account, draft.token_balances)
    put_payment_methods(work, account, draft)
    work.uow.events.enqueue("accounts", "create" if created else "data change", account.vid, work.now)
    work.uow.flush()
    return Stored(account, created)


def lock(work: Work, vid: str) -> Account:
    """The account, locked before anything it owns is changed. Raises AccountNotFound."""
    account = work.uow.accounts.lock(vid)
    if account is None:
        raise AccountNotFound("VID", vid)
    return account


def lock_all(work: Work, vids: Iterable[str]) -> dict[str, Account]:
    """Accounts locked in the same order by everybody, so that nobody waits in a circle. Raises AccountNotFound."""
    return {vid: lock(work, vid) for vid in sorted(set(vids))}


def resolve(work: Work, reference: Reference, argument: str = "account") -> Account:
    """The account that an argument refers to; the VID wins (conventions §4.2).

    Raises MissingField when it names nothing, AccountNotFound, InvalidRequest when VID and id belong to two accounts.
    """
    if reference.vid is not None:
        account = work.uow.accounts.by_vid(reference.vid)
        if account is None:
            raise AccountNotFound("VID", reference.vid)
        check_id(work, account, reference.merchant_id)
        return account
    if reference.merchant_id is None:
        raise MissingField(argument, "Account not specified.")
    account = work.uow.accounts.by_merchant_id(reference.merchant_id)
    if account is None:
        raise AccountNotFound("merchantAccountId", reference.merchant_id)
    return account


def check_id(work: Work, account: Account, merchant_account_id: str | None) -> None:
    """Raises InvalidRequest when the id that came with the account's VID belongs to another one (conventions §4.2)."""
    if merchant_account_id is None or merchant_account_id == account.merchant_account_id:
        return
    if work.uow.accounts.by_merchant_id(merchant_account_id) is not None:
        raise InvalidRequest("VID and merchantAccountId belong to different accounts.")


def not_found(reference: Reference) -> AccountNotFound:
    """The refusal of a reference that leads nowhere."""
    if reference.vid is not None:
        return AccountNotFound("VID", reference.vid)
    return AccountNotFound("merchantAccountId", reference.merchant_id)


def with_children(work: Work, account: Account, include_children: bool) -> list[str]:
    """VIDs of the account and, when asked for, of its children."""
    children = work.uow.accounts.children_of(account.vid) if include_children else ()
    return [account.vid, *(child.vid for child in children)]


def by_vid(work: Work, vid: str | None) -> Account:
    """Raises MissingField, AccountNotFound."""
    return _found(work.uow.accounts.by_vid(vid) if vid else None, "VID", vid)


def by_merchant_account_id(work: Work, merchant_account_id: str | None) -> Account:
    """Raises MissingField, AccountNotFound."""
    found = work.uow.accounts.by_merchant_id(merchant_account_id) if merchant_account_id else None
    return _found(found, "merchantAccountId", merchant_account_id)


def by_external_id(work: Work, external_id: str | None) -> Account:
    """Raises MissingField, AccountNotFound."""
    found = work.uow.accounts.by_external_id(external_id) if external_id else None
    return _found(found, "externalId", external_id)


def by_email(work: Work, address: str | None) -> Sequence[Account]:
    """All with that address, most recently modified first. Raises MissingField, AccountNotFound."""
    if not address:
        raise MissingField("emailAddress")
    accounts = work.uow.accounts.by_email(address)
    if not accounts:
        raise AccountNotFound("emailAddress", address)
    return accounts


def created_since(
    work: Work, since: datetime | None, until: datetime | None, number: int | None, size: int | None
) -> Sequence[Account]:
    """Accounts created in the window, oldest first. Raises InvalidWindow, NothingFound for an empty page."""
    wanted = page(number, size, work.settings.max_page_size)
    lower, upper = window(since, until, work.now)
    accounts = work.uow.accounts.created_between(lower, upper, wanted.number, wanted.size)
    if not accounts:
        raise NothingFound("No matching records found.")
    return accounts


def _found(account: Account | None, key: str, value: str | None) -> Account:
    if not value:
        raise MissingField(key)
    if account is None:
        raise AccountNotFound(key, value)
    return account


def _identified(work: Work, draft: AccountDraft) -> Account | None:
    """The account the draft names, None when it is to be created."""
    by_id = None
    if draft.merchant_account_id is not None:
        by_id = work.uow.accounts.by_merchant_id(draft.merchant_account_id)
    if draft.vid is None:
        return by_id
    account = work.uow.accounts.by_vid(draft.vid)
    if account is None:
        raise AccountNotFound("VID", draft.vid)
    if by_id is not None and by_id.vid != account.vid:
        raise Duplicate("merchantAccountId", draft.merchant_account_id)
    return account


def _new(work: Work, draft: AccountDraft) -> Account:
    return work.uow.accounts.add(
        Account(
            vid=new_vid(),
            merchant_account_id=check_merchant_id("merchantAccountId", draft.merchant_account_id),
            email_type_preference="html",
            warn_before_autobilling=False,
            name_values=(),
            tax_exemptions=(),
            created_at=work.now,
            modified_at=work.now,
        )
    )


def _merge(work: Work, account: Account, draft: AccountDraft) -> None:
    if draft.merchant_account_id is not None:
        account.merchant_account_id = check_merchant_id("merchantAccountId", draft.merchant_account_id)
    _merge_external_id(work, account, draft.external_id)
    if draft.default_currency:
        account.default_currency = check_currency("defaultCurrency", draft.default_currency)
    if draft.email_type_preference is not None:
        account.email_type_preference = draft.email_type_preference
    if draft.warn_before_autobilling is not None:
        account.warn_before_autobilling = draft.warn_before_autobilling
    if draft.email_address is not None:
        account.email_address = draft.email_address or None
        account.email_key = draft.email_address.lower() or None
    for name in _PLAIN_TEXTS:
        value = getattr(draft, name)
        if value is not None:
            setattr(account, name, value or None)
    if draft.shipping_address is not None:
        account.shipping_address = addresses.put(work, draft.shipping_address, account.shipping_address)
    if draft.name_values:
        account.name_values = name_values.merged(work, "Account", account.name_values, draft.name_values)
    if draft.tax_exemptions:
        account.tax_exemptions = merge_exemptions(account.tax_exemptions, draft.tax_exemptions)
    account.modified_at = work.now


def _merge_external_id(work: Work, account: Account, external_id: str | None) -> None:
    if external_id is None or external_id == account.external_id:
        return
    check_merchant_id("externalId", external_id)
    owner = work.uow.accounts.by_external_id(external_id)
    if owner is not None and owner.vid != account.vid:
        raise Duplicate("externalId", external_id)
    account.external_id = external_id


def merge_exemptions(
    current: tuple[TaxExemption, ...], given: Sequence[TaxExemptionDraft]
) -> tuple[TaxExemption, ...]:
    """Merged by (region, exemptionId); entries not mentioned stay (conventions §5.3)."""
    merged = {(entry.region, entry.exemption_id): entry for entry in current}
    for entry in given:
        key = (entry.region or None, entry.exemption_id or None)
        merged[key] = TaxExemption(*key, active=bool(entry.active))
    return tuple(merged.values())


def put_payment_methods(work: Work, account: Account, draft: AccountDraft) -> None:
    """Payment methods sent along are created or edited, never removed or validated (account §2.1)."""
    for method in draft.payment_methods:
        try:
            payment_methods.attach(work, account, method, append=True)
        except DataValidation:
            raise
        except InvalidRequest as error:
            raise DataValidation(str(error)) from error
