"""What another system has billed of a subscription: paid cycles, and where billing goes on (autobill §6.36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from cashbox_service.domain.errors import InvalidValue, MissingField
from cashbox_service.domain.schedule import Cycle, Move, Terms, cycle_at, cycles
from cashbox_service.domain.transaction_state import TransactionStatusType

MAX_CYCLE: Final = 100_000

_PAID: Final = frozenset(
    {
        TransactionStatusType.AUTHORIZED,
        TransactionStatusType.CAPTURED,
        TransactionStatusType.SETTLED,
        TransactionStatusType.REFUNDED,
    }
)


@dataclass(frozen=True, slots=True)
class MigratedAttempt:
    """One attempt at a cycle, as the other system numbers cycles: both counts start at 0."""

    cycle: int
    plan_cycle: int
    status: str

    @property
    def is_paid(self) -> bool:
        return self.status in _PAID


def checked(cycle: int | None, plan_cycle: int | None, status: str) -> MigratedAttempt:
    """Raises MissingField, InvalidValue."""
    for name, number in (("autoBillCycle", cycle), ("billingPlanCycle", plan_cycle)):
        if number is None:
            raise MissingField(f"migrationTransactions.{name}")
        if not 0 <= number <= MAX_CYCLE:
            raise InvalidValue(f"migrationTransactions.{name}", number, f"is not between 0 and {MAX_CYCLE}")
    assert cycle is not None
    assert plan_cycle is not None
    if plan_cycle > cycle:
        raise InvalidValue(
            "migrationTransactions.billingPlanCycle", plan_cycle, f"is more than autoBillCycle {cycle}"
        )
    return MigratedAttempt(cycle, plan_cycle, status)


def check_paid_once(attempts: Sequence[MigratedAttempt]) -> None:
    """Raises InvalidValue for a cycle that was paid twice."""
    paid = [one.cycle for one in attempts if one.is_paid]
    twice = next((cycle for cycle in paid if paid.count(cycle) > 1), None)
    if twice is not None:
        raise InvalidValue(
            "migrationTransactions.autoBillCycle", twice, "was paid by another transaction already"
        )


def offset(attempts: Sequence[MigratedAttempt]) -> int:
    """The autoBillCycle with which the present plan began."""
    last = max(attempts, key=lambda one: one.cycle, default=None)
    return last.cycle - last.plan_cycle if last is not None else 0


def next_index(attempts: Sequence[MigratedAttempt], terms: Terms, until: date, *, by_hand: bool) -> int:
    """The autoBillCycle that comes next: behind the last one that is told.

    Where none is told, and where the customer pays ``by_hand``, so that cycles go on whoever pays, it is the first one
    from ``until`` on.
    """
    told = max((one.cycle + 1 for one in attempts), default=terms.first_index)
    if attempts and not by_hand:
        return told
    for cycle in cycles(terms, told):
        if cycle.service_start >= until or cycle.index >= MAX_CYCLE:
            break
        told = cycle.index + 1
    return told


def move_to(terms: Terms, index: int, day: date) -> Move | None:
    """What brings the cycle to the day on which it is due; None where it lies there anyhow.

    Raises InvalidValue where the plan has no such cycle, or has seasons that put it elsewhere.
    """
    planned = cycle_at(terms, index)
    if planned is None:
        raise InvalidValue("nextPeriodStartDate", day.isoformat(), "is behind the last cycle of the plan")
    if planned.service_start == day:
        return None
    if terms.seasons is not None:
        raise InvalidValue(
            "nextPeriodStartDate", day.isoformat(), f"is not {planned.service_start}, by the seasons"
        )
    return Move(index, day, permanent=True)


def past_cycles(terms: Terms, first: int, end: int) -> list[Cycle]:
    """The cycles from ``first`` up to ``end``, not included, as far as the plan has them."""
    found = []
    for cycle in cycles(terms, max(first, terms.first_index)):
        if cycle.index >= end:
            break
        found.append(cycle)
    return found
