"""MakePayment: money that was taken outside goes to orders, proformas and invoices (dialects §2).

Everything is checked before anything is booked, and all that is wrong is told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from cashbox_service.app.bills import documents
from cashbox_service.app.collection import settlement
from cashbox_service.app.collection.settlement import Part
from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.counter import payment_keys
from cashbox_service.app.counter.payment_keys import Key
from cashbox_service.app.engine import projecting
from cashbox_service.app.offers import public_names
from cashbox_service.app.offers.public_names import NameKind
from cashbox_service.app.sales import transactions
from cashbox_service.app.wallet import payers
from cashbox_service.app.wallet.drafts import MerchantAcceptedPaymentDraft, PaymentMethodDraft
from cashbox_service.domain.allocation import Disposition
from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.documents import DocumentKind
from cashbox_service.domain.errors import (
    AccountNotFound,
    CashboxError,
    CurrencyMismatch,
    InvalidValue,
    InvoiceNotFound,
    PartExceedsBalance,
    PartsExceedPayment,
    PaymentTypeNotFound,
    SeveralProblems,
)
from cashbox_service.domain.invoice import InvoiceState, accepts_payment
from cashbox_service.domain.lines import payment_lines
from cashbox_service.domain.money import LARGEST_GIVEN, Money, minor_digits
from cashbox_service.domain.transaction_state import TransactionStatusType
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, Invoice, Transaction

_KEYS = ("TransactionID", "VendorTXCode")


@dataclass(frozen=True, slots=True)
class OutsidePart:
    """What is paid of which document, or of which line of it; ``place`` is where the part stands in the request."""

    kind: str
    number: int
    line: int
    amount: Decimal
    place: str


@dataclass(frozen=True, slots=True)
class OutsidePayment:
    """A payment as it was taken; ``references`` by their wire names, without those that were not given."""

    customer_number: int | None
    merchant_account_id: str | None
    payment_type: int
    amount: Decimal
    references: dict[str, str] = field(default_factory=dict)
    security_key: str | None = field(default=None, repr=False)
    parts: Sequence[OutsidePart] = ()


class UnknownCustomer(AccountNotFound):
    """The customer does not exist, or the two ids of it are those of two customers."""


def take(work: Work, payment: OutsidePayment) -> Transaction:
    """Book the payment; that of a repeat is the one booked before.

    Raises SeveralProblems with one error each for what is wrong; nothing is booked then.
    """
    return starting_over(lambda: _booked(work, payment))


def customer(work: Work, number: int | None, merchant_account_id: str | None) -> Account:
    """The account by its serial number, its own id, or both. Raises UnknownCustomer."""
    accounts = work.uow.accounts
    return _customer(work, number, merchant_account_id, accounts.by_vid, accounts.by_merchant_id)


def _customer(
    work: Work,
    number: int | None,
    merchant_account_id: str | None,
    by_vid: Callable[[str], Account | None],
    by_merchant_id: Callable[[str], Account | None],
) -> Account:
    account = None
    if number is not None:
        vid = public_names.numbered(work, NameKind.CUSTOMER, number)
        account = by_vid(vid) if vid is not None else None
        if account is None:
            raise UnknownCustomer("CustomerID", number)
    if merchant_account_id is not None:
        named = by_merchant_id(merchant_account_id)
        if named is None or (account is not None and named.vid != account.vid):
            raise UnknownCustomer("AccountNo", merchant_account_id[:40])
        account = named
    assert account is not None
    return account


def _payer(work: Work, payment: OutsidePayment) -> Account:
    """The account that pays, locked; an unknown type of payment is told with it."""
    problems: list[CashboxError] = []
    if payment.payment_type not in work.settings.payment_type_names:
        problems.append(PaymentTypeNotFound("PaymentTypeID", payment.payment_type))
    account = None
    try:
        account = _customer(
            work,
            payment.customer_number,
            payment.merchant_account_id,
            lambda vid: work.uow.payments.account(vid, None),
            lambda own_id: work.uow.payments.account(None, own_id),
        )
    except UnknownCustomer as unknown:
        problems.insert(0, unknown)
    if problems or account is None:
        raise SeveralProblems(tuple(problems))
    return account


def _booked(work: Work, payment: OutsidePayment) -> Transaction:
    with work.writing(batched=True):
        account = _payer(work, payment)
        keys = tuple(
            Key(name, f"MakePayment {name} {account.vid}", payment.references[name])
            for name in _KEYS
            if name in payment.references
        )
        content = payment_keys.digest(_content(payment))
        repeated = payment_keys.known(work, keys, content)
        if repeated is not None and repeated.transaction_vid is not None:
            return transactions.by_vid(work, repeated.transaction_vid)
        _check_payment_id(work, account, payment)
        unpaid = [one for one in work.uow.payments.invoices(account) if one.state != InvoiceState.OPEN]
        amount, parts = _checked(work, account, payment, unpaid)
        transaction = _transaction(work, account, payment, amount, parts)
        settlement.apply_parts(work, transaction, account, parts, Disposition.OLDEST_INVOICE, unpaid)
        work.uow.flush()
        payment_keys.keep(work, keys, content, transaction.vid)
    return transaction


def _content(payment: OutsidePayment) -> object:
    """What a repeat has to have in common; who pays is part of the key's scope."""
    return (
        payment.payment_type,
        payment.amount.normalize(),
        sorted(payment.references.items()),
        payment.security_key,
        [(one.kind.lower(), one.number, one.line, one.amount.normalize()) for one in payment.parts],
    )


