"""Sales tax of whatever is sold: where it goes, which rates apply there, and what happens when nobody can tell.

``assess`` is asked once per sale, inside or outside of a transaction; what it gives computes lines without asking
anybody again. AutoBills, one-time sales and quotes use it alike, and differ in what they do without an engine.
Source: transaction §5.2, §7.1, §7.2, §7.5; billing-engine §12.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import Enum
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from cashbox_service.domain.catalog import NameValue
from cashbox_service.domain.errors import TaxUnavailable
from cashbox_service.domain.lines import Charge, Line, ServicePeriod, charged_line, numbered, tax_summary
from cashbox_service.domain.postal import PostalAddress, TaxExemption
from cashbox_service.domain.tax import (
    NO_ADDRESS,
    OTHER_TAXABLE,
    TaxAddress,
    TaxAssessor,
    TaxTable,
    TaxType,
    choose_address,
)

if TYPE_CHECKING:
    from cashbox_service.app.context import Work
    from cashbox_service.store.entities import AutoBill, PaymentMethod

ERROR_NAME = "vin:TaxError_"
"""What the complaints of the engine are called on a transaction; a number follows."""

INCLUSIVE_ASSUMED = "The tax service did not answer: the prices were taken for tax-inclusive"
NO_TAX_COMPUTED = "The tax service did not answer: no tax was computed"


class TaxEngine(Protocol):
    """Whoever knows the rates of merchants. What it answers must not take long: it is asked inside transactions."""

    def is_set_up(self, work: Work) -> bool:
        """Whether the merchant has rates with this engine."""

    def rates(self, work: Work) -> TaxTable:
        """The merchant's rates. Raises TaxUnavailable when the engine does not answer."""


@dataclass(frozen=True, slots=True)
class _Loaded:
    revision: str
    table: TaxTable
    unavailable: bool


class TableEngine:
    """The built-in engine: a table that each merchant loads, read once per process and state of it."""

    def __init__(self) -> None:
        self._loaded: dict[str, _Loaded] = {}
        self._lock = Lock()

    def is_set_up(self, work: Work) -> bool:
        loaded = self._current(work)
        return loaded is not None and (loaded.unavailable or not loaded.table.is_empty)

    def rates(self, work: Work) -> TaxTable:
        loaded = self._current(work)
        if loaded is None:
            return TaxTable()
        if loaded.unavailable:
            raise TaxUnavailable
        return loaded.table

    def _current(self, work: Work) -> _Loaded | None:
        """What the merchant has loaded; a call that began before a new table came may see either."""
        revision, merchant = work.merchant.tax_revision, work.merchant.vid
        if revision is None:
            return None
        known = self._loaded.get(merchant)
        if known is not None and known.revision == revision:
            return known
        row = work.uow.taxes.current()
        if row is None:
            return None
        loaded = _Loaded(row.revision, TaxTable(row.rates), row.unavailable)
        with self._lock:
            self._loaded[merchant] = loaded
        return loaded


class WhenUnavailable(Enum):
    """What a caller wants done when the engine does not answer."""

    AS_SET = "as set"  # what the merchant's setting taxWhenUnavailable says
    GO_ON = "go on"  # never fail; a setting that says so counts as inclusive
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Sale:
    """What decides about the tax of a sale. ``shipping_address`` is its own, the others are its customer's."""

    currency: str
    shipping_address: PostalAddress | None = None
    account_address: PostalAddress | None = None
    billing_address: PostalAddress | None = None
    exemptions: tuple[TaxExemption, ...] = ()


