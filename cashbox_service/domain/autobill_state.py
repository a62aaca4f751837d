"""The life of an AutoBill: whether it gives service (status) and how its money stands (billing state).

The two are always read together, as a `Standing`. What can happen to one is an `AutoBillEvent`; what it leads to
is a row of one table. Events that merely tell something about money or time leave a standing without a row as
it is (money may arrive on an AutoBill that has ended); events that are steps of the life are refused then.
Source: autobill §3, §5.3, §6.5, §6.26, §6.27, §6.30, billing-engine §7, §9, §13.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import Final

from cashbox_service.domain.errors import IllegalState


class AutoBillStatus(StrEnum):
    """Whether the subscription gives service; the values are the wire spellings (autobill §3.1)."""

    PROCESSING = "Processing"
    PENDING_ACTIVATION = "Pending Activation"
    ACTIVE = "Active"
    PENDING_CANCEL = "Pending Cancel"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"
    UPGRADED = "Upgraded"
    DELETED = "Deleted"
    LEGACY_SUSPENDED = "Legacy Suspended"
    DRYRUN = "Dryrun"
    UNKNOWN = "Unknown"
    BOGUS = "Bogus AutoBill Status"


class BillingState(StrEnum):
    """How the money stands; the values are the wire spellings (autobill §3.2)."""

    UNBILLED = "Unbilled"
    GOOD_STANDING = "Good Standing"
    FREE_TRIAL = "Free/Trial"
    IN_RETRY = "In Retry"
    UNUSABLE_PAYMENT_METHOD = "Unusable PaymentMethod"
    GRACE_PERIOD = "Grace Period"
    OVERDUE = "Overdue"
    BILLING_COMPLETED = "Billing Completed"
    FAILED_TO_COLLECT = "Failed To Collect"
    PENDING_ACCEPTANCE = "Pending Acceptance"
    FREE_PERIOD = "Free Period"
    TERMINATED = "Terminated"
    LEGACY_UNKNOWN = "Legacy Unknown BillingState"
    BOGUS = "Bogus BillingState"
    UNKNOWN = "Unknown"


class ImmediateAuthFailurePolicy(StrEnum):
    """What becomes of a new AutoBill whose first billing is declined (autobill §5.3)."""

    DO_NOT_SAVE = "doNotSaveAutoBill"
    RETRY = "putAutoBillInRetryCycle"
    RETRY_IF_VALID = "putAutoBillInRetryCycleIfPaymentMethodIsValid"


@dataclass(frozen=True, slots=True)
class Standing:
    """Status and billing state."""

    status: AutoBillStatus
    billing_state: BillingState

    @property
    def is_legal(self) -> bool:
        """Whether the two go together."""
        return self.billing_state in _LEGAL_PAIRS.get(self.status, frozenset())

    @property
    def has_ended(self) -> bool:
        """Whether nothing will be billed any more, though it may entitle for a while."""
        return self.status in ENDED


class AutoBillEvent(Enum):
    """What happens to an AutoBill."""

    SAVED_FOR_LATER = auto()
    """Made with a start in the future, or waiting for the customer to act."""
    BILLED = auto()
    """A cycle was billed and nothing is unpaid; an invoice paid by hand that is Due counts (autobill §3.2)."""
    BILLED_FREE = auto()
    """As `BILLED`, in a period of the plan that is free."""
    FAILED_SOFT = auto()
    """An attempt failed that may work later."""
    FAILED_HARD = auto()
    """An attempt failed, and this payment method will not work any more."""
    RETRIES_EXHAUSTED = auto()
    """The last retry failed and days of grace remain."""
    PAYMENT_METHOD_REPLACED = auto()
    """Another payment method, or new data of the same one."""
    EVERYTHING_PAID = auto()
    """The last unpaid invoice was paid or written off."""
    EVERYTHING_PAID_FREE = auto()
    """As `EVERYTHING_PAID`, in a free period of the plan."""
    MONEY_LOST = auto()
    """A charged cycle is unpaid again: payment reversed, capture failed, deposit returned."""
    INVOICE_OVERDUE = auto()
    """The due date of an invoice paid by hand has passed."""
    NOT_COLLECTED = auto()
    """Retry and grace time is over with something unpaid."""
    BILLING_ENDED = auto()
    """The last period of a finite plan is over, but it entitles for longer (billing-engine §13)."""
    PLAN_ENDED = auto()
    """The last period of a finite plan is over, and with it the entitlement."""
    CANCELLED = auto()
    """Cancelled, entitled to the end of what was paid."""
    CANCELLED_AT_ONCE = auto()
    """Cancelled and no longer entitled: by the merchant, a chargeback, or a closed card."""
    SERVICE_ENDED = auto()
    """The entitlement of a cancelled AutoBill has run out."""


_A, _B, _E = AutoBillStatus, BillingState, AutoBillEvent

_PAID: Final = (_B.GOOD_STANDING, _B.FREE_TRIAL, _B.BILLING_COMPLETED)
_UNPAID: Final = (_B.IN_RETRY, _B.UNUSABLE_PAYMENT_METHOD, _B.GRACE_PERIOD, _B.OVERDUE)
_BEFORE_BILLING: Final = (_B.UNBILLED, _B.PENDING_ACCEPTANCE)

_LEGAL_PAIRS: Final[Mapping[AutoBillStatus, frozenset[BillingState]]] = {
    _A.PROCESSING: frozenset({_B.UNBILLED}),
    _A.PENDING_ACTIVATION: frozenset(_BEFORE_BILLING),
    _A.ACTIVE: frozenset(_PAID + _UNPAID),
    _A.PENDING_CANCEL: frozenset({_B.BILLING_COMPLETED}),
    _A.CANCELLED: frozenset({_B.BILLING_COMPLETED, _B.FAILED_TO_COLLECT}),
    _A.EXPIRED: frozenset({_B.BILLING_COMPLETED}),
}
"""Which billing state goes with which status; statuses not listed are never produced."""

ENDED: Final = frozenset(
    {_A.PENDING_CANCEL, _A.CANCELLED, _A.EXPIRED, _A.UPGRADED, _A.DELETED, _A.LEGACY_SUSPENDED}
)
"""Statuses in which nothing will be billed any more."""

TERMINAL: Final = ENDED - {_A.PENDING_CANCEL}
"""Statuses that no other one follows."""

NEW: Final = Standing(_A.PROCESSING, _B.UNBILLED)
"""An AutoBill whose first processing is not finished."""

_WAITING: Final = Standing(_A.PENDING_ACTIVATION, _B.UNBILLED)
_GOOD: Final = Standing(_A.ACTIVE, _B.GOOD_STANDING)
_FREE: Final = Standing(_A.ACTIVE, _B.FREE_TRIAL)
_RETRY: Final = Standing(_A.ACTIVE, _B.IN_RETRY)
_UNUSABLE: Final = Standing(_A.ACTIVE, _B.UNUSABLE_PAYMENT_METHOD)
_GRACE: Final = Standing(_A.ACTIVE, _B.GRACE_PERIOD)
_OVERDUE: Final = Standing(_A.ACTIVE, _B.OVERDUE)
_SERVED: Final = Standing(_A.ACTIVE, _B.BILLING_COMPLETED)
_LEAVING: Final = Standing(_A.PENDING_CANCEL, _B.BILLING_COMPLETED)
_LEFT: Final = Standing(_A.CANCELLED, _B.BILLING_COMPLETED)
_UNCOLLECTED: Final = Standing(_A.CANCELLED, _B.FAILED_TO_COLLECT)
_OVER: Final = Standing(_A.EXPIRED, _B.BILLING_COMPLETED)

_ANY_ACTIVE: Final = _PAID + _UNPAID

_ROWS: Final[tuple[tuple[AutoBillEvent, AutoBillStatus, tuple[BillingState, ...], Standing], ...]] = (
    (_E.SAVED_FOR_LATER, _A.PROCESSING, (_B.UNBILLED,), _WAITING),
    (_E.BILLED, _A.PROCESSING, (_B.UNBILLED,), _GOOD),
    (_E.BILLED, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _GOOD),
    (_E.BILLED, _A.ACTIVE, _ANY_ACTIVE, _GOOD),
    (_E.BILLED_FREE, _A.PROCESSING, (_B.UNBILLED,), _FREE),
    (_E.BILLED_FREE, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _FREE),
    (_E.BILLED_FREE, _A.ACTIVE, _ANY_ACTIVE, _FREE),
    (_E.FAILED_SOFT, _A.PROCESSING, (_B.UNBILLED,), _RETRY),
    (_E.FAILED_SOFT, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _RETRY),
    (_E.FAILED_SOFT, _A.ACTIVE, _ANY_ACTIVE, _RETRY),
    (_E.FAILED_HARD, _A.PROCESSING, (_B.UNBILLED,), _UNUSABLE),
    (_E.FAILED_HARD, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _UNUSABLE),
    (_E.FAILED_HARD, _A.ACTIVE, _ANY_ACTIVE, _UNUSABLE),
    (_E.RETRIES_EXHAUSTED, _A.ACTIVE, (_B.IN_RETRY,), _GRACE),
    (_E.PAYMENT_METHOD_REPLACED, _A.ACTIVE, (_B.UNUSABLE_PAYMENT_METHOD, _B.GRACE_PERIOD), _RETRY),
    (_E.EVERYTHING_PAID, _A.ACTIVE, _UNPAID, _GOOD),
    (_E.EVERYTHING_PAID, _A.CANCELLED, (_B.FAILED_TO_COLLECT,), _LEFT),
    (_E.EVERYTHING_PAID_FREE, _A.ACTIVE, _UNPAID, _FREE),
    (_E.EVERYTHING_PAID_FREE, _A.CANCELLED, (_B.FAILED_TO_COLLECT,), _LEFT),
    (_E.MONEY_LOST, _A.ACTIVE, (*_PAID, _B.IN_RETRY, _B.GRACE_PERIOD, _B.OVERDUE), _RETRY),
    (_E.INVOICE_OVERDUE, _A.ACTIVE, (*_PAID, _B.OVERDUE), _OVERDUE),
    (_E.NOT_COLLECTED, _A.ACTIVE, _UNPAID, _UNCOLLECTED),
    (_E.BILLING_ENDED, _A.ACTIVE, _PAID, _SERVED),
    (_E.PLAN_ENDED, _A.ACTIVE, _PAID, _OVER),
    (_E.CANCELLED, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _LEAVING),
    (_E.CANCELLED, _A.ACTIVE, _PAID, _LEAVING),
    (_E.CANCELLED, _A.ACTIVE, _UNPAID, _UNCOLLECTED),
    (_E.CANCELLED_AT_ONCE, _A.PENDING_ACTIVATION, _BEFORE_BILLING, _LEFT),
    (_E.CANCELLED_AT_ONCE, _A.ACTIVE, _PAID, _LEFT),
    (_E.CANCELLED_AT_ONCE, _A.ACTIVE, _UNPAID, _UNCOLLECTED),
    (_E.CANCELLED_AT_ONCE, _A.PENDING_CANCEL, (_B.BILLING_COMPLETED,), _LEFT),
    (_E.SERVICE_ENDED, _A.PENDING_CANCEL, (_B.BILLING_COMPLETED,), _LEFT),
)

_NEXT: Final[Mapping[tuple[AutoBillEvent, Standing], Standing]] = {
    (event, Standing(status, state)): target for event, status, states, target in _ROWS for state in states
}

_STEPS: Final = frozenset(
    {_E.SAVED_FOR_LATER, _E.BILLED, _E.BILLED_FREE, _E.RETRIES_EXHAUSTED, _E.NOT_COLLECTED}
)
"""Events that make no sense without a row; the others then change nothing."""


def after(standing: Standing, event: AutoBillEvent, key: str = "") -> Standing:
    """The standing after ``event``; `IllegalState` with ``key``, the AutoBill's id, for an impossible step."""
    target = _NEXT.get((event, standing))
    if target is not None:
        return target
    if event in _STEPS:
        raise IllegalState("AutoBill", key, f"{standing.status.value} / {standing.billing_state.value}")
    return standing


