"""Accounts and addresses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import or_

from cashbox_service.store.entities import Account, Address, PaymentMethod
from cashbox_service.store.repositories.base import Repository
from cashbox_service.store.repositories.payment_methods import of_type


class AccountRepository(Repository):
    """Accounts and addresses of one merchant."""

    def with_vids(self, vids: Iterable[str]) -> dict[str, Account]:
        return self._with_vids(Account, vids)

    def by_vid(self, vid: str) -> Account | None:
        return self._one(self._of(Account).where(Account.vid == vid))

    def by_vids(self, vids: Iterable[str]) -> dict[str, Account]:
        """Those that exist, by VID."""
        wanted = list(vids)
        if not wanted:
            return {}
        return {one.vid: one for one in self._all(self._of(Account).where(Account.vid.in_(wanted)))}

    def by_merchant_id(self, merchant_account_id: str) -> Account | None:
        return self._one(self._of(Account).where(Account.merchant_account_id == merchant_account_id))

    def by_external_id(self, external_id: str) -> Account | None:
        return self._one(self._of(Account).where(Account.external_id == external_id))

    def by_email(self, address: str) -> Sequence[Account]:
        """All with that address whatever its case, most recently modified first."""
        return self._all(
            self._of(Account)
            .where(Account.email_key == address.lower())
            .order_by(Account.modified_at.desc(), Account.vid)
        )

    def created_between(self, since: datetime, until: datetime, page: int, size: int) -> Sequence[Account]:
        """Created at or after ``since`` and before ``until``, oldest first."""
        return self._page(
            self._of(Account)
            .where(Account.created_at >= since, Account.created_at < until)
            .order_by(Account.created_at, Account.vid),
            page,
            size,
        )

    def with_payment_method(
        self,
        page: int,
        size: int,
        *,
        vid: str | None = None,
        fingerprint: str | None = None,
        type_: str | None = None,
    ) -> Sequence[Account]:
        """Accounts owning a payment method, active or not, that matches; each once, oldest first."""
        owners = (
            self._of(PaymentMethod)
            .with_only_columns(PaymentMethod.account_vid)
            .where(PaymentMethod.account_vid.is_not(None))
        )
        if vid is not None:
            owners = owners.where(PaymentMethod.vid == vid)
        if type_ is not None:
            owners = owners.where(*of_type(type_))
        if fingerprint is not None:
            owners = owners.where(PaymentMethod.fingerprint == fingerprint)
        return self._page(
            self._of(Account).where(Account.vid.in_(owners)).order_by(Account.created_at, Account.vid),
            page,
            size,
        )

    def lock(self, vid: str) -> Account | None:
        """The account, re-read and locked: the first lock of every change to what an account owns."""
        return self._lock(self._of(Account).where(Account.vid == vid), Account)

    def children_of(self, vid: str) -> Sequence[Account]:
        return self._all(
            self._of(Account).where(Account.parent_vid == vid).order_by(Account.created_at, Account.vid)
        )

    def family_vids(self, account: Account) -> set[str]:
        """The account, its parent and its children: who may use one another's payment methods."""
        parent = account.parent_vid or account.vid
        members = self.session.scalars(
            self._of(Account)
            .with_only_columns(Account.vid)
            .where(or_(Account.parent_vid == parent, Account.vid == parent))
        )
        return {account.vid, *members}

    def with_address(self, address_vid: str) -> Sequence[str]:
        """The VIDs of accounts that have an address, or a payment method with it."""
        payers = (
            self._of(PaymentMethod)
            .with_only_columns(PaymentMethod.account_vid)
            .where(PaymentMethod.billing_address_vid == address_vid, PaymentMethod.account_vid.is_not(None))
        )
        receivers = (
            self._of(Account)
            .with_only_columns(Account.vid)
            .where(Account.shipping_address_vid == address_vid)
        )
        return sorted({*self.session.scalars(payers), *self.session.scalars(receivers)})

    def address(self, vid: str) -> Address | None:
        return self._one(self._of(Address).where(Address.vid == vid))
