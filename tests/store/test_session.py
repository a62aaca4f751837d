"""A session whose transaction begins on the driver's connection: the ORM takes it over, and nothing stays behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from cashbox_service.ids import new_vid
from cashbox_service.store.direct import Batch
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import Merchant
from cashbox_service.store.session import CallSession
from tests.store.conftest import NOW


@pytest.fixture
def session(database: Database) -> Iterator[CallSession]:
    pool = cast("QueuePool", database.engine.pool)
    taken = pool.checkedout() - database.connections.resting
    with database.session() as made:
        yield made
    assert pool.checkedout() - database.connections.resting == taken


def merchant(name: str) -> Merchant:
    return Merchant(vid=new_vid(), name=name, created_at=NOW, settings={}, clock_offset_microseconds=0)


def written(session: CallSession, name: str) -> str:
    """Written past the ORM."""
    batch, made = Batch(), merchant(name)
    batch.add(made)
    batch.write(session.direct())
    return made.vid


def name_of(session: CallSession, vid: str) -> Any:
    """Read by the ORM."""
    return session.scalar(select(Merchant.name).where(Merchant.vid == vid))


def seen_by_others(database: Database, vid: str) -> bool:
    with database.session() as other:
        return name_of(other, vid) is not None


def test_what_was_written_directly_stands_after_the_commit_alone(
    database: Database, session: CallSession
) -> None:
    with database.write_turn(session):
        vid = written(session, "direct")
        assert session.in_transaction()
        if not database.is_sqlite:  # there a reader sees nothing of it, but takes its own turn in the file
            assert not seen_by_others(database, vid)
        session.commit()
    assert not session.in_transaction()
    assert seen_by_others(database, vid)


def test_the_orm_takes_part_in_a_transaction_that_was_begun_directly(
    database: Database, session: CallSession
) -> None:
    with database.write_turn(session):
        first = written(session, "before")
        assert name_of(session, first) == "before"
        added = merchant("by the ORM")
        session.add(added)
        session.flush()
        last = written(session, "behind")
        assert name_of(session, last) == "behind"
        session.commit()
    assert all(seen_by_others(database, vid) for vid in (first, added.vid, last))


def test_an_object_added_to_a_direct_transaction_is_written_by_its_commit(
    database: Database, session: CallSession
) -> None:
    added = merchant("added")
    with database.write_turn(session):
        first = written(session, "direct")
        session.add(added)
        session.commit()
    assert seen_by_others(database, first)
    assert seen_by_others(database, added.vid)


@pytest.mark.parametrize("taken_over", [False, True])
@pytest.mark.parametrize("ending", ["rollback", "close"])
def test_nothing_stands_without_a_commit(
    database: Database, session: CallSession, taken_over: bool, ending: str
) -> None:
    with database.write_turn(session):
        vid = written(session, "given up")
        if taken_over:
            assert name_of(session, vid) == "given up"
        getattr(session, ending)()
    assert not session.in_transaction()
    assert not seen_by_others(database, vid)
    with database.write_turn(session):  # and the next transaction begins anew
        other = written(session, "once more")
        session.commit()
    assert seen_by_others(database, other)


def test_reads_between_transactions_leave_none_open(database: Database, session: CallSession) -> None:
    def directly() -> None:
        session.direct().cursor().execute("SELECT 1")

    def by_the_orm() -> None:
        assert name_of(session, "nobody") is None

    for read in (directly, by_the_orm):
        read()
        session.rollback()
        with database.write_turn(session):
            vid = written(session, "later")
            session.commit()
        read()
        assert name_of(session, vid) == "later"
        session.rollback()


def test_the_same_connection_serves_reads_after_a_direct_commit(
    database: Database, session: CallSession
) -> None:
    with database.write_turn(session):
        vid = written(session, "kept")
        raw = session.direct().raw
        session.commit()
    assert session.direct().raw is raw
    assert name_of(session, vid) == "kept"


def test_a_database_that_is_away_is_an_error_of_the_toolkit() -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    with away.session() as session, pytest.raises(OperationalError), away.write_turn(session):
        pass
    away.close()


def test_a_connection_that_could_not_be_rolled_back_is_given_to_nobody(
    database: Database, session: CallSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError("the disk is gone")

    with database.write_turn(session):
        vid = written(session, "left open")
        monkeypatch.setattr(database.engine.dialect, "do_rollback", fail)
        with pytest.raises(RuntimeError, match="the disk is gone"):
            session.rollback()
        monkeypatch.undo()
    assert not seen_by_others(database, vid)
    with database.write_turn(session):  # on another connection, whose transaction begins anew
        other = written(session, "after it")
        session.commit()
    assert seen_by_others(database, other)
