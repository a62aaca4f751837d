"""A unit of work commits as a whole or not at all, and notices when someone else was first."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from cashbox_service.domain.errors import ConcurrentChange
from cashbox_service.ids import new_vid
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Account
from cashbox_service.store.numbers import BLOCK_SIZE, NumberSeries
from cashbox_service.store.unit_of_work import UnitOfWork
from tests.store.conftest import NOW


def account(merchant_account_id: str) -> Account:
    return Account(vid=new_vid(), merchant_account_id=merchant_account_id, created_at=NOW, modified_at=NOW)


def test_a_change_is_seen_by_others_once_it_is_committed(database: Database, work: UnitOfWork) -> None:
    with work.writing():
        work.accounts.add(account("c-1"))
    with UnitOfWork(database, work.merchant_vid) as other:
        found = other.accounts.by_merchant_id("c-1")
        assert found is not None
        assert found.created_at == NOW


def test_nothing_is_stored_when_the_block_raises(database: Database, work: UnitOfWork) -> None:
    def change() -> None:
        with work.writing():
            work.accounts.add(account("c-2"))
            work.flush()
            raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        change()
    with UnitOfWork(database, work.merchant_vid) as other:
        assert other.accounts.by_merchant_id("c-2") is None


def test_the_unit_can_be_used_after_a_refused_change(work: UnitOfWork) -> None:
    def change() -> None:
        with work.writing():
            work.accounts.add(account("twice"))
            work.accounts.add(account("twice"))

    with pytest.raises(ConcurrentChange):
        change()
    with work.writing():
        work.accounts.add(account("once"))
    assert work.accounts.by_merchant_id("once") is not None
    assert work.accounts.by_merchant_id("twice") is None


def test_an_entity_changed_by_someone_else_in_between_is_not_overwritten(
    database: Database, work: UnitOfWork
) -> None:
    with work.writing():
        mine = work.accounts.add(account("c-3"))
    with UnitOfWork(database, work.merchant_vid) as other, other.writing():
        theirs = other.accounts.by_merchant_id("c-3")
        assert theirs is not None
        theirs.name = "theirs"
    with pytest.raises(ConcurrentChange), work.writing():
        mine.name = "mine"
    with UnitOfWork(database, work.merchant_vid) as other:
        kept = other.accounts.by_merchant_id("c-3")
        assert kept is not None
        assert kept.name == "theirs"


def test_locked_accounts_are_changed_one_after_the_other(database: Database, work: UnitOfWork) -> None:
    with work.writing():
        stored = work.accounts.add(account("c-4"))
        stored.company = ""

    def append(letter: str) -> None:
        with UnitOfWork(database, work.merchant_vid) as mine, mine.writing():
            locked = mine.accounts.lock(stored.vid)
            assert locked is not None
            locked.company = (locked.company or "") + letter

    threads = [threading.Thread(target=append, args=(letter,)) for letter in "abcdefgh"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with UnitOfWork(database, work.merchant_vid) as other:
        found = other.accounts.by_vid(stored.vid)
        assert found is not None
        assert sorted(found.company or "") == list("abcdefgh")


def test_of_two_that_wait_for_each_other_one_starts_over(database: Database, work: UnitOfWork) -> None:
    if database.is_sqlite:
        pytest.skip("writers take turns on SQLite: nobody can wait in a circle")
    with work.writing():
        stored = [work.accounts.add(account(f"circle-{number}")) for number in range(2)]
    both_hold_one = threading.Barrier(2)
    ended: list[str] = []

    def lock_both(first: str, second: str) -> None:
        with UnitOfWork(database, work.merchant_vid) as mine:
            try:
                with mine.writing():
                    mine.accounts.lock(first)
                    both_hold_one.wait()
                    mine.accounts.lock(second)
                ended.append("stored")
            except ConcurrentChange:
                ended.append("refused")

    vids = [one.vid for one in stored]
    threads = [threading.Thread(target=lock_both, args=order) for order in (vids, vids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == ["refused", "stored"]


def test_what_the_driver_itself_reports_of_another_call_is_a_concurrent_change(
    database: Database, work: UnitOfWork
) -> None:
    """Statements that were compiled once go to the driver, past the layers that give its errors their names."""
    driver = database.engine.dialect.loaded_dbapi
    if database.is_sqlite:
        first = driver.IntegrityError("UNIQUE constraint failed: accounts.vid")
    else:
        first = driver.errors.DeadlockDetected()
    with pytest.raises(ConcurrentChange), work.writing(batched=True):
        raise first


def test_a_write_inside_a_write_is_a_programming_error(work: UnitOfWork) -> None:
    with work.writing(), pytest.raises(RuntimeError, match="one transaction at a time"), work.writing():
        pass


def test_no_number_is_given_twice_by_processes_that_share_a_database(
    database: Database, new_merchant: Callable[[], str]
) -> None:
    merchant_vid = new_merchant()
    processes = [NumberSeries(database) for _ in range(3)]
    given = []
    for _ in range(BLOCK_SIZE + 5):
        for series in processes:
            series.top_up(merchant_vid)
            given.append(series.next(merchant_vid))
    assert len(set(given)) == len(given)


def test_numbers_of_two_merchants_are_counted_apart(
    database: Database, new_merchant: Callable[[], str]
) -> None:
    series = NumberSeries(database)
    for merchant_vid in (new_merchant(), new_merchant()):
        series.top_up(merchant_vid)
        assert series.next(merchant_vid) == 1
