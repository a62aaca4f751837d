"""A merge of accounts leaves out no table (account §8)."""

from __future__ import annotations

from sqlalchemy import inspect

from cashbox_service.store.entities import Base, Entitlement, PaymentMethod, TokenBalance, WebSession
from cashbox_service.store.repositories.merges import MOVED

CHANGED_OTHERWISE = {PaymentMethod, Entitlement, TokenBalance}
STAY = {WebSession}
"""A hosted session tells of the account that it made or changed, whatever became of it."""


def test_every_table_with_an_account_is_moved_or_known_to_stay() -> None:
    of_accounts = {
        mapper.class_ for mapper in Base.registry.mappers if "account_vid" in inspect(mapper.class_).columns
    }
    assert of_accounts == {*MOVED, *CHANGED_OTHERWISE, *STAY}
