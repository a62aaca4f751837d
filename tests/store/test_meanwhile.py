"""What is done while a transaction is committed: beside one that the ORM has no part in, if it comes to that."""

from __future__ import annotations

import pytest

from cashbox_service.store.engine import Database
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.store.test_unit_of_work import account


def test_a_job_is_done_beside_the_commit_of_a_direct_transaction(work: UnitOfWork) -> None:
    done: list[bool] = []
    with work.writing(batched=True):
        work.accounts.add(account("beside"))
        work.meanwhile(lambda: done.append(work.is_writing))
        assert done == []
    assert done == [True]
    assert work.accounts.by_merchant_id("beside") is not None


def test_it_is_left_to_whoever_needs_it_where_the_orm_takes_part(work: UnitOfWork) -> None:
    done: list[bool] = []
    with work.writing():
        work.accounts.add(account("by the ORM"))
        work.meanwhile(lambda: done.append(True))
    assert done == []
    assert work.accounts.by_merchant_id("by the ORM") is not None


def test_nothing_is_done_beside_a_change_that_is_refused(work: UnitOfWork) -> None:
    done: list[bool] = []

    def change() -> None:
        with work.writing(batched=True):
            work.accounts.add(account("refused"))
            work.meanwhile(lambda: done.append(True))
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        change()
    with work.writing(batched=True):  # and what was asked for there is not done beside the next one
        work.accounts.add(account("next"))
    assert done == []


def test_a_commit_that_fails_is_an_error_whatever_was_done_beside_it(
    database: Database, work: UnitOfWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[bool] = []

    def fail(_connection: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(database.engine.dialect, "do_commit", fail)

    def change() -> None:
        with work.writing(batched=True):
            work.accounts.add(account("lost"))
            work.meanwhile(lambda: done.append(True))

    with pytest.raises(RuntimeError, match="the disk is full"):
        change()
    monkeypatch.undo()
    assert done == [True]
    assert work.accounts.by_merchant_id("lost") is None
    with work.writing(batched=True):
        work.accounts.add(account("lost"))
    assert work.accounts.by_merchant_id("lost") is not None
