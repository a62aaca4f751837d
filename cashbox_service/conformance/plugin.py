"""The pytest plug-in: options that name a processor, and assertions of the suite that explain themselves."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("cashbox_service.conformance.suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cashbox", "conformance of a payment processor (cashbox_service)")
    group.addoption("--processor", metavar="MODULE:FACTORY", help="the function that makes the processor")
    group.addoption(
        "--processor-type", default="CreditCard", metavar="TYPE", help="payment method type (CreditCard)"
    )
    group.addoption("--approved-number", metavar="NUMBER", help="card or account number that is approved")
    group.addoption("--approved-token", metavar="TOKEN", help="token of the processor that is approved")
    group.addoption("--declined-number", metavar="NUMBER", help="card or account number that is declined")
    group.addoption("--declined-token", metavar="TOKEN", help="token of the processor that is declined")
