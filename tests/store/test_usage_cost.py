"""What usage costs to read does not grow with what was billed before: totals and pages come from indexes alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from cashbox_service.store.engine import Database
from cashbox_service.store.repositories.usage import ItemKey, UsageFilter, UsageRepository
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.store.plans import plan_of

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
Read = Callable[[UsageRepository], Any]


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        (
            lambda usage: usage.unbilled(["i"], UsageFilter(until=NOON)),
            "COVERING INDEX ix_rated_events_unbilled_of_item (merchant_vid=? AND autobill_item_vid=? AND event_at<?)",
        ),
        (lambda usage: usage.unbilled(["i"]), "COVERING INDEX ix_rated_events_unbilled_of_item"),
        (lambda usage: usage.page(0, 50), "ix_rated_events_merchant_vid_event_at_vid (merchant_vid=?)"),
        (lambda usage: usage.page(0, 50, unbilled=True), "ix_rated_events_unbilled (merchant_vid=?)"),
        (
            lambda usage: usage.page(0, 50, UsageFilter(autobill_vid="a", since=NOON)),
            "ix_rated_events_merchant_vid_autobill_vid_event_at_vid (merchant_vid=? AND autobill_vid=? AND event_at>?)",
        ),
        (
            lambda usage: usage.page(0, 50, UsageFilter(account_vid="a")),
            "ix_rated_events_merchant_vid_account_vid_event_at_vid (merchant_vid=? AND account_vid=?)",
        ),
        (lambda usage: usage.by_merchant_id("e"), "(merchant_vid=? AND merchant_event_id=?)"),
        (
            lambda usage: usage.recorded_for("r"),
            "ix_rated_events_merchant_vid_rate_plan_vid_event_at_vid (merchant_vid=? AND rate_plan_vid=?)",
        ),
        (
            lambda usage: usage.items_of(2, ItemKey(merchant_autobill_item_id="i")),
            "SEARCH autobill_items USING INDEX ix_autobill_items_merchant_vid_merchant_autobill_item_id",
        ),
        (
            lambda usage: usage.items_of(2, ItemKey(merchant_autobill_id="b")),
            "SEARCH autobills USING INDEX sqlite_autoindex_autobills_2 (merchant_vid=? AND merchant_autobill_id=?)",
        ),
    ],
)
def test_it_is_read_by_an_index(database: Database, work: UnitOfWork, read: Read, expected: str) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics: on an empty table it reads everything")
    plan = plan_of(database, work, lambda work: read(work.usage))
    assert expected in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
    assert "SCAN rated_events" not in plan


def test_totals_are_exact_beyond_64_bits_of_millionths(database: Database, work: UnitOfWork) -> None:
    statement = text("SELECT sum(v / 1000000), sum(v % 1000000) FROM (SELECT 999999999999999 AS v) AS big")
    with database.engine.connect() as connection:
        whole, parts = connection.execute(statement).one()
    assert (int(whole), int(parts)) == (999999999, 999999)
