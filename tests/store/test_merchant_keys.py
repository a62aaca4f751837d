"""Keys that programs come with: kept so that nobody who reads the database has one (dialects, common rules)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import inspect, select

from cashbox_service.app.operating import merchant_keys
from cashbox_service.app.operating.merchant_keys import KeyNotFound, KeyPurpose, NewKey
from cashbox_service.app.operating.merchants import MerchantNotFound
from cashbox_service.crypto import BrokenSeal, Vault, new_key
from cashbox_service.store.engine import Database
from cashbox_service.store.entities import MerchantKey
from tests.store.conftest import NOW

VAULT = Vault(new_key())
DIALECTS = sorted(set(KeyPurpose) - {KeyPurpose.PUSH})

Add = Callable[[str, KeyPurpose], NewKey]


@pytest.fixture
def add(database: Database) -> Add:
    return lambda vid, purpose: merchant_keys.add(database, VAULT, vid, purpose, NOW)


@pytest.fixture
def vid(new_merchant: Callable[[], str]) -> str:
    return new_merchant()


def _stored(database: Database, vid: str) -> list[MerchantKey]:
    with database.session() as session:
        return list(session.scalars(select(MerchantKey).where(MerchantKey.merchant_vid == vid)))


@pytest.mark.parametrize("purpose", DIALECTS)
def test_a_key_leads_to_its_merchant_in_its_dialect_alone(
    database: Database, add: Add, vid: str, purpose: KeyPurpose
) -> None:
    made = add(vid, purpose)
    for asked in KeyPurpose:
        found = merchant_keys.find(database, VAULT, asked, made.key)
        assert (found.merchant_vid if found else None) == (vid if asked is purpose else None)
    assert merchant_keys.find(database, VAULT, purpose, made.key + "x") is None
    assert merchant_keys.find(database, VAULT, purpose, made.id) is None


def test_only_what_signs_can_be_read_again(database: Database, add: Add, vid: str) -> None:
    for purpose in DIALECTS:
        made = add(vid, purpose)
        found = merchant_keys.find(database, VAULT, purpose, made.key)
        assert found is not None
        assert found.secret == made.secret
        assert (made.secret is not None) == (purpose is KeyPurpose.CHECKOUT)


def test_the_database_holds_neither_keys_nor_secrets(database: Database, add: Add, vid: str) -> None:
    secrets = [
        text for purpose in KeyPurpose for made in [add(vid, purpose)] for text in (made.key, made.secret)
    ]
    held = [
        str(getattr(row, column.key))
        for row in _stored(database, vid)
        for column in inspect(MerchantKey).columns
    ]
    assert len(held) == len(KeyPurpose) * len(inspect(MerchantKey).columns)
    assert [secret for secret in secrets if secret and any(secret in text for text in held)] == []


def test_no_repr_shows_a_key_or_a_secret(database: Database, add: Add, vid: str) -> None:
    made = add(vid, KeyPurpose.CHECKOUT)
    found = merchant_keys.find(database, VAULT, KeyPurpose.CHECKOUT, made.key)
    assert made.secret is not None
    assert made.key not in repr(made)
    assert made.secret not in repr(made) + repr(found)


def test_a_secret_of_one_merchant_does_not_open_for_another(
    database: Database, add: Add, new_merchant: Callable[[], str]
) -> None:
    made, thief = add(new_merchant(), KeyPurpose.CHECKOUT), new_merchant()
    session = database.session()
    with database.write_turn(session):
        row = session.scalars(select(MerchantKey).where(MerchantKey.digest.startswith(made.id))).one()
        row.merchant_vid = thief
        session.commit()
    session.close()
    with pytest.raises(BrokenSeal):
        merchant_keys.find(database, VAULT, KeyPurpose.CHECKOUT, made.key)


def test_a_merchant_may_have_several_keys_of_a_dialect(database: Database, add: Add, vid: str) -> None:
    made = [add(vid, KeyPurpose.MAKE_PAYMENT) for _ in range(3)]
    assert len({each.key for each in made}) == 3
    assert all(merchant_keys.find(database, VAULT, KeyPurpose.MAKE_PAYMENT, each.key) for each in made)


def test_push_messages_are_signed_with_the_newest_key_of_forty_characters(
    database: Database, add: Add, new_merchant: Callable[[], str]
) -> None:
    vid, other = new_merchant(), new_merchant()
    assert merchant_keys.push_key(database, VAULT, vid) is None
    others = add(other, KeyPurpose.PUSH)
    first, second = add(vid, KeyPurpose.PUSH), add(vid, KeyPurpose.PUSH)
    assert merchant_keys.push_key(database, VAULT, vid) == second.key
    assert merchant_keys.push_key(database, VAULT, other) == others.key
    assert len(second.key) == 40
    assert second.secret is None
    assert first.id not in [key.id for key in merchant_keys.listed(database, vid)]


def test_keys_are_listed_from_the_oldest_on(database: Database, vid: str) -> None:
    made = [
        merchant_keys.add(database, VAULT, vid, purpose, NOW + timedelta(days=day))
        for day, purpose in ((2, KeyPurpose.PUSH), (1, KeyPurpose.CHECKOUT))
    ]
    listed = merchant_keys.listed(database, vid)
    assert [key.id for key in listed] == [made[1].id, made[0].id]
    assert [key.purpose for key in listed] == [KeyPurpose.CHECKOUT, KeyPurpose.PUSH]
    assert listed[0].created_at == NOW + timedelta(days=1)


def test_a_removed_key_opens_nothing_and_the_others_stay(database: Database, add: Add, vid: str) -> None:
    gone, kept = add(vid, KeyPurpose.CHECKOUT), add(vid, KeyPurpose.CHECKOUT)
    merchant_keys.remove(database, vid, gone.id)
    assert merchant_keys.find(database, VAULT, KeyPurpose.CHECKOUT, gone.key) is None
    assert merchant_keys.find(database, VAULT, KeyPurpose.CHECKOUT, kept.key) is not None
    with pytest.raises(KeyNotFound, match=f'No match found for key "{gone.id}"'):
        merchant_keys.remove(database, vid, gone.id)


def test_nobody_removes_or_lists_the_keys_of_others(
    database: Database, add: Add, new_merchant: Callable[[], str]
) -> None:
    made, other = add(new_merchant(), KeyPurpose.CHECKOUT), new_merchant()
    with pytest.raises(KeyNotFound):
        merchant_keys.remove(database, other, made.id)
    assert merchant_keys.listed(database, other) == []


def test_keys_belong_to_merchants_that_exist(add: Add) -> None:
    with pytest.raises(MerchantNotFound):
        add("0" * 40, KeyPurpose.CHECKOUT)
