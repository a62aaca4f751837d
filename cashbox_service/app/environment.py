"""The running service: database, vault, processors, clock, and who may come in."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.operating import merchants
from cashbox_service.app.pushing.contents import Contents
from cashbox_service.app.taxes.taxing import TableEngine, TaxEngine
from cashbox_service.clock import Clock, SystemClock
from cashbox_service.crypto import FailedLogins, Vault, VerifiedPasswords
from cashbox_service.faults import Faults
from cashbox_service.processors.gift_cards import GiftCardProviders
from cashbox_service.processors.registry import ProcessorRegistry
from cashbox_service.settings import Settings
from cashbox_service.store.engine import Database
from cashbox_service.store.numbers import NumberSeries
from cashbox_service.store.registry import LoginRecord
from cashbox_service.store.repositories.events import Heard
from cashbox_service.store.unit_of_work import UnitOfWork

Listener = Callable[[UnitOfWork, ZoneInfo, Sequence[Heard]], None]
"""Hears what happened in a transaction once it is committed; it may read, and writes nothing."""


class Environment:
    """Everything the use cases need from the process they run in."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        vault: Vault,
        processors: ProcessorRegistry,
        clock: Clock | None = None,
        gift_cards: GiftCardProviders | None = None,
        contents: Contents | None = None,
    ) -> None:
        self.settings = settings
        self.database = database
        self.vault = vault
        self.clock: Clock = clock or SystemClock()
        self.numbers = NumberSeries(database)
        self.verified = VerifiedPasswords()
        self.failed_logins = FailedLogins()
        self.processors = processors
        self.gift_cards = gift_cards or GiftCardProviders()
        self.tax_engine: TaxEngine = TableEngine()
        self.faults = Faults(settings.fault_point)
        self.contents = contents
        self.listener: Listener | None = None

    def heard_by(self, listener: Listener) -> Environment:
        """The same environment, in which somebody hears what happens."""
        listened = copy.copy(self)
        listened.listener = listener
        return listened

    def now(self, merchant: MerchantContext) -> datetime:
        """The merchant's time: real time, unless its test clock was moved."""
        return self.clock.now() + timedelta(microseconds=merchant.clock_offset_microseconds)

    def authenticate(self, login: str, password: str, source_ip: str) -> MerchantContext | None:
        """The merchant behind a log-in, None when it may not come in.

        Settings and the test clock are read anew on every call; only the password check is remembered for a while,
        since it is slow by design. Repeated failures from one address are refused without a check.
        """
        record = merchants.find(self.database, login)
        if record is not None and self.verified.contains(login, password, record.password_hash):
            return _context(record)
        if self.failed_logins.blocked(login, source_ip):
            return None
        # Checked for an unknown log-in too: the time of a refusal does not tell which log-ins there are.
        right = self.verified.verify(login, password, None if record is None else record.password_hash)
        if record is None or not right:
            self.failed_logins.note(login, source_ip)
            return None
        return _context(record)

    def merchant(self, login: str) -> MerchantContext:
        """The merchant behind a log-in, for commands that need no password. Raises MerchantNotFound."""
        return _context(merchants.required(self.database, login))

    def merchant_of(self, merchant_vid: str) -> MerchantContext | None:
        """The merchant as it is stored now, for programs that came in by a key."""
        record = merchants.find_by_vid(self.database, merchant_vid)
        return None if record is None else _context(record)

    def merchants(self) -> list[MerchantContext]:
        """Every merchant once, by its first log-in."""
        by_vid: dict[str, MerchantContext] = {}
        for record in merchants.logins(self.database):
            by_vid.setdefault(record.merchant_vid, _context(record))
        return list(by_vid.values())

    def open(self, merchant: MerchantContext) -> Work:
        """The work of one call for the merchant; close it at the end."""
        return Work(self, merchant)

    def close(self) -> None:
        self.database.close()


def _context(record: LoginRecord) -> MerchantContext:
    return MerchantContext(
        vid=record.merchant_vid,
        login=record.login,
        name=record.merchant_name,
        settings=record.settings,
        clock_offset_microseconds=record.clock_offset_microseconds,
        tax_revision=record.tax_revision,
        push_classes=record.push_classes,
    )
