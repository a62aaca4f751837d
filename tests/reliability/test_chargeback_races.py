"""Chargebacks that meet: the same case twice, a refund at the same moment, readers beside writers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import Client
from tests.reliability.racing import Race, codes
from tests.servers import Server
from tests.services import chargebacks, sales, shop
from tests.services.sandbox import Sandbox
from tests.soap_client import Login, ServiceClient


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Callable[[], None]) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.fixture
def race(server: Server, second_server: Server, merchant: Login) -> Race:
    """Over two server processes."""
    return Race(merchant, server, second_server)


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    answer = sales.sell(client, sales.order())
    sandbox.bill()
    return answer


def chargeback(own_id: str, case: str = "case", status: str = "New", amount: str = "20.00") -> str:
    return (
        f'<chargeback xmlns=""><amount>{amount}</amount><caseNumber>{case}</caseNumber><status>{status}</status>'
        f"<merchantTransactionId>{own_id}</merchantTransactionId></chargeback>"
    )


@pytest.mark.parametrize("is_known", [True, False])
def test_the_same_case_at_once_is_one_chargeback(
    client: Client, race: Race, sold: Any, is_known: bool
) -> None:
    own = sold.transaction.merchantTransactionId if is_known else shop.new_id("order")
    answers = race("Chargeback", "update", [chargeback(own)] * 4)
    assert codes(answers) == {"200": 4}
    assert sorted(answer.part("created") or "" for answer in answers) == ["0", "0", "0", "1"]
    found = client("Chargeback").fetchByMerchantTransactionId(merchantTransactionId=own).chargebacks
    assert {answer.part("VID") for answer in answers} == {one.VID for one in found}
    assert len(found) == 1


def test_the_policy_acts_once(client: Client, race: Race, sandbox: Sandbox) -> None:
    sandbox.settings(chargebackCancelsAutoBill=True)
    bill = shop.subscribe(client).autobill
    sandbox.bill()
    own = shop.transactions(client, bill)[0].merchantTransactionId
    answers = race("Chargeback", "update", [chargeback(own, str(case), amount="10.00") for case in range(4)])
    assert codes(answers) == {"200": 4}
    ended = shop.fetched(client, bill)
    assert (ended.status, ended.cancelReason.reason_code) == ("Cancelled", "4")


def test_a_refund_and_a_chargeback_take_turns(
    client: Client, server: Server, merchant: Login, sold: Any
) -> None:
    """Whichever comes first: a refund that was accepted stands, and none is accepted after the chargeback."""

    def refunded() -> int:
        wanted = {"transaction": shop.reference(sold.transaction), "amount": "1.00"}
        answer = ServiceClient(server, merchant, "Refund", None).perform(refunds=[wanted])
        return int(answer["return"].returnCode)

    def disputed() -> Any:
        return chargebacks.update(client, chargebacks.of(sold))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(refunded), threads.submit(disputed)
        code, _ = first.result(), second.result()
    assert code in (200, 206)
    assert refunded() == 206


def test_a_reader_beside_writers_is_given_every_change_once(
    client: Client, race: Race, server: Server, second_server: Server, merchant: Login, sold: Any
) -> None:
    """Two programs read with one log-in while chargebacks come in over two processes."""
    own = sold.transaction.merchantTransactionId
    cases = [f"case-{number}" for number in range(12)]

    def read(which: Server, rounds: int) -> list[str]:
        reader = ServiceClient(which, merchant, "Chargeback")
        return [one.caseNumber for _ in range(rounds) for one in reader.fetchDelta(pageSize=2).chargebacks]

    with ThreadPoolExecutor(3) as threads:
        writing = threads.submit(race, "Chargeback", "update", [chargeback(own, case) for case in cases])
        reading = [threads.submit(read, which, 6) for which in (server, second_server)]
        assert codes(writing.result()) == {"200": len(cases)}
        given = [case for one in reading for case in one.result()]
    given += read(server, 8)
    assert sorted(given) == sorted(cases)
