"""A processor that logs the page it may send customers to, and does nothing else of its own."""

from __future__ import annotations

from cashbox_service.logging import get_logger
from cashbox_service.processors.registry import Surroundings
from cashbox_service.processors.sandbox import SandboxProcessor

LINE = "Skrill = tests.platform.telling_processor:create"


class TellingProcessor(SandboxProcessor):
    name = "telling"


def create(surroundings: Surroundings) -> TellingProcessor:
    get_logger(__name__).info("made", page=surroundings.page)
    return TellingProcessor(surroundings.journal)
