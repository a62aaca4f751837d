"""What a mail is about: the account it goes to, and what it speaks of."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.context import Work
from cashbox_service.app.mail.facts import Subject
from cashbox_service.domain.notice import Notice
from cashbox_service.store.entities import AutoBill, Mail, Product, Transaction

_ABOUT_ACCOUNTS = frozenset({Notice.FAMILY_LINKED, Notice.FAMILY_UNLINKED})


def of(work: Work, mail: Mail) -> Subject | None:
    """None when what the mail is about is there no more, or belongs to nobody."""
    if mail.kind in _ABOUT_ACCOUNTS:
        account = work.uow.accounts.by_vid(mail.subject_vid or "")
        return Subject(account) if account is not None else None
    if mail.autobill_vid is not None:
        autobill = work.uow.autobills.by_vid(mail.autobill_vid)
        return _of_autobill(work, mail, autobill) if autobill is not None else None
    transaction = work.uow.transactions.by_vid(mail.subject_vid or "")
    if transaction is not None:
        return _of_sale(work, transaction)
    autobill = work.uow.autobills.by_vid(mail.subject_vid or "")
    return _of_autobill(work, mail, autobill) if autobill is not None else None


def _of_autobill(work: Work, mail: Mail, autobill: AutoBill) -> Subject:
    invoice_id = mail.facts.get("invoice")
    transaction = None
    if mail.subject_vid != autobill.vid:
        transaction = work.uow.transactions.by_vid(mail.subject_vid or "")
    running = [item for item in autobill.items if item.removed_on is None or item.removed_on > work.today]
    return Subject(
        account=autobill.account,
        autobill=autobill,
        transaction=transaction,
        invoice=work.uow.invoices.numbered(autobill.vid, invoice_id) if invoice_id else None,
        payment_method=autobill.payment_method,
        products=_distinct(item.product for item in running or autobill.items),
    )


def _of_sale(work: Work, sale: Transaction) -> Subject | None:
    if sale.account is None:
        return None
    skus = dict.fromkeys(line.sku for line in sale.lines if line.sku and not line.is_tax_summary)
    found = (work.uow.catalog.product_by_sku(sku) for sku in skus)
    method = None
    if sale.payment_method_vid is not None:
        method = work.uow.payment_methods.by_vid(sale.payment_method_vid)
    return Subject(
        account=sale.account,
        autobill=sale.autobill,
        transaction=sale,
        payment_method=method,
        products=_distinct(product for product in found if product is not None),
    )


def _distinct(products: Iterable[Product]) -> tuple[Product, ...]:
    return tuple({product.vid: product for product in products}.values())