def _check_payment_id(work: Work, account: Account, payment: OutsidePayment) -> None:
    """A payment of this id that came by another way is another payment."""
    reference = payment.references.get("TransactionID")
    used = work.uow.payments.paid_under(account.vid, reference) if reference is not None else None
    if used is not None and reference is not None:
        raise payment_keys.KeyReused("TransactionID", reference, used)


def _checked(
    work: Work, account: Account, payment: OutsidePayment, unpaid: Sequence[Invoice]
) -> tuple[Money, list[Part]]:
    """The amount in its currency, and what it is meant for. Raises SeveralProblems."""
    problems: list[CashboxError] = []
    found: list[tuple[OutsidePart, Invoice]] = []
    for part in payment.parts:
        try:
            found.append((part, _document(work, account, part)))
        except CashboxError as problem:
            problems.append(problem)
    currency = found[0][1].currency if found else _currency(work, account, unpaid)
    amount = _amount("Amount", payment.amount, currency, problems)
    parts: list[Part] = []
    for part, invoice in found:
        if invoice.currency != currency:
            problems.append(CurrencyMismatch(currency))
            continue
        value = _amount(f"{part.place}.Amount", part.amount, currency, problems)
        if value is not None:
            parts.append(Part(invoice, value, part.line or None))
    problems += _too_much(work, parts)
    if amount is not None and sum((part.amount.amount for part in parts), Decimal(0)) > amount.amount:
        problems.append(PartsExceedPayment())
    if problems or amount is None:
        raise SeveralProblems(tuple(problems))
    return amount, parts


def _document(work: Work, account: Account, part: OutsidePart) -> Invoice:
    """Raises InvoiceNotFound for one that does not exist, is another customer's, or of another kind."""
    missing = InvoiceNotFound(f"{part.place}.TransID", part.number)
    try:
        kind = DocumentKind.parse(f"{part.place}.Type", part.kind)
    except InvalidValue as error:
        raise InvoiceNotFound(f"{part.place}.Type", part.kind[:40]) from error
    vid = public_names.numbered(work, NameKind.DOCUMENT, part.number)
    invoice = work.uow.invoices.lock(vid) if vid is not None else None
    if invoice is None or invoice.account_vid != account.vid or documents.kind_of(invoice) is not kind:
        raise missing
    if part.line and documents.line_numbered(work, invoice, part.line) is None:
        raise InvoiceNotFound(f"{part.place}.SubID", part.line)
    return invoice


