"""What a one-time sale comes to: its currency, its lines with their taxes, and where it goes (transaction §5.1, §5.2).

Sales that are processed, quoted and scored are priced alike. Runs inside the caller's write transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app.checks import check_currency
from cashbox_service.app.context import Work
from cashbox_service.app.customers import addresses
from cashbox_service.app.drafts import AddressDraft
from cashbox_service.app.offers.catalog import has_content
from cashbox_service.app.promotions import sale_discounts
from cashbox_service.app.promotions.campaign_codes import Code
from cashbox_service.app.sales import transaction_lines
from cashbox_service.app.sales.drafts import TransactionDraft
from cashbox_service.app.taxes import taxing
from cashbox_service.app.taxes.taxing import WhenUnavailable
from cashbox_service.domain.errors import InvalidRequest
from cashbox_service.domain.lines import Line, amount_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.domain.pricing import autobill_currency
from cashbox_service.store.entities import Account


@dataclass(frozen=True, slots=True)
class Priced:
    """The lines of a sale, its total before credit, the tax engine's view of it, and the codes it redeems."""

    lines: tuple[Line, ...]
    total: Money
    assessment: taxing.Assessment
    shipping_address: PostalAddress | None
    codes: Sequence[Code] = ()

    @property
    def currency(self) -> str:
        return self.total.currency


def price(
    work: Work,
    draft: TransactionDraft,
    account: Account | None,
    billing_address: PostalAddress | None,
    when_unavailable: WhenUnavailable = WhenUnavailable.AS_SET,
    *,
    campaign_code: str | None = None,
) -> Priced:
    """``campaign_code`` is for all lines that have none of their own.

    Raises InvalidRequest and its kinds, TokenNotFound, TaxUnavailable.
    """
    currency = currency_of(work, draft, account)
    shipping = address_of(work, draft.shipping_address)
    of_account = account.shipping_address if account is not None else None
    sale = taxing.Sale(
        currency,
        shipping_address=shipping,
        account_address=of_account.snapshot() if of_account is not None else None,
        billing_address=billing_address,
        exemptions=(*(account.tax_exemptions if account is not None else ()), *exemptions_of(draft)),
    )
    assessment = taxing.assess(work, sale, when_unavailable)
    discounts = sale_discounts.of(work, draft.transaction_items, campaign_code, currency)
    lines = transaction_lines.lines_of(work, draft, assessment, discounts)
    total = Money.of(amount_of(lines, currency), currency)
    if total.is_negative:
        raise InvalidRequest(transaction_lines.NEGATIVE)
    return Priced(lines, total, assessment, shipping, discounts.codes)


def currency_of(work: Work, draft: TransactionDraft, account: Account | None) -> str:
    """Most specific first: the transaction's own, the account's, the merchant's (conventions §6.2)."""
    given = check_currency("currency", draft.currency) if draft.currency else None
    of_account = account.default_currency if account is not None else None
    return autobill_currency(given, of_account, work.settings.default_currency)


def address_of(work: Work, given: AddressDraft | None) -> PostalAddress | None:
    """An address of the sale's own, stored like any other; None when nothing is said of one."""
    if given is None or not has_content(given):
        return None
    return addresses.put(work, given, None).snapshot()


def exemptions_of(draft: TransactionDraft) -> tuple[TaxExemption, ...]:
    """What frees this sale alone from taxes."""
    return tuple(
        TaxExemption(given.region, given.exemption_id, given.active is not False)
        for given in draft.tax_exemptions
    )
