"""Transaction.fetchDelta and fetchDeltaSince: which transactions changed (transaction §7.13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.conftest import Client
from tests.services import sales, shop
from tests.services.sandbox import Sandbox
from tests.services.wire import Wire

START = "2024-04-15T12:00:00"


@pytest.fixture(autouse=True)
def _clock(sandbox: Sandbox) -> None:
    sandbox.set_clock(START)


def _sold(client: Client, **fields: Any) -> str:
    vid: str = sales.sell(client, sales.order(**fields)).transaction.VID
    return vid


def _since(client: Client, since: str, until: str, **rest: Any) -> list[str]:
    answer = client("Transaction").fetchDeltaSince(timestamp=since, endTimestamp=until, **rest)
    return [one.VID for one in answer.transactions]


def _delta(client: Client, size: int = 100) -> Any:
    return client("Transaction").fetchDelta(pageSize=size)


def _vids(delta: Any) -> list[str]:
    return [one.VID for one in delta.transactions]


def _batches(client: Client, size: int) -> Iterator[list[str]]:
    """What a client reads that asks until there is nothing."""
    while found := _vids(_delta(client, size)):
        yield found


class TestSince:
    def test_a_sale_is_found_by_every_change_of_its_status(self, client: Client, sandbox: Sandbox) -> None:
        sold = _sold(client)
        sandbox.bill_on("2024-04-16T12:00:00")
        assert _since(client, "2024-04-15T00:00:00", "2024-04-16T00:00:00") == [sold]
        assert _since(client, "2024-04-16T00:00:00", "2024-04-17T00:00:00") == [sold]
        assert _since(client, "2024-04-17T00:00:00", "2024-04-18T00:00:00") == []
        answer = client("Transaction").fetchDeltaSince(
            timestamp="2024-04-15T00:00:00", endTimestamp="2024-04-16T00:00:00"
        )
        assert shop.log(answer.transactions[0]) == ["Captured", "Authorized", "New"]

    def test_the_window_begins_with_its_lower_and_ends_before_its_upper_end(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        sold = sales.sell(client, sales.order()).transaction
        moment: datetime = max(entry.timestamp for entry in sold.statusLog)
        later = moment + timedelta(seconds=1)
        sandbox.set_clock("2024-04-16T12:00:00")
        assert _since(client, moment.isoformat(), later.isoformat()) == [sold.VID]
        assert _since(client, later.isoformat(), "2024-04-16T12:00:00") == []
        assert _since(client, START, START) == []

    def test_without_an_end_it_ends_now(self, client: Client, sandbox: Sandbox, wire: Wire) -> None:
        sold = _sold(client)
        sandbox.set_clock("2024-04-16T12:00:00")
        reply = wire.call("Transaction", "fetchDeltaSince", "<timestamp>2024-04-15T00:00:00</timestamp>")
        assert (reply.code, reply.values("transactions/VID")) == (200, [sold])

    def test_pages_follow_each_other_and_end_empty(self, client: Client, sandbox: Sandbox) -> None:
        sold = []
        for minute in range(5):
            sandbox.set_clock(f"2024-04-15T13:0{minute}:00")
            sold.append(_sold(client))
        window = ("2024-04-15T00:00:00", "2024-04-16T00:00:00")
        pages = [_since(client, *window, page=number, pageSize=2) for number in range(4)]
        assert pages == [sold[:2], sold[2:4], sold[4:], []]

    def test_only_those_of_a_payment_method_are_found_where_one_is_named(self, client: Client) -> None:
        account = shop.account(client, paymentMethods=[shop.card(shop.OTHER_CARD)])
        _sold(client)
        sold = _sold(client, account=shop.reference(account), sourcePaymentMethod=None)
        window = ("2024-04-15T00:00:00", "2024-04-16T00:00:00")
        by_vid = shop.reference(account.paymentMethods[0])
        assert _since(client, *window, paymentMethod=by_vid) == [sold]
        assert _since(client, *window, paymentMethod=shop.card(shop.OTHER_CARD)) == [sold]
        assert _since(client, *window, paymentMethod=shop.card("4242424242424242")) == []

    @pytest.mark.parametrize(
        ("arguments", "text"),
        [
            ("", 'timestamp "" is missing.'),
            (
                "<timestamp>2024-04-16T00:00:00Z</timestamp><endTimestamp>2024-04-15T00:00:00Z</endTimestamp>",
                'timestamp "2024-04-16T00:00:00+00:00" lies after endTimestamp.',
            ),
            ("<timestamp>2024-04-01</timestamp><page>-1</page>", 'page "-1" must not be negative.'),
            (
                "<timestamp>2024-04-01</timestamp><pageSize>0</pageSize>",
                'pageSize "0" must be greater than 0.',
            ),
        ],
    )
    def test_a_window_that_is_none_is_named(self, wire: Wire, arguments: str, text: str) -> None:
        reply = wire.call("Transaction", "fetchDeltaSince", arguments)
        assert (reply.code, reply.text) == (400, text)


class TestSinceTheLastTime:
    def test_the_first_time_it_begins_with_the_beginning(self, client: Client) -> None:
        sold = _sold(client)
        delta = _delta(client)
        assert _vids(delta) == [sold]
        assert delta.startDate.isoformat() == "1969-12-31T16:00:00-08:00"
        assert delta.endDate.isoformat().startswith("2024-04-15T12:00")

    def test_nothing_new_is_an_empty_answer(self, client: Client) -> None:
        assert _vids(_delta(client)) == []
        _sold(client)
        assert len(list(_batches(client, 10))) == 1
        delta = _delta(client)
        assert (_vids(delta), delta.startDate <= delta.endDate) == ([], True)

    def test_only_what_changed_since_comes_again(self, client: Client, sandbox: Sandbox) -> None:
        first, second = _sold(client), _sold(client)
        assert set(_vids(_delta(client))) == {first, second}
        sales.cancelled(client, client("Transaction").fetchByVid(vid=second))
        delta = _delta(client)
        assert _vids(delta) == [second]
        assert shop.log(delta.transactions[0]) == ["Cancelled", "Authorized", "New"]

    def test_the_end_of_a_batch_is_the_start_of_the_next(self, client: Client, sandbox: Sandbox) -> None:
        _sold(client)
        first = _delta(client)
        sandbox.set_clock("2024-04-16T12:00:00")
        _sold(client)
        assert _delta(client).startDate == first.endDate

    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    def test_batches_give_everything_once(self, client: Client, sandbox: Sandbox, size: int) -> None:
        sold = []
        for day in range(16, 20):
            sandbox.set_clock(f"2024-04-{day}T12:00:00")
            sold += [_sold(client), _sold(client)]
        batches = list(_batches(client, size))
        given = [vid for batch in batches for vid in batch]
        assert sorted(given) == sorted(sold)
        assert max(map(len, batches)) == min(size, len(sold))

    def test_a_change_that_is_logged_at_an_earlier_moment_than_was_read_is_not_missed(
        self, client: Client, sandbox: Sandbox
    ) -> None:
        """Two calls at one moment of the merchant's clock: the second is not before what was read."""
        first = _sold(client)
        assert _vids(_delta(client)) == [first]
        second = _sold(client)
        assert _vids(_delta(client)) == [second]
        assert _vids(_delta(client)) == []

    def test_it_needs_a_size(self, wire: Wire) -> None:
        reply = wire.call("Transaction", "fetchDelta", "<pageSize>-1</pageSize>")
        assert (reply.code, reply.text) == (400, 'pageSize "-1" must be greater than 0.')

    def test_what_is_shown_may_be_narrowed(self, client: Client) -> None:
        sold = _sold(client)
        answer = client("Transaction").fetchDelta(srd='{"transactions": {"amount": ""}}', pageSize=5)
        (shown,) = answer.transactions
        assert (shown.VID, shown.amount, shown.statusLog) == (sold, 20, [])

    def test_bills_of_autobills_are_told_as_well(self, client: Client) -> None:
        bill = shop.transactions(client, shop.subscribe(client).autobill)[0].VID
        assert _vids(_delta(client)) == [bill]
