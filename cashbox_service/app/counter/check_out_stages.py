"""What each stage of a CheckOut makes (dialects §1). All but `recurring` run inside the stage's write transaction."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from cashbox_service.app.bills import documents, making
from cashbox_service.app.bills.documents import DocumentDraft
from cashbox_service.app.collection import charging
from cashbox_service.app.context import Work
from cashbox_service.app.counter import gateway_payments
from cashbox_service.app.counter.check_out_drafts import CheckOutOrder, ClientData, day
from cashbox_service.app.counter.gateway_payments import GatewayPayment
from cashbox_service.app.counter.outside_payments import wrong_amount
from cashbox_service.app.customers import accounts
from cashbox_service.app.customers.drafts import AccountDraft
from cashbox_service.app.engine.first_billing import UpdateOptions
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.drafts import (
    BillingPlanDraft,
    BillingPlanPeriodDraft,
    ProductDescriptionDraft,
    ProductDraft,
)
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.app.subscriptions import autobill_update
from cashbox_service.app.subscriptions.drafts import AutoBillDraft, AutoBillItemDraft
from cashbox_service.app.wallet.drafts import PaymentMethodDraft
from cashbox_service.domain.calendar import add_months
from cashbox_service.domain.documents import DocumentKind
from cashbox_service.domain.errors import AccountNotFound, InvalidValue, MissingField
from cashbox_service.domain.instruments import Secret, chargeable_alone
from cashbox_service.domain.lines import Charge
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import Account, PaymentMethod, Transaction

MAX_TEXT: Final = 255
FREQUENCIES: Final[Mapping[str, tuple[str, int, int]]] = {
    "monthly": ("Month", 1, 1),
    "quarterly": ("Month", 3, 3),
    "yearly": ("Year", 1, 12),
}
"""Plan period, how many of it, and how many months that is."""

_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_FLAGS: Final = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "": False}


def client(work: Work, order: CheckOutOrder) -> dict[str, Any]:
    """The account, new or changed. Raises AccountNotFound for an unknown ClientID, InvalidValue, MissingField."""
    given = order.client
    for name in ClientData.__dataclass_fields__:
        value = getattr(given, name)
        if value is not None and len(value) > MAX_TEXT:
            raise InvalidValue(name, "", f"is longer than {MAX_TEXT} characters")
    known = _known_client(work, given.number) if given.number else None
    if known is None and not given.name and not given.company:
        raise MissingField("LastName")
    number = None if known is not None else str(work.env.numbers.next(work.merchant.vid, NameKind.CUSTOMER))
    stored = accounts.put(
        work,
        AccountDraft(
            vid=known.vid if known is not None else None,
            merchant_account_id=_account_id(work, number) if number is not None else None,
            name=given.name,
            company=given.company,
            email_address=given.email,
            shipping_address=given.address_draft() if given.has_address else None,
        ),
    ).account
    if number is not None:
        public_names.give(work, NameKind.CUSTOMER, stored.vid, number)
    shown = public_names.number(work, NameKind.CUSTOMER, stored.vid)
    return {"account": stored.vid, "ClientID": shown}


def is_chargeable(method: PaymentMethod) -> bool:
    """Whether it can be charged without its owner being there."""
    return method.active and chargeable_alone(method.type, method.details)


def prepare(work: Work) -> None:
    """Numbers for what the stages make, reserved before their transactions."""
    documents.prepare(work)


def invoice(work: Work, order: CheckOutOrder, progress: Mapping[str, Any]) -> dict[str, Any]:
    """The invoice, still without its fee. Raises InvalidValue for a currency, or an amount that it does not have."""
    account = accounts.lock(work, progress["account"])
    currency = making.currency_for(work, account, order.currency)
    problem = wrong_amount("AmountPaid", order.amount_paid, currency)
    if problem is not None:
        raise problem
    made = documents.make(work, account, DocumentDraft(DocumentKind.INVOICE, currency))
    work.uow.flush()
    return {"invoice": made.vid, "Invoice": public_names.number(work, NameKind.DOCUMENT, made.vid)}


def fee(work: Work, order: CheckOutOrder, progress: Mapping[str, Any]) -> dict[str, Any]:
    """The fee on the invoice, which is due from now on. Raises InvalidValue naming what of it is wrong."""
    _, made = gateway_payments.lock_both(work, progress["account"], progress["invoice"])
    documents.charge(work, made, [_charge(order, made.currency)])
    return {"Fee": f"{progress['Invoice']}-1"}


def recurring(work: Work, order: CheckOutOrder, progress: Mapping[str, Any]) -> str:
    """The AutoBill that charges the fee from one period on, "" when it does not recur; its id is that of the invoice.

    Done again it finds what it made. Raises InvalidValue, and what AutoBill.update raises.
    """
    wanted = _FLAGS.get((order.recurring or "").strip().lower())
    if wanted is None:
        raise InvalidValue("Recurring", (order.recurring or "")[:40], "is neither true nor false")
    if not wanted:
        return ""
    found = FREQUENCIES.get((order.frequency or "Monthly").strip().lower())
    if found is None:
        raise InvalidValue("Frequency", (order.frequency or "")[:40], "is not Monthly, Quarterly or Yearly")
    period, quantity, months = found
    first = day("StartDate", order.start_date) if order.start_date else work.today
    starts = add_months(first, months)
    if starts <= work.today:
        raise InvalidValue("StartDate", first.isoformat(), "is more than a period ago")
    own_id = f"CheckOut-{progress['Invoice']}"
    invoice_row = work.uow.invoices.by_vid(progress["invoice"])
    assert invoice_row is not None
    charge = _charge(order, invoice_row.currency)
    draft = AutoBillDraft(
        merchant_auto_bill_id=own_id,
        account=AccountDraft(vid=progress["account"]),
        payment_method=PaymentMethodDraft(vid=progress["method"]),
        currency=invoice_row.currency,
        start_timestamp=_morning(work, starts),
        billing_plan=_plan(period, quantity),
        items=(
            AutoBillItemDraft(
                index=0,
                product=_product(charge),
                amount=charge.price,
                currency=invoice_row.currency,
                quantity=charge.quantity,
            ),
        ),
    )
    if work.uow.autobills.by_merchant_id(own_id) is None:
        with autobill_update.update(work, draft, UpdateOptions()):
            pass
    return own_id


def payment(
    work: Work, order: CheckOutOrder, progress: Mapping[str, Any]
) -> tuple[Transaction, charging.Intent]:
    """The transaction and the intent to charge AmountPaid; what is above the invoice stays on the account."""
    account, made = gateway_payments.lock_both(work, progress["account"], progress["invoice"])
    method = work.uow.payment_methods.by_vid(progress["method"])
    assert method is not None
    return gateway_payments.intend(
        work,
        GatewayPayment(
            account=account,
            invoice=made,
            method=method,
            processor=work.env.processors.for_type(method.type),
            towards=Money.of(order.amount_paid, made.currency),
            fee=Money.zero(made.currency),
            cvn=Secret(order.cvv) if order.cvv and order.card_number else None,
            note=order.description[:MAX_TEXT] if order.description else None,
        ),
    )


def _known_client(work: Work, number: str) -> Account:
    vid = public_names.find(work, NameKind.CUSTOMER, number.strip())
    found = work.uow.accounts.by_vid(vid) if vid is not None else None
    if found is None:
        raise AccountNotFound("ClientID", number[:40])
    return accounts.lock(work, found.vid)


def _account_id(work: Work, number: str) -> str:
    """An id of its own; a merchant may have given that name to somebody else."""
    own_id = f"C{number}"
    while work.uow.accounts.by_merchant_id(own_id) is not None:
        own_id += "x"
    return own_id


def _charge(order: CheckOutOrder, currency: str) -> Charge:
    """What is billed: price times quantity, AmountPaid where no amount is told."""
    amount = _number("Amount", order.amount) if order.amount else order.amount_paid
    quantity = _number("Quantity", order.quantity) if order.quantity else Decimal(1)
    for name, text in (("Description", order.description), ("Category", order.category)):
        if text is not None and len(text) > MAX_TEXT:
            raise InvalidValue(name, text[:40], f"is longer than {MAX_TEXT} characters")
    problem = wrong_amount("Amount", amount, currency) or wrong_amount(
        "Amount", Money.of(amount * quantity, currency).amount, currency
    )
    if problem is not None:
        raise problem
    return Charge(
        name=order.description or "Fee", price=amount, quantity=quantity, sku=order.category or None
    )


def _number(name: str, text: str) -> Decimal:
    if not _NUMBER.fullmatch(text.strip()) or not Decimal(text):
        raise InvalidValue(name, text[:40], "is not a number above 0")
    return Decimal(text)


def _morning(work: Work, on: date) -> datetime:
    return datetime.combine(on, time(0, 0), work.zone)


def _plan(period: str, quantity: int) -> BillingPlanDraft:
    return BillingPlanDraft(
        merchant_billing_plan_id=f"CheckOut-{quantity}-{period}",
        description=f"Every {quantity} {period.lower()}" if quantity > 1 else f"Every {period.lower()}",
        status="Active",
        periods=(BillingPlanPeriodDraft(type=period, quantity=quantity, cycles=0),),
    )


def _product(charge: Charge) -> ProductDraft:
    """The product that stands for a fee; fees of the same words share one."""
    digest = hashlib.sha256(f"{charge.sku}/{charge.name}".encode()).hexdigest()[:16]
    return ProductDraft(
        merchant_product_id=f"CheckOut-{digest}",
        descriptions=(ProductDescriptionDraft(language="EN", description=charge.name),),
        status="Active",
    )
