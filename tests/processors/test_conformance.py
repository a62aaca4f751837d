"""Both processors of the package pass the suite that every processor has to pass, on every kind of journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.journal import Journal, MemoryJournal
from cashbox_service.processors.merchant_accepted import MerchantAcceptedProcessor
from cashbox_service.processors.protocol import CardDetails, Instrument, Processor, WalletDetails
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.store.engine import Database
from cashbox_service.store.journal import DatabaseJournal
from cashbox_service.store.schema import upgrade
from tests.processors.conformance import DecliningConformance, ProcessorConformance


@pytest.fixture
def journal() -> Journal:
    return MemoryJournal()


class TestSandbox(DecliningConformance):
    @pytest.fixture
    def processor(self, journal: Journal) -> Processor:
        return SandboxProcessor(journal)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal) -> Processor:
        return SandboxProcessor(journal)

    def declined_instrument(self) -> Instrument:
        return CardDetails(Secret("4555555555555550"), "203012")


class TestSandboxOnDatabase(DecliningConformance):
    """A restart is a new connection to the same file."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/journal.db"

    @pytest.fixture
    def processor(self, url: str) -> Iterator[Processor]:
        database = Database(url)
        upgrade(database)
        yield SandboxProcessor(DatabaseJournal(database))
        database.close()

    @pytest.fixture
    def restarted(self, processor: Processor, url: str) -> Iterator[Processor]:
        database = Database(url)
        yield SandboxProcessor(DatabaseJournal(database))
        database.close()

    def declined_instrument(self) -> Instrument:
        return CardDetails(Secret("4555555555555550"), "203012")


class TestMerchantAccepted(ProcessorConformance):
    @pytest.fixture
    def processor(self, journal: Journal) -> Processor:
        return MerchantAcceptedProcessor(journal)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal) -> Processor:
        return MerchantAcceptedProcessor(journal)

    def instrument(self) -> Instrument:
        return WalletDetails("MerchantAcceptedPayment")
