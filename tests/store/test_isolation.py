"""No repository query reads or writes rows of another merchant."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy import inspect as describe
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter

from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Account, Base
from cashbox_service.store.repositories.base import Repository
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.store.conftest import NOW

REPOSITORIES = (
    "accounts", "payment_methods", "catalog", "autobills", "invoices", "transactions", "deltas",
    "credits", "refunds", "chargebacks", "entitlements", "ledger", "events", "payments", "taxes", "risk",
    "naming", "merges", "request_keys", "activities", "gift_cards", "web_sessions", "usage", "autobill_history",
    "campaigns", "push", "statement_templates", "mails",
)  # fmt: skip


def queries(repository: Repository) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods of a repository that read."""
    for name, method in inspect.getmembers(repository, inspect.ismethod):
        if (
            not name.startswith(("_", "add", "changed", "record", "enqueue", "mention", "register", "remove"))
            and name != "related"
        ):
            yield name, method


def argument(parameter: inspect.Parameter) -> Any:
    """A value that fits a parameter, by its annotation."""
    text = str(parameter.annotation)
    for prefix, value in (
        ("str", "f" * 40), ("int", 1), ("bool", True), ("datetime", datetime(2100, 1, 1, tzinfo=UTC)),
        ("date", date(2100, 1, 1)), ("Iterable", ["f" * 40]), ("Sequence", ["f" * 40]), ("Decimal", Decimal(1)),
    ):  # fmt: skip
        if text.startswith(prefix):
            return value
    if text.startswith("Account"):
        return Account(vid="f" * 40, merchant_account_id="x", created_at=NOW, modified_at=NOW)
    raise TypeError(f"no example for {parameter}")


@pytest.mark.parametrize("name", REPOSITORIES)
def test_every_query_names_its_merchant(database: Database, work: UnitOfWork, name: str) -> None:
    asked: list[tuple[Any, dict[str, Any]]] = []
    repository = getattr(work, name)

    def watch(_connection: Any, statement: Any, _many: Any, parameters: Any, _options: Any) -> None:
        asked.append((statement, dict(parameters or {})))

    event.listen(database.engine, "before_execute", watch)
    try:
        for method_name, method in queries(repository):
            before = len(asked)
            parameters = inspect.signature(method).parameters.values()
            method(**{p.name: argument(p) for p in parameters if p.default is p.empty})
            for statement, values in asked[before:]:
                assert work.merchant_vid in named_merchants(statement, values), (method_name, str(statement))
    finally:
        event.remove(database.engine, "before_execute", watch)


def named_merchants(statement: Any, values: dict[str, Any]) -> list[Any]:
    """What the statement compares merchant_vid columns with."""
    compared = [
        element
        for clause in visitors.iterate(statement)
        if isinstance(clause, BinaryExpression) and getattr(clause.left, "name", "") == "merchant_vid"
        for element in visitors.iterate(clause.right)
        if isinstance(element, BindParameter)
    ]
    return [values.get(element.key, element.value) for element in compared]


def test_every_table_but_the_merchants_own_belongs_to_a_merchant() -> None:
    shared = {"merchants"}
    for mapper in Base.registry.mappers:
        table = describe(mapper.class_).local_table
        if table.name not in shared:
            assert "merchant_vid" in table.c, table.name


def test_another_merchants_account_cannot_be_found(
    database: Database, work: UnitOfWork, new_merchant: Callable[[], str]
) -> None:
    with work.writing():
        stored = work.accounts.add(
            Account(
                vid="a" * 8 + work.merchant_vid[8:],
                merchant_account_id="c-1",
                created_at=NOW,
                modified_at=NOW,
                email_address="a@example.com",
                email_key="a@example.com",
            )
        )
    with UnitOfWork(database, new_merchant()) as other:
        assert other.accounts.by_vid(stored.vid) is None
        assert other.accounts.by_merchant_id("c-1") is None
        assert not other.accounts.by_email("A@example.com")
        assert not other.accounts.created_between(NOW - timedelta(1), NOW + timedelta(1), 0, 10)
        with other.writing():
            assert other.accounts.lock(stored.vid) is None
