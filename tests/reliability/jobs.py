"""What a process of its own does for a merchant that is named by its log-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from cashbox_service.app.collection import janitor
from cashbox_service.app.disputes import refund_batch
from cashbox_service.settings import Settings
from cashbox_service.wsgi import build_environment


def settle(arguments: Sequence[str]) -> None:
    """One round of the janitor, without its patience."""
    environment = build_environment(Settings())
    janitor.run(environment, environment.merchant(arguments[0]), timedelta(0))


def refund(arguments: Sequence[str]) -> None:
    """One refund batch."""
    environment = build_environment(Settings())
    refund_batch.run(environment, environment.merchant(arguments[0]))
