"""Catch-up billing: unpaid cycles collected with a payment method that is saved only if that succeeds (account §3.1).

Until an attempt is approved the payment method exists in rehearsals alone: a decline leaves nothing behind, and money
that was authorized before a crash is given back by the janitor. The first approval saves the payment method together
with every attempt so far; the rest is collected like any retry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cashbox_service.app.collection import capturing, charging
from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import collecting
from cashbox_service.app.wallet import validating
from cashbox_service.domain.errors import CashboxError, ConcurrentChange, PaymentRefused
from cashbox_service.domain.instruments import Secret
from cashbox_service.domain.invoice import UNPAID
from cashbox_service.domain.money import Money
from cashbox_service.processors.protocol import OutcomeKind, PaymentResult
from cashbox_service.store.entities import AutoBill, Invoice, PaymentMethod

PURPOSE = "catch-up"

GIVEN = (OutcomeKind.APPROVED, OutcomeKind.PENDING)
"""Outcomes after which money is on its way."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """An unpaid cycle of an AutoBill; ``name`` is what answers call the AutoBill."""

    autobill_vid: str
    invoice_vid: str
    name: str


@dataclass(slots=True)
class Caught:
    """What became of the AutoBills; ``refusal`` is set when nothing was saved."""

    cycles: Sequence[Cycle]
    unbilled: set[str] = field(default_factory=set)
    refusal: CashboxError | None = None
    is_unproven: bool = False

    @property
    def successes(self) -> tuple[str, ...]:
        return tuple(name for vid, name in self._names().items() if vid not in self.unbilled)

    @property
    def failures(self) -> tuple[str, ...]:
        return tuple(name for vid, name in self._names().items() if vid in self.unbilled)

    def _names(self) -> dict[str, str]:
        return {cycle.autobill_vid: cycle.name for cycle in self.cycles}


def unpaid_cycles(work: Work, autobills: Sequence[AutoBill]) -> list[Cycle]:
    """What is to be collected of these AutoBills, oldest first; not where money is on its way already."""
    found = [
        (invoice, autobill)
        for autobill in autobills
        for invoice in work.uow.invoices.unpaid_of_autobill(autobill.vid)
        if not collecting.has_pending_payment(work, invoice)
    ]
    found.sort(key=lambda pair: (pair[0].due_on, pair[1].created_at, pair[0].number))
    return [Cycle(bill.vid, invoice.vid, bill.merchant_autobill_id or bill.vid) for invoice, bill in found]


def run(
    work: Work,
    cycles: Sequence[Cycle],
    policy: validating.Policy,
    cvn: Secret | None,
    rehearse: Callable[[], PaymentMethod],
    save: Callable[[], PaymentMethod],
) -> Caught:
    """Collect the cycles, oldest first, and none of an AutoBill after one that failed.

    ``rehearse`` stores the payment method inside a transaction that is rolled back, ``save`` inside one that stays.
    Where credit covers everything, nothing is done: it has to be proven in another way, see ``use_credit``.
    """
    trial = _Trial(work, policy, cvn, rehearse, save)
    caught = Caught(cycles)
    for cycle in cycles:
        if trial.over or cycle.autobill_vid in caught.unbilled:
            continue
        if not trial.collect(cycle):
            caught.unbilled.add(cycle.autobill_vid)
    if trial.saved is None and not trial.made:
        caught.is_unproven = True
    elif trial.saved is None:
        trial.give_back()
        caught.refusal = trial.refusal or PaymentRefused("", hard=False)
        caught.unbilled = {cycle.autobill_vid for cycle in cycles}
    else:
        for cycle in trial.covered:
            _collected(work, cycle, trial.saved)
    return caught


def use_credit(work: Work, cycles: Sequence[Cycle], method: PaymentMethod) -> Caught:
    """Collect cycles that credit covers; the payment method is saved."""
    caught = Caught(cycles)
    caught.unbilled = {cycle.autobill_vid for cycle in cycles if not _collected(work, cycle, method)}
    return caught


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An attempt that was made before the payment method was saved, and what it came to."""

    cycle: Cycle
    plan: validating.Plan
    result: PaymentResult


