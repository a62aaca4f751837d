"""Groups of AutoBills billed from memory leave what billing each of them by itself leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from typing import Any

import pytest

from cashbox_service.app.engine import billing
from cashbox_service.app.environment import Environment
from cashbox_service.app.operating import audit
from cashbox_service.store.entities import Invoice
from cashbox_service.store.held import Held
from tests.conftest import Client
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login

DUE = "2024-02-15T06:00:00"


class Unread(Exception):
    """Stands for something that a use case needs and that is not read for a group."""


@contextmanager
def only_one_by_one(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """No group can be held in memory; the sizes of those that were tried."""
    tried: list[int] = []

    def refuse(_held: Held, _uow: Any, vids: Any, _known: Any, *, wait: bool) -> None:
        tried.append(len(vids))
        raise Unread

    with monkeypatch.context() as patched:
        patched.setattr(Held, "__init__", refuse)
        yield tried


def shape(environment: Environment, merchant: Login, autobill: Any) -> Any:
    """All of an AutoBill's figures that do not depend on when and under which ids it was billed."""
    with closing(environment.open(environment.merchant(merchant.login))) as work:
        stored = work.uow.autobills.by_vid(autobill.VID)
        assert stored is not None
        invoices = work.uow.invoices.of_autobill(autobill.VID)
        made = work.uow.transactions.of_autobill(autobill.VID)
        return (
            (stored.status, stored.billing_state, stored.next_billing_on, stored.retry_on, stored.closes_on),
            [_figures(invoice) for invoice in invoices],
            [
                (
                    one.amount,
                    one.status,
                    one.autobill_cycle,
                    one.retry_number,
                    [e.status for e in one.status_log],
                )
                for one in made
            ],
            [(item.cycles_billed, item.removed_on) for item in stored.items],
            [
                (one.merchant_entitlement_id, one.end_at)
                for one in work.uow.entitlements.of_autobill(autobill.VID)
            ],
            [one.type for one in work.uow.autobills.events_of(autobill.VID)],
            sorted(grant.remaining for grant in work.uow.credits.available_to_account(stored.account_vid)),
        )


def _figures(invoice: Invoice) -> tuple[Any, ...]:
    lines = [(line.name, line.total, line.index_number) for line in invoice.lines]
    return (
        invoice.state,
        invoice.charges,
        invoice.exclusive_tax,
        invoice.credits_used,
        invoice.allocated,
        invoice.attempts,
        invoice.invoice_on,
        invoice.overdue_on,
        invoice.previous_balance,
        lines,
    )


def assorted(client: Client) -> list[Any]:
    """One AutoBill of every kind that a run treats differently."""
    entitled = shop.product(client, merchantEntitlementIds=[{"id": "read", "description": "Read"}])
    granting = shop.product(
        client, "4.00", creditGranted={"currencyAmounts": [{"amount": Decimal("1.00"), "currency": "USD"}]}
    )
    plan = shop.plan(client, shop.month("5.00", cycles=2))
    free = shop.plan(client, shop.month("5.00", free=True, cycles=2), shop.month("5.00"))
    retried = shop.order(client, shop.card(shop.SOFT_DECLINED))
    paid_ahead = shop.subscribe(client).autobill
    shop.pay(client, paid_ahead, "4.00", invoiceId=shop.invoices(client, paid_ahead, "Open")[0])
    return [
        shop.subscribe(client, items=[{"index": 0, "product": shop.reference(entitled)}]).autobill,
        shop.subscribe(client, items=[{"index": 0, "product": shop.reference(granting)}]).autobill,
        shop.subscribe(client, billingPlan=shop.reference(plan)).autobill,
        shop.subscribe(client, billingPlan=shop.reference(free)).autobill,
        shop.update(client, retried, immediateAuthFailurePolicy="putAutoBillInRetryCycle").autobill,
        shop.subscribe(client, shop.invoiced(), invoiceTerms=15).autobill,
        shop.subscribe(client, shop.bank_account()).autobill,
        paid_ahead,
    ]


def test_a_group_leaves_what_billing_one_by_one_leaves(
    client: Client,
    sandbox: Sandbox,
    environment: Environment,
    merchant: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two shops of the same AutoBills over two months: one billed in groups, the other never."""
    sandbox.set_clock("2024-01-15T12:00:00")
    sandbox.tax({"country": "US", "rate": "0.1", "jurisdiction": "COUNTRY_US", "name": "Tax"})
    shops = [assorted(client) for _ in range(2)]
    for moment in ("2024-01-20T06:00:00", DUE, "2024-03-15T06:00:00"):
        sandbox.set_clock(moment)
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            day = work.today
        together, alone = ([one.VID for one in some] for some in shops)
        run = billing._Run(environment, environment.merchant(merchant.login), None, None)
        run._group(together, day, wait=True)
        with only_one_by_one(monkeypatch) as tried:
            run._group(alone, day, wait=True)
        assert tried
        for one, other in zip(*shops, strict=True):
            assert shape(environment, merchant, one) == shape(environment, merchant, other)
    assert audit.run(environment, environment.merchant(merchant.login)) == []


def test_a_run_survives_a_group_that_cannot_be_held(
    client: Client,
    sandbox: Sandbox,
    environment: Environment,
    merchant: Login,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sandbox.set_clock("2024-01-15T12:00:00")
    autobills = [shop.subscribe(client).autobill for _ in range(3)]
    sandbox.set_clock(DUE)
    with only_one_by_one(monkeypatch) as tried:
        report = billing.run(environment, environment.merchant(merchant.login))
    assert (report.counts["billed"], report.counts["paid"], report.counts["parked"]) == (3, 3, 0)
    assert 3 in tried
    assert all(len(shop.transactions(client, one)) == 2 for one in autobills)
    assert audit.run(environment, environment.merchant(merchant.login)) == []