class FirstBilling(Enum):
    """How the first billing inside the creating call came out."""

    APPROVED = auto()
    """Charged, invoiced to a customer who pays by hand, or nothing to pay."""
    FREE = auto()
    """Nothing to pay because the plan's first period is free."""
    DECLINED_SOFT = auto()
    DECLINED_HARD = auto()
    REFUSED_BY_POLICY = auto()
    """Approved, but address or card verification was not good enough."""


def after_first_billing(outcome: FirstBilling, policy: ImmediateAuthFailurePolicy) -> Standing | None:
    """How a new AutoBill stands after its first billing; ``None``: it is not saved (autobill §5.3)."""
    if outcome is FirstBilling.APPROVED:
        return _GOOD
    if outcome is FirstBilling.FREE:
        return _FREE
    keeps_soft = policy is not ImmediateAuthFailurePolicy.DO_NOT_SAVE
    if outcome is FirstBilling.DECLINED_SOFT and keeps_soft:
        return _RETRY
    keeps_hard = policy is ImmediateAuthFailurePolicy.RETRY
    return _UNUSABLE if outcome is FirstBilling.DECLINED_HARD and keeps_hard else None


def after_billing(standing: Standing, *, free: bool) -> Standing:
    """After a cycle was billed and nothing is unpaid; ``free``: its period of the plan is free."""
    if standing.has_ended:
        # An attempt that was at the processor when the AutoBill ended; its money pays, it revives nothing.
        return after(standing, AutoBillEvent.EVERYTHING_PAID)
    return after(standing, AutoBillEvent.BILLED_FREE if free else AutoBillEvent.BILLED)


