"""Transaction.migrate: the history of another system, one sale at a time (transaction §7.8).

Each sale is stored or refused by itself. Sales that belong to AutoBills are brought by AutoBill.migrate: here all of
them are taken for one-time sales.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.offers.catalog import has_content
from cashbox_service.app.sales import recording, reported_log, transaction_order
from cashbox_service.app.sales.drafts import TaxItemDraft, TransactionDraft, TransactionItemDraft
from cashbox_service.app.sales.migration_drafts import (
    MigrationTransactionDraft,
    MigrationTransactionItemDraft,
)
from cashbox_service.app.sales.recording import MIGRATED, Told
from cashbox_service.app.wallet import payment_methods
from cashbox_service.domain.errors import InvalidRequest, MissingField, NotFound, UnsupportedType
from cashbox_service.domain.instruments import PaymentMethodType
from cashbox_service.domain.lines import ItemType

_NEVER: Final = frozenset({PaymentMethodType.CARRIER_BILLING, PaymentMethodType.BOLETO})
_CREDIT: Final = "Credit"


@dataclass(frozen=True, slots=True)
class Problem:
    """A sale that was not stored, and why."""

    merchant_transaction_id: str
    error: InvalidRequest | NotFound


def migrate(work: Work, drafts: Sequence[MigrationTransactionDraft]) -> list[Problem]:
    """Store the sales and tell which could not be. Raises MissingField when there are none."""
    if not drafts:
        raise MissingField("migrationTransactions", "No transactions specified")
    problems = []
    for draft in drafts:
        try:
            _store(work, draft)
        except (InvalidRequest, NotFound) as error:
            problems.append(Problem(draft.merchant_transaction_id or "", error))
    return problems


def _store(work: Work, draft: MigrationTransactionDraft) -> None:
    sale = as_sale(draft)

    def stored() -> None:
        with work.writing():
            work.uow.events.mention_nothing()
            check_type(work, draft)
            existing = transaction_order.unprocessed(work, sale)
            told = Told(
                sale,
                MIGRATED,
                existing,
                inclusive=bool(draft.tax_inclusive),
                exact=bool(sale.transaction_items),
                sales_tax_address=draft.sales_tax_address,
            )
            recording.put(work, told)

    starting_over(stored)


def check_type(work: Work, draft: MigrationTransactionDraft) -> None:
    """Raises MissingField for a sale that nobody paid, UnsupportedType for one paid by a type that has no history."""
    given = draft.payment_method
    if given is None or not has_content(given):
        raise MissingField("paymentMethod")
    known = payment_methods.find(work, given)
    type_ = known.type if known is not None else given.type
    if type_ in _NEVER:
        raise UnsupportedType(type_, f"Transactions paid by {type_} cannot be migrated.")


def as_sale(draft: MigrationTransactionDraft) -> TransactionDraft:
    """The draft as a sale that was made elsewhere. Raises MissingField for one whose log is empty."""
    return TransactionDraft(
        amount=draft.amount,
        currency=draft.currency,
        division_number=draft.division_number,
        merchant_transaction_id=draft.merchant_transaction_id,
        account=draft.account,
        source_payment_method=draft.payment_method,
        payment_processor=draft.payment_processor,
        payment_processor_transaction_id=draft.payment_processor_transaction_id,
        shipping_address=draft.shipping_address,
        name_values=draft.name_values,
        transaction_items=tuple([_item(item) for item in draft.migration_transaction_items]),
        merchant_affiliate_id=draft.merchant_affiliate_id,
        merchant_affiliate_sub_id=draft.merchant_affiliate_sub_id,
        preferred_notification_language=draft.preferred_notification_language,
        source_ip=draft.source_ip,
        tax_exemptions=draft.tax_exemptions,
        verification_code=draft.verification_code,
        status_log=reported_log.checked(draft.status_log),
    )


def _item(draft: MigrationTransactionItemDraft) -> TransactionItemDraft:
    """The item, one of it. Raises MissingField for one without SKU."""
    if not draft.sku:
        raise MissingField("migrationTransactionItems.sku")
    return TransactionItemDraft(
        sku=draft.sku,
        item_type=ItemType.CREDIT if draft.item_type == _CREDIT else ItemType.PURCHASE,
        name=draft.name,
        merchant_auto_bill_item_id=draft.merchant_auto_bill_item_id,
        price=draft.price,
        tax_classification=draft.tax_classification,
        service_period_start_date=draft.service_period_start_date,
        service_period_end_date=draft.service_period_end_date,
        tax=tuple(
            TaxItemDraft(jurisdiction=tax.jurisdiction, name=tax.name, amount=tax.amount)
            for tax in draft.migration_tax_items
        ),
    )
