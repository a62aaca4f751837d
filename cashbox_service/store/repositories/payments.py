"""What a payment and its answer read, with as few statements as possible (see ``store.direct``).

Entities from here belong to no session: those that a payment changes are handed to the batch of its transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, exists, or_, select

from cashbox_service.store.direct import Query
from cashbox_service.store.entities import (
    Account,
    Address,
    AutoBill,
    CreditGrant,
    Entitlement,
    Invoice,
    PaymentMethod,
    PaymentMethodAlias,
    Token,
    TokenBalance,
    Transaction,
)
from cashbox_service.store.loaders import Loader, Shown, all_columns
from cashbox_service.store.repositories.base import Repository

_accounts = Loader(Account)
_autobills = Loader(
    AutoBill,
    only=(
        "merchant_autobill_id",
        "account_vid",
        "currency",
        "status",
        "billing_state",
        "next_cycle",
        "closes_on",
        "retry_on",
        "disentitled_at",
        "billing_statement_identifier",
        "merchant_affiliate_id",
        "merchant_affiliate_sub_id",
        "created_at",
        "version",
    ),
)
_invoices = Loader(Invoice, without=("lines", "origin"))
_methods = Shown(PaymentMethod)
_grants = Loader(CreditGrant)
_entitlements = Loader(Entitlement)
_balances = Loader(TokenBalance)
_tokens = Loader(Token)
_addresses = Loader(Address)
_billing_addresses = Shown(Address)

_ACCEPTING = ("Open", "Due", "Overdue")
"""States of invoices that can take a payment at all."""

_mine: BindParameter[str] = bindparam("merchant")

_PAYER = (
    select(*all_columns(_autobills, _accounts, _addresses))
    .join(Account, Account.vid == AutoBill.account_vid)
    .outerjoin(Address, Address.vid == Account.shipping_address_vid)
    .where(AutoBill.merchant_vid == _mine, AutoBill.status != "Deleted")
    .with_for_update(of=Account)
)
_PAYER_BY_VID = Query(_PAYER.where(AutoBill.vid == bindparam("key")))
_PAYER_BY_ID = Query(_PAYER.where(AutoBill.merchant_autobill_id == bindparam("key")))

_ACCOUNT = (
    select(*all_columns(_accounts, _addresses))
    .outerjoin(Address, Address.vid == Account.shipping_address_vid)
    .where(Account.merchant_vid == _mine)
    .with_for_update(of=Account)
)
_ACCOUNT_BY_VID = Query(_ACCOUNT.where(Account.vid == bindparam("key")))
_ACCOUNT_BY_ID = Query(_ACCOUNT.where(Account.merchant_account_id == bindparam("key")))

_INVOICES = Query(
    select(*all_columns(_invoices, _autobills))
    .outerjoin(AutoBill, AutoBill.vid == Invoice.autobill_vid)
    .where(
        Invoice.merchant_vid == _mine,
        Invoice.account_vid == bindparam("account"),
        or_(*(Invoice.state == state for state in _ACCEPTING)),
    )
    .order_by(Invoice.due_on, Invoice.number)
)

_USED = Query(
    select(
        exists().where(
            PaymentMethod.merchant_vid == _mine,
            PaymentMethod.merchant_payment_method_id == bindparam("own_id"),
        )
        | exists().where(
            PaymentMethodAlias.merchant_vid == _mine,
            PaymentMethodAlias.merchant_payment_method_id == bindparam("own_id"),
        ),
        exists().where(
            Transaction.merchant_vid == _mine,
            Transaction.account_vid == bindparam("account"),
            Transaction.payment_id == bindparam("payment_id"),
        ),
    )
)

_PAID_UNDER = Query(
    select(Transaction.merchant_transaction_id).where(
        Transaction.merchant_vid == _mine,
        Transaction.account_vid == bindparam("account"),
        Transaction.payment_id == bindparam("payment_id"),
    )
)

_METHODS = Query(
    select(*_methods.columns, *_billing_addresses.columns)
    .select_from(PaymentMethod)
    .outerjoin(Address, Address.vid == PaymentMethod.billing_address_vid)
    .where(
        PaymentMethod.merchant_vid == _mine,
        PaymentMethod.account_vid == bindparam("account"),
        PaymentMethod.active.is_(True),
    )
    .order_by(PaymentMethod.sort_order, PaymentMethod.vid)
)

_CREDIT = Query(
    select(*_grants.columns)
    .where(
        CreditGrant.merchant_vid == _mine,
        CreditGrant.account_vid == bindparam("account"),
        CreditGrant.autobill_vid.is_(None),
        CreditGrant.remaining > 0,
    )
    .order_by(CreditGrant.granted_at, CreditGrant.vid)
)

_BALANCES = Query(
    select(*all_columns(_balances, _tokens))
    .join(Token, Token.vid == TokenBalance.token_vid)
    .where(TokenBalance.merchant_vid == _mine, TokenBalance.account_vid == bindparam("account"))
    .order_by(TokenBalance.token_vid)
)

_HOLDINGS = Query(
    select(
        exists().where(
            CreditGrant.merchant_vid == _mine,
            CreditGrant.account_vid == bindparam("account"),
            CreditGrant.autobill_vid.is_(None),
            CreditGrant.remaining > 0,
        ),
        exists().where(TokenBalance.merchant_vid == _mine, TokenBalance.account_vid == bindparam("account")),
        exists().where(
            Entitlement.merchant_vid == _mine,
            Entitlement.account_vid == bindparam("account"),
            Entitlement.autobill_vid.is_(None),
        ),
    )
)

_ENTITLEMENTS = Query(
    select(*_entitlements.columns)
    .where(
        Entitlement.merchant_vid == _mine,
        Entitlement.account_vid == bindparam("account"),
        Entitlement.autobill_vid.is_(None),
    )
    .order_by(Entitlement.start_at, Entitlement.vid)
)


@dataclass(frozen=True, slots=True)
class UsedIds:
    """Which ids of a merchant-accepted payment were used before."""

    payment_method_id: bool
    payment_id: bool


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has at all: most accounts have none of these, and one question tells."""

    credit: bool
    tokens: bool
    entitlements: bool


