"""Scenarios use the fixtures of the service tests: the merchant's clock, its books, its AutoBills' entitlements."""

from __future__ import annotations

from tests.services.conftest import books_are_right, entitlements, environment, sandbox

__all__ = ["books_are_right", "entitlements", "environment", "sandbox"]