@dataclass(frozen=True, slots=True)
class Assessment:
    """The tax engine's view of one sale, from which its lines are made.

    ``enabled``: sales are taxed, so the summary line stands even at 0. ``address`` is where the sale goes.
    ``assumed``: the engine did not answer and the sale goes on without it. ``complaints`` say what kept tax from being
    computed.
    """

    assessor: TaxAssessor
    enabled: bool = False
    address: TaxAddress | None = None
    assumed: bool = False
    complaints: tuple[str, ...] = field(default=())

    @property
    def sales_tax_address(self) -> PostalAddress | None:
        """The corrected address; None when no tax was computed (transaction §2, field 29)."""
        if self.address is None or not self.enabled or self.assumed:
            return None
        return self.address.corrected

    @property
    def name_values(self) -> tuple[NameValue, ...]:
        """The complaints as the transaction carries them (transaction §2.1)."""
        return error_pairs(self.complaints)

    def check(self, classification: str | None, sku: str | None) -> None:
        """Raises UnknownTaxClass where sales are taxed and the engine cannot know the class."""
        if self.enabled and not self.assumed:
            self.assessor.table.check_classification(classification, sku)

    def line(self, charge: Charge, period: ServicePeriod | None = None) -> Line:
        """The taxed line of something sold once; its class is OtherTaxable unless given. Raises UnknownTaxClass."""
        self.check(charge.tax_classification, charge.sku)
        default = OTHER_TAXABLE if self.enabled else None
        return charged_line(
            replace(charge, tax_classification=charge.tax_classification or default), self.assessor, period
        )

    def closed(self, lines: Iterable[Line]) -> tuple[Line, ...]:
        """The lines numbered, with the summary of their taxes where sales are taxed."""
        lines = list(lines)
        if self.enabled:
            lines.append(tax_summary(lines, self.assessor.currency))
        return numbered(lines)


def error_pairs(complaints: Iterable[str]) -> tuple[NameValue, ...]:
    """What kept tax from being computed, as name-value pairs numbered from 1."""
    return tuple(NameValue(f"{ERROR_NAME}{n}", text) for n, text in enumerate(complaints, start=1))


def assess(work: Work, sale: Sale, when_unavailable: WhenUnavailable = WhenUnavailable.AS_SET) -> Assessment:
    """Everything about the tax of a sale. Raises TaxUnavailable when the engine does not answer and must.

    When the sale goes on without an answer, ``work.tax_was_assumed`` is set as well.
    """
    if not taxes_sales(work):
        return Assessment(TaxAssessor(sale.currency))
    address = choose_address(sale.shipping_address, sale.account_address, billing=sale.billing_address)
    try:
        table = work.env.tax_engine.rates(work)
    except TaxUnavailable:
        return _assumed(work, sale, address, when_unavailable)
    return Assessment(
        TaxAssessor(sale.currency, table, address.given if address else None, sale.exemptions),
        enabled=True,
        address=address,
        complaints=() if address else (NO_ADDRESS,),
    )


def of_autobill(work: Work, autobill: AutoBill) -> Assessment:
    """The tax of what an AutoBill bills; it is billed in any case (billing-engine §12)."""
    account, method = autobill.account, autobill.payment_method
    sale = Sale(
        autobill.currency,
        account_address=account.shipping_address.snapshot() if account.shipping_address else None,
        billing_address=billing_address(method),
        exemptions=account.tax_exemptions,
    )
    return assess(work, sale, WhenUnavailable.GO_ON)


def billing_address(method: PaymentMethod | None) -> PostalAddress | None:
    """The address of whoever pays."""
    return method.billing_address.snapshot() if method is not None and method.billing_address else None


def taxes_sales(work: Work) -> bool:
    """Whether the merchant's sales are taxed."""
    processing = work.settings.tax_processing
    return processing == "on" or (processing == "auto" and work.env.tax_engine.is_set_up(work))


def _assumed(
    work: Work, sale: Sale, address: TaxAddress | None, when_unavailable: WhenUnavailable
) -> Assessment:
    wanted = work.settings.tax_when_unavailable
    if when_unavailable is WhenUnavailable.FAIL or (
        when_unavailable is WhenUnavailable.AS_SET and wanted == "fail"
    ):
        raise TaxUnavailable
    work.tax_was_assumed = True
    inclusive = wanted != "none"
    return Assessment(
        TaxAssessor(
            sale.currency,
            untaxed_type=TaxType.INCLUSIVE_SALES if inclusive else TaxType.EXCLUSIVE_SALES,
        ),
        enabled=True,
        address=address,
        assumed=True,
        complaints=(INCLUSIVE_ASSUMED if inclusive else NO_TAX_COMPUTED,),
    )