class PaymentRepository(Repository):
    """Reads of one merchant for payments."""

    def autobill(self, vid: str | None, merchant_id: str | None) -> AutoBill | None:
        """The AutoBill with its account, which is locked."""
        query, key = (_PAYER_BY_VID, vid) if vid is not None else (_PAYER_BY_ID, merchant_id)
        rows = query.rows(self.session.direct(), merchant=self.merchant_vid, key=key)
        if not rows:
            return None
        row = rows[0]
        address = _addresses.entity(row, _autobills.width + _accounts.width)
        account = _accounts.required(row, _autobills.width, shipping_address=address)
        return _autobills.required(row, account=account)

    def account(self, vid: str | None, merchant_id: str | None) -> Account | None:
        """The account, locked."""
        query, key = (_ACCOUNT_BY_VID, vid) if vid is not None else (_ACCOUNT_BY_ID, merchant_id)
        rows = query.rows(self.session.direct(), merchant=self.merchant_vid, key=key)
        if not rows:
            return None
        row = rows[0]
        return _accounts.required(row, shipping_address=_addresses.entity(row, _accounts.width))

    def invoices(self, account: Account) -> list[Invoice]:
        """The account's invoices that can take a payment, oldest first, each with its AutoBill; without lines."""
        rows = self._of_account(_INVOICES, account.vid)
        autobills: dict[str | None, AutoBill | None] = {None: None}
        found = []
        for row in rows:
            invoice = _invoices.required(row)
            if invoice.autobill_vid not in autobills:
                autobills[invoice.autobill_vid] = _autobills.required(row, _invoices.width, account=account)
            autobill = autobills[invoice.autobill_vid]
            found.append(_invoices.related(invoice, autobill=autobill, account=account))
        return found

    def used(self, account_vid: str, own_id: str | None, payment_id: str | None) -> UsedIds:
        """Whether a payment method id or a paymentId of the account was used before; none is never used."""
        row = _USED.rows(
            self.session.direct(),
            merchant=self.merchant_vid,
            account=account_vid,
            own_id=own_id,
            payment_id=payment_id,
        )[0]
        return UsedIds(bool(row[0]), bool(row[1]))

    def paid_under(self, account_vid: str, payment_id: str) -> str | None:
        """The merchantTransactionId of the account's payment with that paymentId."""
        rows = _PAID_UNDER.rows(
            self.session.direct(), merchant=self.merchant_vid, account=account_vid, payment_id=payment_id
        )
        return rows[0][0] if rows else None

    def holdings_of(self, account_vid: str) -> Holdings:
        """Whether the account has credit, tokens and entitlements of its own."""
        row = self._of_account(_HOLDINGS, account_vid)[0]
        return Holdings(bool(row[0]), bool(row[1]), bool(row[2]))

    def methods_of(self, account_vid: str) -> list[PaymentMethod]:
        """Active payment methods with their billing addresses, in order of preference."""
        return [
            _methods.row(row, billing_address=_billing_addresses.row_if_any(row, _methods.width))
            for row in self._of_account(_METHODS, account_vid)
        ]

    def credit_of(self, account_vid: str) -> list[CreditGrant]:
        """What is left of the account's own grants, oldest first."""
        return [_grants.required(row) for row in self._of_account(_CREDIT, account_vid)]

    def token_balances_of(self, account_vid: str) -> list[TokenBalance]:
        """With their token types."""
        return [
            _balances.required(row, token=_tokens.required(row, _balances.width))
            for row in self._of_account(_BALANCES, account_vid)
        ]

    def entitlements_of(self, account_vid: str) -> list[Entitlement]:
        """Granted to the account itself."""
        return [_entitlements.required(row) for row in self._of_account(_ENTITLEMENTS, account_vid)]

    def _of_account(self, query: Query, account_vid: str) -> list[list[Any]]:
        # What an answer shows beside the payment is read outside of any transaction: it would gain nothing by one.
        return query.rows(self.session.direct(), merchant=self.merchant_vid, account=account_vid)
