"""Both processors of the package pass the suite that every processor has to pass, on every kind of journal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cashbox_service.conformance.suite import (
    DecliningConformance,
    Means,
    ProcessorConformance,
    Silence,
    SilenceConformance,
)
from cashbox_service.domain.instruments import Secret
from cashbox_service.processors.journal import Journal
from cashbox_service.processors.merchant_accepted import MerchantAcceptedProcessor
from cashbox_service.processors.protocol import CardDetails, Processor, WalletDetails
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.script import MemoryScript, ScriptedOutcome, TimeOut
from cashbox_service.store.engine import Database
from cashbox_service.store.journal import DatabaseJournal
from cashbox_service.store.schema import upgrade

ROOT = Path(__file__).parents[2]
REFUSED = Means(CardDetails(Secret("4555555555555550"), "203812"))
SHOP = "m" * 40


class TestSandbox(DecliningConformance, SilenceConformance):
    @pytest.fixture
    def script(self) -> MemoryScript:
        return MemoryScript()

    @pytest.fixture
    def processor(self, journal: Journal, script: MemoryScript) -> Processor:
        return SandboxProcessor(journal, script)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal) -> Processor:
        return SandboxProcessor(journal)

    @pytest.fixture
    def declined(self) -> Means:
        return REFUSED

    @pytest.fixture
    def silence(self, script: MemoryScript, lost: str) -> Silence:
        @contextmanager
        def one_request() -> Iterator[None]:
            operations = ("validate", "authorize", "capture", "void", "refund")
            script.put(SHOP, [ScriptedOutcome(one, time_out=TimeOut(lost)) for one in operations])
            yield
            script.put(SHOP, [])

        return one_request


class TestSandboxOnDatabase(DecliningConformance):
    """A restart is a new connection to the same file."""

    @pytest.fixture
    def url(self, tmp_path: Path) -> str:
        return f"sqlite:///{tmp_path}/journal.db"

    @pytest.fixture
    def journal(self, url: str) -> Iterator[Journal]:
        database = Database(url)
        upgrade(database)
        yield DatabaseJournal(database)
        database.close()

    @pytest.fixture
    def processor(self, journal: Journal) -> Processor:
        return SandboxProcessor(journal)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal, url: str) -> Iterator[Processor]:
        database = Database(url)
        yield SandboxProcessor(DatabaseJournal(database))
        database.close()

    @pytest.fixture
    def declined(self) -> Means:
        return REFUSED


class TestMerchantAccepted(ProcessorConformance):
    @pytest.fixture
    def processor(self, journal: Journal) -> Processor:
        return MerchantAcceptedProcessor(journal)

    @pytest.fixture
    def restarted(self, processor: Processor, journal: Journal) -> Processor:
        return MerchantAcceptedProcessor(journal)

    @pytest.fixture
    def approved(self) -> Means:
        return Means(WalletDetails("MerchantAcceptedPayment"))


def by_command_line(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The suite as somebody runs it who wrote a processor."""
    suite = [
        "-p",
        "cashbox_service.conformance.plugin",
        "--pyargs",
        "cashbox_service.conformance.test_given_processor",
    ]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "pytest_timeout", *suite, *arguments]
    # Plugins that happen to be installed here take longer to load than the suite takes.
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


SANDBOX = "cashbox_service.processors.sandbox:create"


def test_a_processor_can_be_named_on_the_command_line_of_pytest() -> None:
    run = by_command_line("--processor", SANDBOX, "--declined-number", "4555555555555550")
    assert run.returncode == 0, run.stdout
    assert "skipped" not in run.stdout.splitlines()[-1]


def test_what_declines_may_be_left_out() -> None:
    run = by_command_line("--processor", SANDBOX, "--processor-type", "PayPal", "--approved-token", "B-1")
    assert run.returncode == 0, run.stdout
    assert "2 skipped" in run.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("defect", "found"),
    [
        ("forgets_at_restart", "test_a_restart_forgets_nothing"),
        ("refunds_forever", "test_refunds_add_up_to_no_more_than_was_captured"),
        ("refunds_twice_per_key", "test_a_refund_is_carried_out_once"),
        ("raises_for_declines", "test_a_decline_has_a_code_and_stays_a_decline"),
        ("tells_the_number", "test_numbers_are_in_no_repr_log_or_error"),
    ],
)
def test_a_defect_is_found(defect: str, found: str) -> None:
    processor = f"tests.processors.defective:{defect}"
    run = by_command_line("--processor", processor, "--declined-number", "4555555555555550", "-k", found)
    assert run.returncode == 1, run.stdout
    assert "1 failed" in run.stdout.splitlines()[-1]
