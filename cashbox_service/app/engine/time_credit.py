"""Time credit that an AutoBill has and has not used: what its schedule will be with it (billing-engine §8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from cashbox_service.app.context import Work
from cashbox_service.app.credit import crediting
from cashbox_service.app.engine import schedule
from cashbox_service.domain import credit as rules
from cashbox_service.domain.discount import GrantUnit, TimeGrant
from cashbox_service.domain.interval import Length
from cashbox_service.domain.schedule import Terms, cycle_at
from cashbox_service.domain.time_credit import free_time, postponed
from cashbox_service.store.entities import AutoBill, CreditGrant


def waiting(grants: Iterable[CreditGrant]) -> list[CreditGrant]:
    """The grants of time among some grants, in the order in which they will be used."""
    by_vid = {grant.vid: grant for grant in grants if grant.kind == "time" and grant.remaining}
    ordered = rules.redemption_order(crediting.value_of(grant) for grant in by_vid.values())
    return [by_vid[value.vid] for value in ordered]


def length_of(grant: CreditGrant) -> Length:
    """How long the time of a grant is."""
    return Length(grant.years, grant.months, grant.weeks, grant.days)


def length_of_grant(grant: TimeGrant) -> Length:
    """How long the free time of a campaign is."""
    quantity = grant.quantity
    match grant.unit:
        case GrantUnit.DAY:
            return Length(days=quantity)
        case GrantUnit.WEEK:
            return Length(weeks=quantity)
        case GrantUnit.MONTH:
            return Length(months=quantity)
        case GrantUnit.YEAR:
            return Length(years=quantity)


def projected_terms(work: Work, autobill: AutoBill, grants: Iterable[CreditGrant] | None = None) -> Terms:
    """The schedule when all time credit is used on the coming billing, as projections show it."""
    terms = schedule.terms_of(work, autobill)
    if autobill.next_cycle is None:
        return terms
    if autobill.time_grant is not None:
        move = free_time(terms, autobill.next_cycle, length_of_grant(autobill.time_grant))
        terms = replace(terms, moves=(*terms.moves, move)) if move is not None else terms
    own = work.uow.credits.available_to_autobill(autobill.vid) if grants is None else grants
    return postponed(terms, autobill.next_cycle, [length_of(grant) for grant in waiting(own)])


def projected_day(work: Work, autobill: AutoBill, grants: Iterable[CreditGrant]) -> date | None:
    """The day of the coming billing when all time credit is used; as it stands without any."""
    if autobill.next_cycle is None or not (autobill.time_grant or waiting(grants)):
        return autobill.next_billing_on
    at = cycle_at(projected_terms(work, autobill, grants), autobill.next_cycle)
    return at.billing_date if at is not None else autobill.next_billing_on
