"""What a template can say of its letter: account, AutoBill, plan, product, transaction, invoice, payment method.

Names are those of the CashBox objects. Everything is text, a list or a mapping; amounts have the decimals of their
currency, days are those of the merchant's time zone. Of a payment method only what may be shown to anybody is there.
Documented in docs/mail.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from cashbox_service.app.context import Work
from cashbox_service.app.engine import projecting
from cashbox_service.app.mail.template_language import MAX_LIST, MAX_TEXT
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.lines import Line, amount_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.pricing import description_for
from cashbox_service.store.entities import (
    Account,
    Address,
    AutoBill,
    BillingPlan,
    Invoice,
    Mail,
    PaymentMethod,
    Product,
    Transaction,
)

Facts = dict[str, Any]

WITHOUT_DOT = ("transaction", "autobill", "account", "product", "billingPlan", "invoice")
"""Whose fields may be named without their owner, the first that has one of the name."""


@dataclass(slots=True)
class Subject:
    """What a mail is about."""

    account: Account
    autobill: AutoBill | None = None
    transaction: Transaction | None = None
    invoice: Invoice | None = None
    payment_method: PaymentMethod | None = None
    products: tuple[Product, ...] = ()


def of(work: Work, mail: Mail, subject: Subject) -> Facts:
    """Everything that templates may name."""
    account, autobill, transaction = subject.account, subject.autobill, subject.transaction
    language = account.preferred_language
    facts: Facts = {
        "merchant": _texts(name=work.merchant.name),
        "account": _account(account),
        "transaction": _coming(work, mail, subject.invoice)
        if transaction is None
        else _transaction(work, transaction),
    }
    if autobill is not None:
        facts["autobill"] = _autobill(work, autobill)
        facts["billingPlan"] = _plan(autobill.billing_plan)
    if subject.products:
        facts["product"] = _product(subject.products[0], language)
    if subject.invoice is not None:
        facts["invoice"] = _invoice(subject.invoice)
    if subject.payment_method is not None:
        facts["paymentMethod"] = _payment_method(subject.payment_method)
    facts |= {name: clipped(value) for name, value in mail.facts.items() if name not in _OWN_FACTS}
    return _without_dots(facts) | facts


_OWN_FACTS = frozenset({"autobill", "account", "amount", "billing_on", "invoice", "on", "payment_method"})
"""Facts of a notice that say what it is about, and are shown as fields of it."""


def _without_dots(facts: Mapping[str, Any]) -> Facts:
    flat: Facts = {}
    for owner in WITHOUT_DOT:
        for name, value in facts.get(owner, {}).items():
            flat.setdefault(name, value)
    return flat


def _account(account: Account) -> Facts:
    return _texts(
        VID=account.vid,
        merchantAccountId=account.merchant_account_id,
        name=account.name,
        company=account.company,
        emailAddress=account.email_address,
        preferredLanguage=account.preferred_language,
    ) | {"shippingAddress": _address(account.shipping_address), "nameValues": _names(account.name_values)}


def _address(address: Address | None) -> Facts:
    if address is None:
        return {}
    return _texts(
        name=address.name,
        addr1=address.addr1,
        addr2=address.addr2,
        addr3=address.addr3,
        city=address.city,
        county=address.county,
        district=address.district,
        postalCode=address.postal_code,
        country=address.country,
        phone=address.phone,
    )


def _autobill(work: Work, autobill: AutoBill) -> Facts:
    return _texts(
        VID=autobill.vid,
        merchantAutoBillId=autobill.merchant_autobill_id,
        customerAutoBillName=autobill.customer_autobill_name,
        status=autobill.status,
        billingState=autobill.billing_state,
        currency=autobill.currency,
        startTimestamp=_day(work, autobill.start_at),
        endTimestamp=_day(work, autobill.end_at),
        nextBillingDate=autobill.next_billing_on,
        nextRetryDate=autobill.retry_on,
    ) | {"nameValues": _names(autobill.name_values)}


def _plan(plan: BillingPlan) -> Facts:
    return _texts(
        VID=plan.vid, merchantBillingPlanId=plan.merchant_billing_plan_id, description=plan.description
    ) | {"nameValues": _names(plan.name_values)}


def _product(product: Product, language: str | None) -> Facts:
    return _texts(
        VID=product.vid,
        merchantProductId=product.merchant_product_id,
        description=description_for(product.descriptions, language),
    ) | {"nameValues": _names(product.name_values)}


def _transaction(work: Work, transaction: Transaction) -> Facts:
    return _texts(
        VID=transaction.vid,
        merchantTransactionId=transaction.merchant_transaction_id,
        amount=_money(transaction.amount, transaction.currency),
        currency=transaction.currency,
        timestamp=_day(work, transaction.happened_at),
        status=transaction.status,
        paymentMethodType=transaction.payment_method_type,
        billingStatementIdentifier=transaction.billing_statement_identifier,
    ) | {"transactionItems": _lines(transaction.lines, transaction.currency)}


def _coming(work: Work, mail: Mail, invoice: Invoice | None) -> Facts:
    """The charge that a notice speaks of before it is made: as announced, else what the invoice asks for."""
    if invoice is None:
        return {}
    lines = projecting.lines_now(work, invoice)
    told = str(mail.facts.get("amount", "")).split(" ")[0]
    amount = told or _money(amount_of(lines, invoice.currency), invoice.currency)
    day = mail.facts.get("billing_on") or invoice.invoice_on
    return _texts(amount=amount, currency=invoice.currency, timestamp=day) | {
        "transactionItems": _lines(lines, invoice.currency)
    }


def _invoice(invoice: Invoice) -> Facts:
    return _texts(
        invoiceId=invoice.invoice_id,
        date=invoice.invoice_on,
        dueDate=invoice.due_on,
        state=invoice.state,
        balance=_money(invoice.balance, invoice.currency),
        currency=invoice.currency,
    )


def _lines(lines: Iterable[Line], currency: str) -> list[Facts]:
    ordinary = [line for line in lines if not line.is_tax_summary]
    return [
        _texts(
            sku=line.sku,
            name=line.name,
            quantity=f"{line.shown_quantity.normalize():f}",
            price=f"{line.price:f}",
            total=_money(line.total, currency),
        )
        for line in ordinary[:MAX_LIST]
    ]


def _payment_method(method: PaymentMethod) -> Facts:
    details = method.details
    return _texts(
        type=method.type,
        lastDigits=details.get("last_digits"),
        expirationDate=details.get("expiration_date"),
        accountHolderName=method.account_holder_name,
        description=method.customer_description,
    )


def _names(pairs: Iterable[NameValue]) -> Facts:
    return {pair.name: clipped(pair.value) for pair in pairs}


def _money(amount: Decimal, currency: str) -> str:
    return f"{Money.of(amount, currency).amount:f}"


def _day(work: Work, moment: datetime | None) -> str | None:
    return moment.astimezone(work.zone).date().isoformat() if moment is not None else None


def _texts(**values: object) -> Facts:
    return {name: clipped(value) for name, value in values.items() if value is not None}


def clipped(value: object) -> str:
    """A value as templates get it."""
    return str(value)[:MAX_TEXT]
