"""A sandbox processor with a script to fill and a record of its waits."""

from __future__ import annotations

import pytest

from cashbox_service.processors.journal import MemoryJournal
from cashbox_service.processors.sandbox import SandboxProcessor
from cashbox_service.processors.script import MemoryScript
from tests.processors.payments import PAGE


@pytest.fixture
def script() -> MemoryScript:
    return MemoryScript()


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def sandbox(script: MemoryScript, naps: list[float]) -> SandboxProcessor:
    return SandboxProcessor(MemoryJournal(), script, PAGE, sleep=naps.append)
