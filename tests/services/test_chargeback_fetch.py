"""Chargeback.fetch…: finding disputes, page by page, and reading what changed (refund-chargeback §7)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services import chargebacks, sales, shop
from tests.services.decrees import Decrees
from tests.services.sandbox import Sandbox
from tests.services.shop import Client
from tests.services.wire import Wire


@pytest.fixture
def sold(client: Client, sandbox: Sandbox) -> Any:
    sandbox.set_clock("2024-04-15T12:00:00")
    return sales.sell(client, sales.order())


@pytest.fixture
def made(client: Client, sandbox: Sandbox, sold: Any) -> list[Any]:
    """Five chargebacks, stored on 16 to 20 April."""
    found = []
    for day in range(16, 21):
        sandbox.set_clock(f"2024-04-{day}T12:00:00")
        posted = f"2024-04-{day}T09:00:00"
        told = chargebacks.of(
            sold, "1.00", caseNumber=f"c-{day}", referenceNumber="bank", postedTimestamp=posted
        )
        found.append(chargebacks.update(client, told))
    return found


def vids(found: Any) -> list[str]:
    return [one.VID for one in getattr(found, "chargebacks", found)]


def test_one_is_found_by_its_vid(client: Client, made: list[Any]) -> None:
    assert str(chargebacks.later(client, made[0])) == str(made[0])


def test_those_of_a_case(client: Client, made: list[Any]) -> None:
    assert vids(client("Chargeback").fetchByCaseNumber(caseNumber="c-17")) == [made[1].VID]


def test_those_with_a_reference(client: Client, made: list[Any]) -> None:
    assert vids(client("Chargeback").fetchByReferenceNumber(referenceNumber="bank")) == vids(made)


def test_those_of_a_transaction(client: Client, sold: Any, made: list[Any]) -> None:
    own = sold.transaction.merchantTransactionId
    found = client("Chargeback").fetchByMerchantTransactionId(merchantTransactionId=own)
    assert vids(found) == vids(made)


def test_none_of_a_transaction_is_said_with_a_blank_too_many(client: Client) -> None:
    answer = client("Chargeback").expecting(400).fetchByMerchantTransactionId(merchantTransactionId="none")
    text = 'Unable to load chargebacks by merchantTransactionId "none ":  No match.'
    assert shop.text(answer) == text


def test_those_of_an_account_may_include_its_childrens(
    client: Client, decrees: Decrees, sold: Any, made: list[Any]
) -> None:
    parent = shop.account(client)
    decrees.adopt(parent, sold.transaction.account)
    fetch = client("Chargeback").fetchByAccount
    assert vids(fetch(account=shop.reference(sold.transaction.account))) == vids(made)
    assert vids(fetch(account=shop.reference(parent), includeChildren=True)) == vids(made)
    refused = client("Chargeback").expecting(404)
    refused.fetchByAccount(account=shop.reference(parent), includeChildren=False)


def test_those_with_a_status_come_in_pages(client: Client, made: list[Any]) -> None:
    moved = chargebacks.move(client, made[2], "Challenged")

    def page(number: int) -> list[str]:
        return vids(client("Chargeback").fetchByStatus(status="New", page=number, pageSize=2))

    rest = [one.VID for one in made if one.VID != moved.VID]
    assert [page(0), page(1), page(2)] == [rest[:2], rest[2:], []]
    assert vids(client("Chargeback").fetchByStatus(status="Challenged")) == [moved.VID]
    assert vids(client("Chargeback").fetchByStatus(status="Lost")) == []


def test_those_that_came_to_a_status_since_then(client: Client, made: list[Any]) -> None:
    fetch = client("Chargeback").fetchByStatusSince
    assert vids(fetch(status="New", timestamp="2024-04-18T12:00:00")) == vids(made[2:])
    assert vids(fetch(status="New", timestamp="2024-04-18T12:00:00", page=1, pageSize=2)) == vids(made[4:])
    assert vids(fetch(status="New", timestamp="2024-04-20T12:00:01")) == []


def test_what_is_new_or_moved_in_a_window(client: Client, sandbox: Sandbox, made: list[Any]) -> None:
    sandbox.set_clock("2024-04-25T12:00:00")
    chargebacks.move(client, made[0], "Challenged")
    chargebacks.move(client, made[1], "New", note="no change of status")

    def since(lower: str, upper: str, **paging: int) -> list[str]:
        return vids(client("Chargeback").fetchDeltaSince(timestamp=lower, endTimestamp=upper, **paging))

    window = ("2024-04-17T12:00:00", "2024-04-19T12:00:00")
    assert since(*window) == vids(made[1:3])
    assert since(*window, page=1, pageSize=1) == vids(made[2:3])
    assert since(*window, page=2, pageSize=1) == []
    assert since("2024-04-25T00:00:00", "2024-04-26T00:00:00") == vids(made[:1])


def test_a_window_without_an_end_ends_now(wire: Wire, sandbox: Sandbox, made: list[Any]) -> None:
    sandbox.set_clock("2024-04-20T12:00:05")
    reply = wire.call("Chargeback", "fetchDeltaSince", "<timestamp>2024-04-19T00:00:00</timestamp>")
    assert (reply.code, reply.values("chargebacks/VID")) == (200, vids(made[3:]))


def test_a_log_in_reads_what_it_has_not_read(client: Client, made: list[Any]) -> None:
    def batch(size: int = 2) -> list[str]:
        return vids(client("Chargeback").fetchDelta(pageSize=size))

    assert [batch(), batch(), batch(), batch()] == [vids(made[:2]), vids(made[2:4]), vids(made[4:]), []]
    chargebacks.move(client, made[0], "Challenged")
    assert [batch(), batch()] == [vids(made[:1]), []]


def test_other_merchants_see_nothing_of_it(client: Client, shared: Client, made: list[Any]) -> None:
    shared("Chargeback").expecting(404).fetchByVid(vid=made[0].VID)
    shared("Chargeback").expecting(404).fetchByCaseNumber(caseNumber="c-16")
    taken = chargebacks.new(VID=made[0].VID, status="Won")
    chargebacks.update(shared, taken, expecting=404)
    assert chargebacks.later(client, made[0]).status == "New"
