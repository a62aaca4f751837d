"""Fixtures for tests of the payment dialects: callers with keys of this test's merchant, and a clean audit behind."""

from __future__ import annotations

import pytest

from cashbox_service.app.operating.merchant_keys import KeyPurpose
from tests.dialects.callers import CheckOut, CheckoutPmt, CreatePayment, MakePayment, new_key
from tests.servers import Server
from tests.services.conftest import books_are_right, environment, sandbox
from tests.soap_client import Login

__all__ = ["books_are_right", "environment", "sandbox"]


@pytest.fixture
def makepayment(server: Server, merchant: Login) -> MakePayment:
    """MakePayment as this test's merchant."""
    return MakePayment(server, new_key(server, merchant, KeyPurpose.MAKE_PAYMENT).key)


@pytest.fixture
def createpayment(server: Server, merchant: Login) -> CreatePayment:
    """CreatePayment as this test's merchant."""
    return CreatePayment(server, new_key(server, merchant, KeyPurpose.CREATE_PAYMENT).key)


@pytest.fixture
def checkout(server: Server, merchant: Login) -> CheckOut:
    """CheckOut as this test's merchant."""
    return CheckOut(server, new_key(server, merchant, KeyPurpose.CHECKOUT))


@pytest.fixture
def checkoutpmt(server: Server, merchant: Login) -> CheckoutPmt:
    """Checkout payments as this test's merchant."""
    return CheckoutPmt(server, new_key(server, merchant, KeyPurpose.CHECKOUT_PAYMENTS).key)
