"""From a plan to cycles: which days a cycle serves, and on which day it is billed.

The periods of a plan run one after the other; together they are a pass, and passes repeat as the plan says. The
cycles of one period lie on a *grid* of dates. Month and year grids are counted from their anchor day, so a 31st is
billed on 29 February and again on 31 March. A grid breaks where the merchant moves a billing:

::

    natural grid       31 Jan    29 Feb    31 Mar    30 Apr    31 May
    moved once         31 Jan    29 Feb      10 Apr  30 Apr    31 May      the cycle after it is shorter
    moved for good     31 Jan    29 Feb      10 Apr    10 May    10 Jun    the new day is the anchor

Dates are days of the business zone. Nothing is looked up and nothing is remembered: the same terms give the same
cycles. On a plan with seasons every pass belongs to one of them: it begins when the season opens for billing, and no
cycle begins after it closes (see `season`).
Source: billing-engine §2, §3, §5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from cashbox_service.domain import season
from cashbox_service.domain.calendar import (
    DAYS_PER_WEEK,
    MONTHS_PER_YEAR,
    NEVER,
    add_days,
    add_months,
    day_before,
    first_on_or_after,
    last_on_or_before,
)
from cashbox_service.domain.catalog import UNLIMITED, PeriodType, PlanPeriod, Season
from cashbox_service.domain.interval import Interval

_MONTHS: Final = {PeriodType.MONTH: 1, PeriodType.YEAR: MONTHS_PER_YEAR}
_DAYS: Final = {PeriodType.DAY: 1, PeriodType.WEEK: DAYS_PER_WEEK}


class BillingRule(StrEnum):
    """Where the specified billing day lies, seen from the service date."""

    ADVANCE = "Advance"
    ARREARS = "Arrears"


@dataclass(frozen=True, slots=True)
class Move:
    """A merchant moved the billing of cycle ``index`` to a later day.

    Not ``permanent``: the next cycle returns to the old grid. ``permanent``: the schedule is counted from ``to``,
    months on its day or on ``anchor_day``, which a short month can hide (31, moved to 29 February).
    """

    index: int
    to: date
    permanent: bool = False
    anchor_day: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a schedule depends on.

    ``start`` is the first service date of the plan, ``first_index`` the autoBillCycle that falls on it (not 0 only
    after a change of plan). ``billing_day`` is the day of the month the merchant asked for at creation, None when
    it follows from the start; changes made later are ``moves``. ``times_to_run`` is a number or ``unlimited``. With
    ``seasons``, None on a plan without, it counts those, and ``repeat_every`` does not matter; each opens for billing
    ``season_lead`` days before it begins.
    """

    start: date
    periods: tuple[PlanPeriod, ...]
    times_to_run: str = "1"
    repeat_every: Interval | None = None
    skip_initial_free: bool = True
    billing_day: int | None = None
    specified_billing_day: int | None = None
    billing_rule: str | None = None
    lead_days: int = 0
    moves: tuple[Move, ...] = ()
    first_index: int = 0
    seasons: tuple[Season, ...] | None = None
    season_lead: int = 0

    @property
    def windows(self) -> tuple[season.Window, ...]:
        """When the seasons are billed that the schedule reaches; none without seasons."""
        return season.windows(self.seasons or (), self.start, self.season_lead)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One billing. ``index`` is the autoBillCycle, ``plan_cycle`` the billingPlanCycle, both from 0.

    ``period_index`` and ``pass_index`` point into the plan's periods and its passes. Both service days are
    included. ``opens_period`` marks the first billing of a period.
    """

    index: int
    plan_cycle: int
    period_index: int
    pass_index: int
    service_start: date
    service_end: date
    billing_date: date
    free: bool
    opens_period: bool


def cycles(terms: Terms, first: int = 0) -> Iterator[Cycle]:
    """The cycles from autoBillCycle ``first`` on, lazily: a schedule may be without end."""
    start = first - terms.first_index
    for run in _runs(terms):
        if run.count is not None and run.first + run.count <= start:
            continue
        step = max(0, start - run.first)
        while (run.count is None or step < run.count) and run.service_start(step) < NEVER:
            yield run.cycle(step)
            step += 1


def cycle_at(terms: Terms, index: int) -> Cycle | None:
    """The cycle with that autoBillCycle, found without walking the cycles before it; None when there is none."""
    return next(cycles(terms, index), None) if index >= terms.first_index else None


def last_cycle(terms: Terms) -> Cycle | None:
    """The last cycle of a finite schedule; None when it runs without end, or its last season is not known yet."""
    if terms.times_to_run == UNLIMITED:
        return None
    if terms.seasons is None and terms.periods[-1].cycles == 0:
        return None
    runs = list(_runs(terms))
    if terms.seasons is not None and (not runs or runs[-1].pass_index + 1 < int(terms.times_to_run)):
        return None
    last = runs[-1]
    return last.cycle((last.count or 1) - 1)


def last_day(terms: Terms) -> date | None:
    """The last day served by a finite schedule; None when it runs without end, or beyond the calendar."""
    last = last_cycle(terms)
    return None if last is None or last.service_end == NEVER else last.service_end


def pass_start(terms: Terms, pass_index: int) -> date | None:
    """The first service day of a pass; None when the pass never comes."""
    return next((run.cycle(0).service_start for run in _runs(terms) if run.pass_index == pass_index), None)


def left_in_pass(terms: Terms, index: int) -> int | None:
    """How many cycles of its pass are left, that one included; None when the pass is without end.

    0 for a cycle that does not exist. Source: autobill §6.33.
    """
    at = cycle_at(terms, index)
    if at is None:
        return 0
    left = -at.plan_cycle
    for run in _runs(terms):
        if run.pass_index > at.pass_index:
            break
        if run.count is None:
            return None
        left = run.first + run.count - at.plan_cycle
    return left


def billing_date(terms: Terms, service_start: date, *, first: bool) -> date:
    """The day on which a cycle is billed; the ``first`` one never before it starts. Source: billing-engine §3.2."""
    day = terms.specified_billing_day
    if day is None:
        found = service_start if first else add_days(service_start, -terms.lead_days)
    elif terms.billing_rule == BillingRule.ARREARS:
        found = first_on_or_after(service_start, day)
    else:
        found = last_on_or_before(service_start, day)
    return max(found, terms.start)


@dataclass(frozen=True, slots=True)
class _Grid:
    """The service dates of a period: ``start``, then steps of its length on the anchor day."""

    start: date
    period: PlanPeriod
    anchor_day: int

    def on(self, step: int) -> date:
        """The service date ``step`` cycles after the start.

        The second date is the first anchor day on or after one period's length: where the start is not on the
        anchor day, the first cycle gets longer.
        """
        if step == 0:
            return self.start
        if self.period.type in _DAYS:
            return add_days(self.start, step * self.period.quantity * _DAYS[self.period.type])
        months = self.period.quantity * _MONTHS[self.period.type]
        second = first_on_or_after(add_months(self.start, months), self.anchor_day)
        return add_months(second, (step - 1) * months, self.anchor_day)

    def first_step_after(self, day: date, step: int) -> int:
        """The first step behind ``step`` whose date lies after ``day``."""
        step += 1
        while self.on(step) <= day < NEVER:
            step += 1
        return step


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive cycles of one period on one grid, from ``step`` on; ``count`` None is without end.

    ``moved`` is the service date of the first cycle where it was moved off the grid. ``after_gap`` marks a run that
    does not begin where the run before it ended. ``next_start`` is where the next run takes over.
    """

    terms: Terms
    first: int
    count: int | None
    period_index: int
    pass_index: int
    grid: _Grid
    step: int
    opens_period: bool
    after_gap: bool
    moved: date | None = None
    next_start: date | None = None

    def service_start(self, offset: int) -> date:
        if offset == 0 and self.moved is not None:
            return self.moved
        return self.grid.on(self.step + offset)

    def count_to(self, last: date) -> int:
        """How many of its cycles begin by that day."""
        count = 0
        while (self.count is None or count < self.count) and self.service_start(count) <= last:
            count += 1
        return count

    def followed_by(self, following: _Run | None) -> _Run:
        """This run with its last service period ending where ``following`` begins, unless a gap lies between."""
        if following is None or following.after_gap:
            return self
        return replace(self, next_start=following.service_start(0))

    def cycle(self, offset: int) -> Cycle:
        plan_cycle = self.first + offset
        start = self.service_start(offset)
        is_last = self.count is not None and offset == self.count - 1
        end = self.next_start if is_last and self.next_start else self.grid.on(self.step + offset + 1)
        return Cycle(
            index=self.terms.first_index + plan_cycle,
            plan_cycle=plan_cycle,
            period_index=self.period_index,
            pass_index=self.pass_index,
            service_start=start,
            service_end=day_before(end),
            billing_date=billing_date(self.terms, start, first=plan_cycle == 0),
            free=self.grid.period.free,
            opens_period=self.opens_period and offset == 0,
        )


