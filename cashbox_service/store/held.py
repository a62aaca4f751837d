"""A group of AutoBills read and locked at once, with everything that billing them asks for.

`Held` keeps the entities of a group; the repositories of ``store.held_repositories`` answer from it, and ask the
database for all that is not held. Its entities belong to no session: what was changed of them is found when the
transaction is written, table by table, with one statement per kind of change (see ``store.direct``). A query that does
reach the database in between is preceded by such a writing, so that it sees what was done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, bindparam, case, or_, select

from cashbox_service.store.base import Base
from cashbox_service.store.direct import Query
from cashbox_service.store.entities import (
    Account,
    Address,
    AutoBill,
    AutoBillCharge,
    AutoBillItem,
    BillingPlan,
    Card,
    CreditGrant,
    Entitlement,
    Invoice,
    PaymentAttempt,
    PaymentMethod,
    Product,
    RatePlan,
    Transaction,
    TransactionStatusEntry,
)
from cashbox_service.store.loaders import Loader, all_columns
from cashbox_service.store.repositories.invoices import UNPAID
from cashbox_service.store.repositories.transactions import UNSETTLED

if TYPE_CHECKING:
    from cashbox_service.store.unit_of_work import UnitOfWork

SIZE = 32
"""Most AutoBills of a group; statements are compiled once, for so many keys."""

CURRENT = ("Open", *UNPAID)
"""States of invoices that are all held."""

_SETTLED = ("Paid", "Written Off")

_autobills = Loader(AutoBill)
_accounts = Loader(Account)
_addresses = Loader(Address)
_items = Loader(AutoBillItem)
_invoices = Loader(Invoice, without=("origin",))
_methods = Loader(PaymentMethod)
_cards = Loader(Card)
_charges = Loader(AutoBillCharge)
_entitlements = Loader(Entitlement)
_grants = Loader(CreditGrant)
_transactions = Loader(
    Transaction,
    without=(
        "lines",
        "name_values",
        "shipping_address",
        "sales_tax_address",
        "tax_exemptions",
        "mandate",
        "verification_code",
    ),
)
_statuses = Loader(TransactionStatusEntry)
_attempts = Loader(PaymentAttempt)

_NAMES = [f"key{number}" for number in range(SIZE)]
_KEYS: list[Any] = [bindparam(name) for name in _NAMES]
_MINE: Any = bindparam("merchant")


def _is_one_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """An IN of fixed values, as a statement that is compiled once can have it."""
    return or_(*(column == value for value in values))


def _claim(*, wait: bool) -> Query:
    return Query(
        select(*all_columns(_autobills, _accounts, _addresses))
        .select_from(AutoBill)
        .join(Account, Account.vid == AutoBill.account_vid)
        .outerjoin(Address, Address.vid == Account.shipping_address_vid)
        .where(AutoBill.merchant_vid == _MINE, AutoBill.vid.in_(_KEYS), AutoBill.status != "Deleted")
        .order_by(AutoBill.account_vid, AutoBill.vid)
        .with_for_update(of=(Account, AutoBill), skip_locked=not wait)
    )


_CLAIM = {wait: _claim(wait=wait) for wait in (True, False)}


def _of_autobills(statement: Select[Any], entity: Any) -> Select[Any]:
    return statement.where(entity.merchant_vid == _MINE, entity.autobill_vid.in_(_KEYS))


_ITEMS = Query(_of_autobills(select(*_items.columns), AutoBillItem).order_by(AutoBillItem.index))
_last_settled = (
    select(Invoice.number)
    .where(
        Invoice.autobill_vid == AutoBill.vid,
        Invoice.cycle.is_not(None),
        _is_one_of(Invoice.state, _SETTLED),
    )
    .order_by(Invoice.number.desc())
    .limit(1)
    .correlate(AutoBill)
    .scalar_subquery()
)
_lines_if_unpaid = case((_is_one_of(Invoice.state, UNPAID), Invoice.lines)).label("lines")
"""An Open invoice gets its lines anew when it is billed, and of a settled one they are not asked for."""

_INVOICES = Query(
    select(*(_lines_if_unpaid if column.name == "lines" else column for column in _invoices.columns))
    .select_from(AutoBill)
    .join(Invoice, Invoice.autobill_vid == AutoBill.vid)
    .where(
        AutoBill.merchant_vid == _MINE,
        Invoice.merchant_vid == _MINE,
        AutoBill.vid.in_(_KEYS),
        or_(_is_one_of(Invoice.state, CURRENT), Invoice.number == _last_settled),
    )
    .order_by(Invoice.number)
)
_METHODS = Query(
    select(*all_columns(_methods, _cards, _addresses))
    .select_from(PaymentMethod)
    .outerjoin(Card, Card.vid == PaymentMethod.card_vid)
    .outerjoin(Address, Address.vid == PaymentMethod.billing_address_vid)
    .where(PaymentMethod.merchant_vid == _MINE, PaymentMethod.vid.in_(_KEYS))
)
_CHARGES = Query(
    _of_autobills(select(*_charges.columns), AutoBillCharge)
    .where(AutoBillCharge.invoice_vid.is_(None))
    .order_by(AutoBillCharge.added_at, AutoBillCharge.row_id)
)
_ENTITLEMENTS = Query(
    _of_autobills(select(*_entitlements.columns), Entitlement).order_by(Entitlement.start_at, Entitlement.vid)
)
_GRANTS = Query(
    select(*_grants.columns)
    .where(CreditGrant.merchant_vid == _MINE, CreditGrant.account_vid.in_(_KEYS), CreditGrant.remaining > 0)
    .order_by(CreditGrant.granted_at, CreditGrant.vid)
)
_UNSETTLED = Query(
    select(Transaction.invoice_vid)
    .join(Invoice, Invoice.vid == Transaction.invoice_vid)
    .where(
        Transaction.merchant_vid == _MINE,
        Invoice.autobill_vid.in_(_KEYS),
        _is_one_of(Invoice.state, CURRENT),
        _is_one_of(Transaction.status, UNSETTLED),
    )
)
_ATTEMPTS = Query(
    select(*all_columns(_attempts, _transactions))
    .join(Transaction, Transaction.vid == PaymentAttempt.transaction_vid)
    .where(PaymentAttempt.merchant_vid == _MINE, PaymentAttempt.request_key.in_(_KEYS))
    .with_for_update(of=PaymentAttempt)
)
_STATUSES = Query(
    select(*_statuses.columns)
    .where(TransactionStatusEntry.merchant_vid == _MINE, TransactionStatusEntry.transaction_vid.in_(_KEYS))
    .order_by(TransactionStatusEntry.position.desc())
)


_PLAN_VERSIONS = Query(
    select(BillingPlan.vid, BillingPlan.version).where(
        BillingPlan.merchant_vid == _MINE, BillingPlan.vid.in_(_KEYS)
    )
)
_PRODUCT_VERSIONS = Query(
    select(Product.vid, Product.version).where(Product.merchant_vid == _MINE, Product.vid.in_(_KEYS))
)


class KnownCatalog:
    """Plans and products that a run has read, for as long as their versions are those of the database.

    A plan with seasons is read every time: its seasons change without it.
    """

    def __init__(self) -> None:
        self._plans: dict[str, BillingPlan] = {}
        self._products: dict[str, Product] = {}

    def plans(self, held: Held, vids: set[str]) -> dict[str, BillingPlan]:
        """The plans with these VIDs, as they are now."""
        wanted = self._outdated(held, _PLAN_VERSIONS, self._plans, vids)
        read = held.uow.catalog.plans_by_vid(wanted) if wanted else {}
        seasonal = {vid: plan for vid, plan in read.items() if plan.season_set_vid is not None}
        self._keep(held, self._plans, {vid: plan for vid, plan in read.items() if vid not in seasonal})
        return {vid: seasonal.get(vid) or self._plans[vid] for vid in vids}

    def products(self, held: Held, vids: set[str]) -> dict[str, Product]:
        """The products with these VIDs, as they are now."""
        wanted = self._outdated(held, _PRODUCT_VERSIONS, self._products, vids)
        self._keep(held, self._products, held.uow.catalog.products_by_vid(wanted))
        return {vid: self._products[vid] for vid in vids}

    def _outdated(
        self, held: Held, versions: Query, known: Mapping[str, BillingPlan | Product], vids: set[str]
    ) -> list[str]:
        current = {row[0]: row[1] for row in held.rows(versions, sorted(vids))}
        return [vid for vid in vids if vid not in known or known[vid].version != current.get(vid)]

    def _keep(self, held: Held, known: dict[str, Any], read: Mapping[str, Any]) -> None:
        if len(known) + len(read) > KNOWN:
            known.clear()
        for vid, entity in read.items():
            held.uow.session.expunge(entity)
            known[vid] = entity


KNOWN = 10_000
"""Most plans, and most products, that a run keeps in mind."""


class Held:
    """The entities of one group, in the order in which everybody locks accounts."""

    def __init__(self, uow: UnitOfWork, vids: Sequence[str], known: KnownCatalog, *, wait: bool) -> None:
        self.uow = uow
        self._known = known
        self._direct = uow.session.direct()
        self.autobills: dict[str, AutoBill] = {}
        self.accounts: dict[str, Account] = {}
        self.invoices: dict[str, list[Invoice]] = defaultdict(list)
        self.by_vid: dict[str, Invoice] = {}
        self.charges: dict[str, list[AutoBillCharge]] = defaultdict(list)
        self.entitlements: dict[str, list[Entitlement]] = defaultdict(list)
        self.grants: dict[str, list[CreditGrant]] = defaultdict(list)
        self.unsettled: set[str] = set()
        self.attempts: dict[str, PaymentAttempt] = {}
        self.transactions: dict[str, Transaction] = {}
        self._entries: list[TransactionStatusEntry] = []
        self._claim(vids, wait=wait)
        if self.autobills:
            self._load()

    def with_attempts(self, request_keys: Sequence[str]) -> None:
        """Read and lock the attempts, and their transactions, too."""
        for row in self.rows(_ATTEMPTS, request_keys):
            attempt = _attempts.required(row)
            transaction = _transactions.required(row, _attempts.width)
            self.attempts[attempt.request_key] = attempt
            self.transactions[transaction.vid] = transaction
        logs: dict[str, list[TransactionStatusEntry]] = defaultdict(list)
        for row in self.rows(_STATUSES, list(self.transactions)):
            entry = _statuses.required(row)
            self._entries.append(entry)
            logs[entry.transaction_vid].append(entry)
        for vid, transaction in self.transactions.items():
            autobill = self.autobills.get(transaction.autobill_vid or "")
            if autobill is not None:
                _transactions.related(transaction, autobill=autobill, account=autobill.account)
            _transactions.related(transaction, status_log=logs[vid])

    def changeable(self) -> Iterator[Base]:
        """Everything that may have been changed."""
        for autobill in self.autobills.values():
            yield autobill
            yield from autobill.items
        for kept in (self.invoices, self.charges, self.entitlements, self.grants):
            for entities in kept.values():
                yield from entities
        yield from self.attempts.values()
        yield from self.transactions.values()
        yield from self._entries

    def let_go(self) -> None:
        """The transaction is over: undo the circles of entities, so that they are gone without the collector."""
        for autobill in self.autobills.values():
            autobill.__dict__.pop("items", None)

    def note(self, invoice: Invoice) -> None:
        """One more invoice of the group."""
        self.invoices[invoice.autobill_vid or ""].append(invoice)
        self.by_vid[invoice.vid] = invoice

    def _claim(self, vids: Sequence[str], *, wait: bool) -> None:
        for row in self.rows(_CLAIM[wait], vids):
            account_vid = row[_autobills.width + _ACCOUNT_VID]
            account = self.accounts.get(account_vid)
            if account is None:
                address = _addresses.entity(row, _autobills.width + _accounts.width)
                account = _accounts.required(row, _autobills.width, shipping_address=address)
                self.accounts[account_vid] = account
            autobill = _autobills.required(row, account=account)
            self.autobills[autobill.vid] = autobill

    def _load(self) -> None:
        vids = list(self.autobills)
        items: dict[str, list[AutoBillItem]] = defaultdict(list)
        for row in self.rows(_ITEMS, vids):
            item = _items.required(row)
            items[item.autobill_vid].append(item)
        self._relate(items)
        for row in self.rows(_INVOICES, vids):
            invoice = _invoices.required(row)
            autobill = self.autobills[invoice.autobill_vid or ""]
            _invoices.related(invoice, autobill=autobill, account=autobill.account)
            if invoice.state not in UNPAID:
                del invoice.__dict__["lines"]  # not read: asking for them raises
            self.note(invoice)
        for row in self.rows(_CHARGES, vids):
            charge = _charges.required(row)
            self.charges[charge.autobill_vid].append(charge)
        for row in self.rows(_ENTITLEMENTS, vids):
            entitlement = _entitlements.required(row)
            self.entitlements[entitlement.autobill_vid or ""].append(entitlement)
        for row in self.rows(_GRANTS, list(self.accounts)):
            grant = _grants.required(row)
            self.grants[grant.account_vid].append(grant)
        self.unsettled = {row[0] for row in self.rows(_UNSETTLED, vids)}

    def _relate(self, items: dict[str, list[AutoBillItem]]) -> None:
        """Plans, products and payment methods; the catalog through the session, once for the group."""
        bills = self.autobills.values()
        every = [item for some in items.values() for item in some]
        plans = self._known.plans(self, {bill.billing_plan_vid for bill in bills})
        products = self._known.products(self, {item.product_vid for item in every})
        rated = self.uow.catalog.rate_plans_by_vid(
            {item.rate_plan_vid for item in every if item.rate_plan_vid}
        )
        methods = self._payment_methods(
            {bill.payment_method_vid for bill in bills if bill.payment_method_vid}
        )
        for item in every:
            self._relate_item(item, products, rated)
        for bill in bills:
            _autobills.related(
                bill,
                billing_plan=plans[bill.billing_plan_vid],
                payment_method=methods.get(bill.payment_method_vid or ""),
                items=items[bill.vid],
            )

    def _relate_item(
        self, item: AutoBillItem, products: dict[str, Product], rated: dict[str, RatePlan]
    ) -> None:
        _items.related(
            item,
            autobill=self.autobills[item.autobill_vid],
            product=products[item.product_vid],
            rate_plan=rated.get(item.rate_plan_vid or ""),
        )

    def _payment_methods(self, vids: Iterable[str]) -> dict[str, PaymentMethod]:
        found = {}
        for row in self.rows(_METHODS, list(vids)):
            method = _methods.required(
                row,
                card=_cards.entity(row, _methods.width),
                billing_address=_addresses.entity(row, _methods.width + _cards.width),
            )
            found[method.vid] = method
        return found

    def rows(self, query: Query, keys: Sequence[str]) -> list[list[Any]]:
        """What a query of so many keys at a time finds for the keys."""
        found: list[list[Any]] = []
        for start in range(0, len(keys), SIZE):
            some = keys[start : start + SIZE]
            padded = [*some, *[some[-1]] * (SIZE - len(some))]
            named = dict(zip(_NAMES, padded, strict=True))
            found += query.rows(self._direct, merchant=self.uow.merchant_vid, **named)
        return found


_ACCOUNT_VID = [column.name for column in _accounts.columns].index("vid")