def _currency(work: Work, account: Account, unpaid: Sequence[Invoice]) -> str:
    """That of the oldest unpaid invoice, else the account's own."""
    return unpaid[0].currency if unpaid else account.default_currency or work.settings.default_currency


def _amount(name: str, amount: Decimal, currency: str, problems: list[CashboxError]) -> Money | None:
    """More than nothing, and no more decimals than the currency has (dialects, common rules)."""
    problem = wrong_amount(name, amount, currency)
    if problem is not None:
        problems.append(problem)
        return None
    return Money.of(amount, currency)


def wrong_amount(name: str, amount: Decimal, currency: str) -> InvalidValue | None:
    """What is wrong with an amount that somebody is to pay; None when nothing is."""
    if amount <= 0:
        return InvalidValue(name, format(amount, "f")[:40], "must be more than nothing")
    if amount > LARGEST_GIVEN:
        return InvalidValue(name, "", "is too large", f"{name} is more than {LARGEST_GIVEN}.")
    if -int(amount.normalize().as_tuple().exponent) > minor_digits(currency):
        return InvalidValue(
            name,
            format(amount, "f")[:40],
            f"has more decimals than the {minor_digits(currency)} of {currency}",
        )
    return None


def _too_much(work: Work, parts: Sequence[Part]) -> list[CashboxError]:
    """Parts that are more than what their document, or its line, still asks for; earlier parts count."""
    problems: list[CashboxError] = []
    before: dict[tuple[str, int], Decimal] = {}
    for part in parts:
        invoice = part.invoice
        line = documents.line_numbered(work, invoice, part.line) if part.line else None
        whole, own = (invoice.vid, 0), (invoice.vid, part.line or 0)
        limits = [projecting.balance_now(work, invoice) - before.get(whole, Decimal(0))]
        if line is not None:
            limits.append(documents.balance_of_line(work, invoice, line) - before.get(own, Decimal(0)))
        takes = accepts_payment(InvoiceState(invoice.state), named=True)
        if not takes or part.amount.amount > min(limits):
            name = f"{documents.kind_of(invoice)} {invoice.invoice_id}"
            problems.append(PartExceedsBalance(name if line is None else f"{name}, line {part.line}"))
        for key in {whole, own}:
            before[key] = before.get(key, Decimal(0)) + part.amount.amount
    return problems


def _transaction(
    work: Work, account: Account, payment: OutsidePayment, amount: Money, parts: Sequence[Part]
) -> Transaction:
    draft = PaymentMethodDraft(
        type=payers.MERCHANT_ACCEPTED,
        merchant_payment_method_id=f"outside-{new_vid()}",
        merchant_accepted_payment=MerchantAcceptedPaymentDraft(
            amount=amount.amount,
            currency=amount.currency,
            payment_type=work.settings.payment_type_names[payment.payment_type],
            payment_id=payment.references.get("TransactionID"),
        ),
    )
    method = payers.by_hand(work, account, draft, amount)
    autobill = parts[0].invoice.autobill if len({part.invoice.vid for part in parts}) == 1 else None
    transaction = transactions.create(
        work,
        transactions.Outline(
            kind="payment",
            account=account,
            payment_method=method,
            payment_method_type=method.type,
            currency=amount.currency,
            amount=amount.amount,
            lines=payment_lines(amount),
            processor=work.env.processors.for_type(method.type).wire_name,
            autobill=autobill,
            invoice=parts[0].invoice if parts else None,
            payment_id=payment.references.get("TransactionID"),
            name_values=tuple(NameValue(name, text) for name, text in payment.references.items()),
            particulars=_particulars(work, payment),
        ),
    )
    transactions.move(work, transaction, TransactionStatusType.CAPTURED)
    return transaction


def _particulars(work: Work, payment: OutsidePayment) -> dict[str, str]:
    """The security key is kept sealed, and shown to nobody."""
    told = {"payment_type": str(payment.payment_type)}
    if payment.security_key:
        told["security_key"] = work.env.vault.seal(payment.security_key, f"{work.merchant.vid}/SecurityKey")
    return told