@dataclass(slots=True)
class _Trial:
    """The attempts up to the first approval, which saves the payment method.

    ``covered`` are cycles that credit pays for, which prove nothing; ``over`` is set when policy refused an approval.
    """

    work: Work
    policy: validating.Policy
    cvn: Secret | None
    rehearse: Callable[[], PaymentMethod]
    save: Callable[[], PaymentMethod]
    made: list[_Attempt] = field(default_factory=list)
    covered: list[Cycle] = field(default_factory=list)
    saved: PaymentMethod | None = None
    refusal: CashboxError | None = None
    over: bool = False

    def collect(self, cycle: Cycle) -> bool:
        """Whether money for the cycle is on its way, or none is needed."""
        if self.saved is not None:
            return _collected(self.work, cycle, self.saved)
        plan = self._plan(cycle)
        if plan is None:
            self.covered.append(cycle)
            return True
        attempt = _Attempt(cycle, plan, _ask(self.work, plan))
        self.made.append(attempt)
        self.refusal = validating.judge(self.work, attempt.result, self.policy, plan.method_type)
        if self.refusal is None:
            self._save()
            _capture(self.work, attempt)
            return True
        self.over = attempt.result.kind in GIVEN
        return False

    def give_back(self) -> None:
        """Reverse what was authorized and close the attempts: nothing is saved."""
        for attempt in self.made:
            if attempt.result.kind in GIVEN:
                charging.give_back(self.work, attempt.plan.key)
                continue
            with self.work.writing():
                charging.settle(self.work, attempt.plan.key, attempt.result)

    def _plan(self, cycle: Cycle) -> validating.Plan | None:
        """The request for what is left of a cycle; None when credit covers it."""
        work = self.work
        with work.rehearsing():
            method = self.rehearse()
            autobill, invoice = _loaded(work, cycle)
            owed = _owed(work, autobill, invoice)
            if owed.is_zero:
                return None
            plan = validating.plan(
                work, method, self.cvn, owed, collecting.statement_identifier(work, autobill)
            )
        work.views.clear()
        return plan

    def _save(self) -> None:
        try:
            with self.work.writing():
                self.saved = self.save()
                for attempt in self.made:
                    _record(self.work, attempt, self.saved)
        except CashboxError:
            # Someone else took the id in the meantime: the money must not stay.
            self.saved = None
            self.give_back()
            raise


def _ask(work: Work, plan: validating.Plan) -> PaymentResult:
    with work.writing():
        validating.note_attempt(work, plan, "authorize", PURPOSE)
    return charging.ask(work, charging.Intent(plan.key, plan.processor, "authorize", plan.request))


def _record(work: Work, attempt: _Attempt, method: PaymentMethod) -> None:
    """Write an attempt down and book what it came to, inside the caller's transaction.

    One without an answer is left to the janitor, who takes it back.
    """
    plan, result = attempt.plan, attempt.result
    if result.kind is OutcomeKind.UNKNOWN:
        return
    autobill, invoice = _loaded(work, attempt.cycle)
    uses = crediting.planned(work, autobill, Money.of(invoice.balance, invoice.currency))
    collecting.outline(
        work,
        autobill,
        invoice,
        method,
        plan.request.amount,
        uses,
        processor=work.env.processors.for_type(method.type).wire_name,
        vid=plan.transaction_vid,
        merchant_transaction_id=plan.merchant_transaction_id,
    )
    autobill.retry_on = None  # what comes next follows from the outcome
    noted = work.uow.transactions.attempt(plan.key)
    assert noted is not None
    noted.purpose = collecting.PURPOSE
    noted.context = {"credits": crediting.reserve(uses)}
    work.uow.flush()
    if not collecting.settle(work, plan.key, result, captured=False):
        raise ConcurrentChange  # given up by the janitor, who gives the money back


def _capture(work: Work, attempt: _Attempt) -> None:
    """Take what was authorized, now that it is booked. What stays behind is taken by the capture batch."""
    if attempt.result.kind is OutcomeKind.APPROVED:
        capturing.capture(work, attempt.plan.transaction_vid)


def _collected(work: Work, cycle: Cycle, method: PaymentMethod) -> bool:
    collection = collecting.collect(work, cycle.autobill_vid, cycle.invoice_vid, method)
    waits = collection.result is not None and collection.result.kind is OutcomeKind.PENDING
    return collection.paid or waits


def _loaded(work: Work, cycle: Cycle) -> tuple[AutoBill, Invoice]:
    autobill = work.uow.autobills.by_vid(cycle.autobill_vid)
    invoice = work.uow.invoices.lock(cycle.invoice_vid)
    assert autobill is not None
    assert invoice is not None
    return autobill, invoice


def _owed(work: Work, autobill: AutoBill, invoice: Invoice) -> Money:
    """What credit leaves of the balance; nothing of an invoice that was paid in the meantime."""
    if invoice.state not in UNPAID:
        return Money.zero(invoice.currency)
    balance = Money.of(invoice.balance, invoice.currency)
    return balance - crediting.total(crediting.planned(work, autobill, balance), invoice.currency)
