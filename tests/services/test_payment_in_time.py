"""An invoice paid by hand and in time changes nothing about its AutoBill, so that nothing is worked out anew."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from cashbox_service.app.engine import standing
from cashbox_service.app.environment import Environment
from tests.services import shop
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.soap_client import Login

ENTITLED = {"merchantEntitlementIds": [{"id": "reading", "description": "Reading"}]}


class _Undone(Exception):
    """Ends a transaction that was only tried."""


@pytest.fixture(autouse=True)
def _audited(books_are_right: Callable[[], None], sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-02-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def left_to_do(environment: Environment, merchant: Login) -> Callable[[Any], list[Any]]:
    """What working out an AutoBill's standing anew would change."""

    def found(autobill: Any) -> list[Any]:
        changed: list[Any] = []
        with closing(environment.open(environment.merchant(merchant.login))) as work:
            try:
                with work.uow.writing():
                    row = work.uow.autobills.lock(autobill.VID)
                    assert row is not None
                    standing.after_payment(work, row)
                    session = work.uow.session
                    changed = [*session.new, *filter(session.is_modified, session.dirty)]
                    raise _Undone
            except _Undone:
                session.expunge_all()
        return changed

    return found


def shapes(client: Client) -> dict[str, dict[str, Any]]:
    entitling = shop.plan(client, shop.month(), **ENTITLED)
    finite = shop.plan(client, shop.month(cycles=3), **ENTITLED)
    return {
        "plain": {},
        "entitled": {"billingPlan": shop.reference(entitling)},
        "finite": {"billingPlan": shop.reference(finite)},
        "long terms": {"billingPlan": shop.reference(entitling), "invoiceTerms": 40},
    }


@pytest.mark.parametrize("shape", ["plain", "entitled", "finite", "long terms"])
def test_nothing_is_left_to_do_after_a_payment_in_time(
    client: Client, sandbox: Sandbox, left_to_do: Callable[[Any], list[Any]], shape: str
) -> None:
    fields = {"startTimestamp": "2024-02-10T00:00:00-08:00", "invoiceTerms": 10} | shapes(client)[shape]
    autobill = shop.subscribe(client, shop.invoiced(), **fields).autobill
    sandbox.bill()
    (number,) = shop.invoices(client, autobill, "Due")
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert shop.pay(client, autobill, "10.00", invoiceId=number).summary == "Success"
    assert shop.states(client, autobill)[number] == "Paid"
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert left_to_do(autobill) == []


def test_the_last_invoice_of_a_finite_plan_lets_the_end_be_expected(
    client: Client, sandbox: Sandbox, left_to_do: Callable[[Any], list[Any]]
) -> None:
    plan = shop.plan(client, shop.month(cycles=1), **ENTITLED)
    autobill = shop.subscribe(
        client,
        shop.invoiced(),
        startTimestamp="2024-02-10T00:00:00-08:00",
        billingPlan=shop.reference(plan),
        invoiceTerms=10,
    ).autobill
    sandbox.bill()
    (number,) = shop.invoices(client, autobill, "Due")
    shop.pay(client, autobill, "10.00", invoiceId=number)
    assert left_to_do(autobill) == []
    sandbox.set_clock("2024-03-15T12:00:00")
    sandbox.bill()
    assert shop.fetched(client, autobill).status == "Expired"


def test_an_overdue_invoice_that_is_paid_heals_the_autobill(
    client: Client, sandbox: Sandbox, left_to_do: Callable[[Any], list[Any]]
) -> None:
    autobill = shop.subscribe(
        client, shop.invoiced(), startTimestamp="2024-02-10T00:00:00-08:00", invoiceTerms=5
    ).autobill
    sandbox.set_clock("2024-03-05T12:00:00")
    sandbox.bill()
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Overdue")
    (number,) = shop.invoices(client, autobill, "Overdue")
    shop.pay(client, autobill, "10.00", invoiceId=number)
    assert shop.standing(shop.fetched(client, autobill)) == ("Active", "Good Standing")
    assert left_to_do(autobill) == []