def after_failed_attempt(standing: Standing, *, hard: bool) -> Standing:
    """After a declined attempt; an AutoBill that has ended stays as it is."""
    return after(standing, AutoBillEvent.FAILED_HARD if hard else AutoBillEvent.FAILED_SOFT)


def after_everything_paid(standing: Standing, *, free: bool = False) -> Standing:
    """After a payment or a write-off left nothing unpaid; ``free``: the plan's present period is free.

    Cancelled / Failed To Collect becomes Billing Completed, and no service comes back (billing-engine §9.3).
    """
    return after(standing, AutoBillEvent.EVERYTHING_PAID_FREE if free else AutoBillEvent.EVERYTHING_PAID)


def after_money_taken_back(standing: Standing, *, paid_by_hand: bool, overdue: bool) -> Standing:
    """After a payment was reversed, or failed later, so that a cycle is unpaid again (autobill §6.27).

    A charged AutoBill goes into retry, unless its payment method is unusable; one paid by hand becomes Overdue
    when an invoice is (``overdue``). On an AutoBill that has ended only the invoice changes.
    """
    if not paid_by_hand:
        return after(standing, AutoBillEvent.MONEY_LOST)
    return after(standing, AutoBillEvent.INVOICE_OVERDUE) if overdue else standing


def legal_standings() -> Iterable[Standing]:
    """Every pair of status and billing state that can be stored."""
    return (Standing(status, state) for status, states in _LEGAL_PAIRS.items() for state in states)
