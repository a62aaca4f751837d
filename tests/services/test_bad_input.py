"""No input, however odd, makes the server fail, and none that is refused leaves a trace (conventions §3.3, §11)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select

import cashbox_service.store.entities
from cashbox_service.soap.registry import load_handlers
from cashbox_service.store.base import Base
from tests.conftest import _new_merchant
from tests.servers import Server
from tests.services import chargebacks, refunds, sales, shop
from tests.services.odd_requests import broken, can_break, spoiled
from tests.services.sound_requests import SOUND
from tests.services.wire import Reply, Wire
from tests.soap_client import Login, ServiceClient

OPERATIONS = sorted(load_handlers())
EXAMPLES = {True: 12, False: 3}
"""Requests per operation, by whether it may change something."""

REFUSED = 400
ASKED_A_PROCESSOR = frozenset({402, 407, 408, 409, 410})
"""Refusals that come after a processor was asked: the attempt is on record."""

NUMBERS = "number_blocks"
"""Numbers are drawn ahead, and gaps in them are harmless."""

RECORDS = frozenset({"payment_attempts", "processor_records", "processor_scripts"})

SALES = frozenset({"auth", "authCapture"})
REFUSED_SALE = ASKED_A_PROCESSOR | {403}
"""Sales that are off after their risk was scored or a processor was asked: they stay on record with all they made."""


class Database:
    """The rows of one merchant, read past the server."""

    def __init__(self, engine: Engine, merchant_vid: str) -> None:
        self._engine = engine
        self._merchant_vid = merchant_vid

    def contents(self) -> dict[str, tuple[int, str]]:
        """How many rows each table has, and a hash of all they hold."""
        found = {}
        with self._engine.connect() as connection:
            for table in Base.metadata.sorted_tables:
                statement = select(table)
                owner = table.c.vid if table.name == "merchants" else table.c.merchant_vid
                statement = statement.where(owner == self._merchant_vid)
                rows = sorted(repr(tuple(row)) for row in connection.execute(statement))
                found[table.name] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
        return found


class Target:
    """A merchant with one of everything, whose requests are checked against its rows."""

    def __init__(self, server: Server, login: Login, database: Database) -> None:
        self._wire = Wire(server, login)
        self._database = database
        self._ids = _one_of_everything(lambda service: ServiceClient(server, login, service))
        self._before = database.contents()

    def send(self, service: str, operation: str, template: str) -> Reply:
        """The answer; fails when it is no proper one, or a refusal left something behind."""
        for name, value in (self._ids | {"new": shop.new_id("new")}).items():
            template = template.replace(f"{{{name}}}", value)
        reply = self._wire.call(service, operation, template)
        after = self._database.contents()
        before, self._before = self._before, after
        assert reply.status == 200, reply.content
        assert 200 <= reply.code < 500, (reply.code, reply.text)
        if reply.code >= REFUSED:
            changed = {name for name in after if after[name] != before[name]} - _kept(
                operation, reply.code, after
            )
            assert not changed, (reply.code, reply.text, changed)
        return reply


def _kept(operation: str, code: int, tables: Iterable[str]) -> set[str]:
    """Tables that a refusal with this code may have written to."""
    if operation in SALES and code in REFUSED_SALE:
        return set(tables)
    return {NUMBERS} | (RECORDS if code in ASKED_A_PROCESSOR else frozenset())


def _one_of_everything(client: Callable[[str], ServiceClient]) -> dict[str, str]:
    account: Any = shop.account(
        client,
        externalId="external",
        shippingAddress={"city": "London"},
        paymentMethods=[shop.card(), shop.bank_account()],
    )
    right = [{"id": "silver"}]
    product, plan = (make(client, merchantEntitlementIds=right) for make in (shop.product, shop.plan))
    bill = shop.subscribe(
        client,
        shop.invoiced() | {"merchantPaymentMethodId": "by hand"},
        account=shop.reference(account),
        billingPlan=shop.reference(plan),
        items=[{"index": 0, "product": shop.reference(product)}],
    ).autobill
    cheque = shop.cheque()
    paid = shop.pay(client, bill, "1.00", cheque).transaction
    buyer = shop.reference(account)

    def sold(method: dict[str, Any]) -> str:
        vid: str = sales.sell(client, sales.order(buyer, sourcePaymentMethod=method)).transaction.VID
        return vid

    authorized, captured, disputed = (sales.authorize(client, sales.order(buyer)) for _ in range(3))
    assert sales.captured(client, captured, disputed) == [200, 200]
    refund = refunds.perform(client, refunds.of(captured, "0.01"))
    return {
        "account": account.merchantAccountId,
        "accountVid": account.VID,
        "address": "external",
        "addressVid": account.shippingAddress.VID,
        "external": account.externalId,
        "method": "by hand",
        "methodVid": account.paymentMethods[0].VID,
        "bill": bill.merchantAutoBillId,
        "billVid": bill.VID,
        "invoice": shop.invoices(client, bill)[0],
        "payment": cheque["merchantAcceptedPayment"]["paymentId"],
        "product": product.merchantProductId,
        "productVid": product.VID,
        "plan": plan.merchantBillingPlanId,
        "planVid": plan.VID,
        "transaction": paid.merchantTransactionId,
        "transactionVid": paid.VID,
        "authorizedVid": authorized.transaction.VID,
        "soldVid": captured.transaction.VID,
        "refundVid": refund.VID,
        "chargebackVid": chargebacks.update(
            client, chargebacks.of(disputed, caseNumber="case", referenceNumber="reference")
        ).VID,
        "disputed": disputed.transaction.merchantTransactionId,
        "paypalVid": sold(sales.paypal_page()),
        "carrierVid": sold(sales.carrier()),
        "hostedVid": sold(sales.hosted_page()),
    }


Targets = Callable[[], Target]


@pytest.fixture(scope="module")
def new_target(server: Server) -> Iterator[Targets]:
    """Makes merchants with one of everything."""
    assert cashbox_service.store.entities.__all__
    engine = create_engine(server.database_url.replace("postgresql://", "postgresql+psycopg://"))

    def new() -> Target:
        login = _new_merchant(server)
        return Target(server, login, Database(engine, login.vid))

    yield new
    engine.dispose()


@pytest.fixture(scope="module")
def target(new_target: Targets) -> Target:
    """The merchant that all odd requests are made for."""
    return new_target()


def test_there_is_a_sound_request_of_every_operation() -> None:
    assert set(SOUND) == {f"{service}.{operation}" for service, operation in OPERATIONS}


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_the_requests_are_sound_until_they_are_spoiled(
    new_target: Targets, target: Target, service: str, operation: str
) -> None:
    for request in SOUND[f"{service}.{operation}"]:
        chosen = new_target() if _writes(operation) else target
        reply = chosen.send(service, operation, request)
        assert reply.code == 200, reply.text


@pytest.mark.parametrize(("service", "operation"), OPERATIONS)
def test_an_odd_request_is_answered_and_leaves_nothing_when_refused(
    target: Target, service: str, operation: str
) -> None:
    def check(request: str) -> None:
        target.send(service, operation, request)

    sound = SOUND[f"{service}.{operation}"]
    _examples(spoiled(service, operation, sound), check, EXAMPLES[_writes(operation)])


@pytest.mark.parametrize(("service", "operation"), [each for each in OPERATIONS if can_break(*each)])
def test_a_value_of_a_wrong_type_is_refused_wherever_it_stands(
    target: Target, service: str, operation: str
) -> None:
    def check(request: str) -> None:
        reply = target.send(service, operation, request)
        assert reply.code == REFUSED
        assert reply.text.startswith('Invalid Arguments - Item "Vindicia::Soap::')

    sound = SOUND[f"{service}.{operation}"]
    _examples(broken(service, operation, sound), check, EXAMPLES[_writes(operation)])


def _writes(operation: str) -> bool:
    return operation == "fetchDelta" or not operation.startswith(("fetch", "get", "put", "echo", "useless"))


def _examples(strategy: st.SearchStrategy[str], check: Callable[[str], None], number: int) -> None:
    """Check so many examples, always the same ones."""
    bounded = settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    bounded(given(strategy)(check))()