def _runs(terms: Terms) -> Iterator[_Run]:
    """The runs of a schedule, each knowing where the next begins, to the end of the calendar."""
    previous: _Run | None = None
    for run in _Walk(terms).passes():
        if run.service_start(0) == NEVER:
            break
        if previous is not None:
            yield previous.followed_by(run)
        previous = run
    if previous is not None:
        yield previous


class _Walk:
    """Lays out run after run; the attributes say where the next one starts."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.plan_cycle = 0
        self.at = terms.start
        self.anchor_day: int | None = None
        self.billing_day = terms.billing_day
        self.moved_days = 0
        self.permanent, self.once = _moves_by_plan_cycle(terms)
        self.after_gap = False
        self.keeps_start = True
        self.put_off_to: date | None = None

    def passes(self) -> Iterator[_Run]:
        """All runs of all passes."""
        if self.terms.seasons is not None:
            yield from self._seasons()
            return
        times = None if self.terms.times_to_run == UNLIMITED else int(self.terms.times_to_run)
        first_billing, repeats = self.terms.start, 0
        pass_index = 0
        while times is None or pass_index < times:
            if pass_index and self.terms.repeat_every:
                repeats += 1
                if not self._wait(first_billing, self.terms.repeat_every, repeats):
                    first_billing, repeats, self.moved_days = self.at, 0, 0
            for period_index in self._periods(pass_index):
                yield from self._period(period_index, pass_index)
                if self.terms.periods[period_index].cycles == 0:
                    return
            pass_index += 1

    def _seasons(self) -> Iterator[_Run]:
        """One pass for each season."""
        passes = self.terms.windows
        if self.terms.times_to_run != UNLIMITED:
            passes = passes[: int(self.terms.times_to_run)]
        for pass_index, window in enumerate(passes):
            first = max(window.first, self.put_off_to or window.first)
            if first > window.last:
                continue  # put off by more than what is left of the season
            self.at, self.anchor_day, self.moved_days, self.put_off_to = first, None, 0, None
            self.after_gap, self.keeps_start = pass_index > 0, True
            runs = list(self._until(window.last, pass_index))
            if runs:
                # The last cycle serves to the end of the season, however long its period is.
                runs[-1] = replace(runs[-1], next_start=add_days(window.last, 1))
            yield from runs

    def _until(self, last: date, pass_index: int) -> Iterator[_Run]:
        """The runs of a pass, without the cycles that would begin after ``last``."""
        for period_index in self._periods(pass_index):
            for run in self._period(period_index, pass_index):
                count = run.count_to(last)
                if count:
                    yield replace(run, count=count)
                    self.put_off_to = None
                if run.count is None or count < run.count:
                    self.plan_cycle = run.first + count
                    return

    def _wait(self, first_billing: date, interval: Interval, repeats: int) -> bool:
        """Go to the day the next pass is due; False when the pass before it took longer than the interval."""
        due = add_days(interval.after(first_billing, repeats), self.moved_days)
        if due > self.at:
            keeps_day = interval.keeps_day_of_month and not self.moved_days
            self.at, self.anchor_day = due, first_billing.day if keeps_day else None
            self.after_gap = True
        return due >= self.at

    def _periods(self, pass_index: int) -> range:
        """Which periods a pass has: free ones at the head are for the first pass only, if the plan says so."""
        head = 0
        if pass_index and self.terms.skip_initial_free:
            charged = (index for index, period in enumerate(self.terms.periods) if not period.free)
            head = next(charged, 0)
        return range(head, len(self.terms.periods))

    def _period(self, period_index: int, pass_index: int) -> Iterator[_Run]:
        """The runs of one period: one, and one more for each move."""
        period = self.terms.periods[period_index]
        grid, step, left = self._grid(period), 0, period.cycles or None
        self.keeps_start = False
        opened = self.plan_cycle

        def run(count: int | None, step: int, moved: date | None = None) -> _Run:
            opens = self.plan_cycle == opened
            after_gap, self.after_gap = self.after_gap, False
            return _Run(
                self.terms,
                self.plan_cycle,
                count,
                period_index,
                pass_index,
                grid,
                step,
                opens,
                after_gap,
                moved,
            )

        while left is None or left > 0:
            ahead = self._cycles_to_next_move()
            if ahead is None or (left is not None and ahead >= left):
                yield run(left, step)
                if left is None:
                    return
                self.plan_cycle, step, left = self.plan_cycle + left, step + left, 0
            elif ahead:
                yield run(ahead, step)
                self.plan_cycle, step = self.plan_cycle + ahead, step + ahead
                left = None if left is None else left - ahead
            elif self.plan_cycle in self.permanent:
                grid, step = self._anchored_anew(grid, step), 0
            else:
                move = self.once.pop(self.plan_cycle)
                step = grid.first_step_after(move.to, step)
                yield run(1, step - 1, move.to)
                self.plan_cycle += 1
                left = None if left is None else left - 1
        self.at = grid.on(step)

    def _cycles_to_next_move(self) -> int | None:
        """How many cycles lie before the next one that is moved; None when no further one is."""
        moved = [
            cycle - self.plan_cycle for cycle in (*self.permanent, *self.once) if cycle >= self.plan_cycle
        ]
        return min(moved, default=None)

    def _grid(self, period: PlanPeriod) -> _Grid:
        """The grid of a period that starts now. Source: billing-engine §3.1."""
        if period.type in _DAYS:
            self.anchor_day = None
            return _Grid(self.at, period, self.at.day)
        start = self.at
        if self.billing_day is not None and not self.keeps_start:
            start = first_on_or_after(start, self.billing_day)
        self.anchor_day = self.billing_day or self.anchor_day or start.day
        return _Grid(start, period, self.anchor_day)

    def _anchored_anew(self, grid: _Grid, step: int) -> _Grid:
        """The grid that a permanent move of this cycle begins; later passes move along by as many days."""
        move = self.permanent.pop(self.plan_cycle)
        self.moved_days += (move.to - grid.on(step)).days
        anchor = move.anchor_day or move.to.day
        self.put_off_to = move.to
        if self.billing_day is not None:
            self.billing_day = anchor
        self.anchor_day = anchor if grid.period.type in _MONTHS else None
        return _Grid(move.to, grid.period, anchor)


def _moves_by_plan_cycle(terms: Terms) -> tuple[dict[int, Move], dict[int, Move]]:
    """The last permanent move of each cycle, and its last other move made after that one."""
    permanent: dict[int, Move] = {}
    once: dict[int, Move] = {}
    for move in terms.moves:
        plan_cycle = move.index - terms.first_index
        if move.permanent:
            permanent[plan_cycle] = move
            once.pop(plan_cycle, None)
        else:
            once[plan_cycle] = move
    return permanent, once
