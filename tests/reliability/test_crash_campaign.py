"""Codes through crashes: what was redeemed is what was sold (campaign §3.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from cashbox_service.faults import FaultPoint
from tests.conftest import Client
from tests.reliability.conftest import Crashing, Settle
from tests.services import campaigns, sales, shop
from tests.services.sandbox import Sandbox

Check = Callable[[], None]


@pytest.fixture(autouse=True)
def _audited(sandbox: Sandbox, books_are_right: Check) -> Any:
    sandbox.set_clock("2024-01-15T12:00:00")
    yield
    books_are_right()


@pytest.mark.parametrize(
    ("point", "left_open", "settled"),
    [
        (FaultPoint.INTENT_COMMITTED, "Redeemed", "Activated"),
        (FaultPoint.PROCESSOR_ANSWERED, "Redeemed", "Redeemed"),
        (FaultPoint.OUTCOME_WRITTEN, "Redeemed", "Redeemed"),
        (FaultPoint.OUTCOME_COMMITTED, "Redeemed", "Redeemed"),
    ],
)
def test_a_coupon_is_used_up_when_the_sale_was_made(
    client: Client,
    crashing: Crashing,
    books_are_right: Check,
    settle: Settle,
    point: FaultPoint,
    left_open: str,
    settled: str,
) -> None:
    coupons, (code,) = campaigns.coupons(client)
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        sales.sell(doomed, sales.order(), campaignCode=code)

    assert campaigns.codes(client, coupons)[0].state == left_open
    books_are_right()
    settle()
    assert campaigns.codes(client, coupons)[0].state == settled


@pytest.mark.parametrize(
    ("point", "state"),
    [
        (FaultPoint.OUTCOME_WRITTEN, "Activated"),
        (FaultPoint.OUTCOME_COMMITTED, "Redeemed"),
    ],
)
def test_a_coupon_is_used_up_when_the_subscription_is_there(
    client: Client, crashing: Crashing, settle: Settle, point: FaultPoint, state: str
) -> None:
    coupons, (code,) = campaigns.coupons(client)
    order = shop.order(client, shop.card())
    with crashing(point) as doomed, pytest.raises(requests.ConnectionError):
        shop.update(doomed, order, campaignCode=code)
    settle()
    assert campaigns.codes(client, coupons)[0].state == state
    again = shop.update(client, order, expecting=None, campaignCode=code)
    assert again["return"].returnCode == (200 if state == "Activated" else 400)
    assert campaigns.codes(client, coupons)[0].state == "Redeemed"
