"""The lines of a sale that was made elsewhere: its prices and taxes are what the merchant says (transaction §7.7).

No rate is applied. Lines that carry tax are summed up by a line of their own, as those of sales that are made here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from cashbox_service.app.context import Work
from cashbox_service.app.sales import transaction_lines
from cashbox_service.app.sales.drafts import TaxItemDraft, TransactionDraft, TransactionItemDraft
from cashbox_service.domain.errors import InvalidRequest, MissingField
from cashbox_service.domain.lines import (
    TOTAL_TAX,
    ItemType,
    Line,
    amount_of,
    charged_line,
    generic_lines,
    numbered,
    tax_summary,
)
from cashbox_service.domain.money import Money, given
from cashbox_service.domain.tax import TaxAssessor, TaxLine, TaxType


def lines_of(
    work: Work, draft: TransactionDraft, currency: str, *, inclusive: bool | None = None
) -> tuple[Line, ...]:
    """The numbered lines; none when there are no items and no amount.

    ``inclusive`` tells whether prices contain their tax; None: they do when they add up to the amount without it.
    Raises InvalidRequest and its kinds, TokenNotFound.
    """
    items = [item for item in draft.transaction_items if item.sku != TOTAL_TAX]
    if not items:
        return _generic(draft, currency)
    untaxed = [_untaxed(work, item, currency) for item in items]
    taxes = [_taxes(item.tax, currency) for item in items]
    if not any(taxes):
        lines = untaxed
    else:
        if inclusive is None:
            inclusive = draft.amount is not None and given("amount", draft.amount, currency) == amount_of(
                untaxed, currency
            )
        kind = TaxType.INCLUSIVE_SALES if inclusive else TaxType.EXCLUSIVE_SALES
        taxed = [_taxed(line, tax, kind) for line, tax in zip(untaxed, taxes, strict=True)]
        lines = [*taxed, tax_summary(taxed, currency)]
    transaction_lines.check_totals(lines)
    return numbered(lines)


def _generic(draft: TransactionDraft, currency: str) -> tuple[Line, ...]:
    if draft.amount is None:
        return ()
    amount = Money(given("amount", draft.amount, currency), currency)
    if amount.is_negative:
        raise InvalidRequest(transaction_lines.NEGATIVE)
    return generic_lines(amount, TaxAssessor(currency))[:-1]


def _untaxed(work: Work, item: TransactionItemDraft, currency: str) -> Line:
    """The line without its tax. What reduces the total may have the negative price that it is shown with."""
    reduces = item.item_type not in (None, ItemType.PURCHASE)
    if reduces and item.price is not None:
        item = replace(item, price=abs(item.price))
    charge, period = transaction_lines.charge_of(work, item, currency)
    return charged_line(charge, TaxAssessor(currency), period)


def _taxed(line: Line, tax: tuple[TaxLine, ...], kind: TaxType) -> Line:
    exclusive = Decimal(0)
    if kind is TaxType.EXCLUSIVE_SALES:
        exclusive = sum((part.amount for part in tax), exclusive)
    return replace(line, tax_type=kind, tax=tax, total=line.net + exclusive)


def _taxes(drafts: Sequence[TaxItemDraft], currency: str) -> tuple[TaxLine, ...]:
    found = []
    for draft in drafts:
        if draft.amount is None:
            raise MissingField("transactionItems.tax.amount")
        amount = given("transactionItems.tax.amount", draft.amount, currency)
        found.append(
            TaxLine(
                jurisdiction=draft.jurisdiction or "",
                name=draft.name or "",
                amount=amount,
                tax_rate=draft.tax_rate,
                external_tax_name=draft.external_tax_name or None,
                external_tax_category=draft.external_tax_category or None,
                external_jurisdiction_name=draft.external_jurisdiction_name or None,
            )
        )
    return tuple(found)
