"""The programs under examples/ do what they say, against a running server."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.conftest import Client
from tests.dialects.callers import CheckOut, CheckoutPmt, CreatePayment, MakePayment
from tests.servers import ROOT
from tests.services import shop


def run(name: str, *arguments: str) -> str:
    """What an example prints; it has to end well."""
    if name.endswith(".sh") and (shutil.which("curl") is None or shutil.which("openssl") is None):
        pytest.skip("curl or openssl is missing")
    program = [sys.executable] if name.endswith(".py") else ["sh"]
    done = subprocess.run(
        [*program, str(ROOT / "examples" / name), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("name", ["checkout.py", "checkout.sh"])
def test_checkout_example(checkout: CheckOut, name: str) -> None:
    assert checkout.key.secret is not None
    assert '"message":"success"' in run(name, checkout.key.key, checkout.key.secret, checkout.server.url)


def test_makepayment_examples(makepayment: MakePayment, client: Client) -> None:
    account = shop.account(client, merchantAccountId=shop.new_id("a")[:10]).merchantAccountId
    assert '"OK":true' in run("makepayment.py", makepayment.key, account, makepayment.server.url)
    assert "<OK>true</OK>" in run("makepayment.sh", makepayment.key, account, "5.00", makepayment.server.url)


def test_createpayment_examples(createpayment: CreatePayment) -> None:
    assert "Paid, balance 0.0 USD" in run("createpayment.py", createpayment.key, createpayment.server.url)
    attempt = createpayment.attempt()
    said = run("createpayment.sh", createpayment.key, attempt["id"], "5.00", createpayment.server.url)
    assert "isSuccessful:True" in said


def test_checkoutpmt_examples(checkoutpmt: CheckoutPmt) -> None:
    assert "201: change 20.0" in run("checkoutpmt.py", checkoutpmt.key, checkoutpmt.server.url)
    said = run("checkoutpmt.sh", checkoutpmt.key, "CHK-9", "12.50", checkoutpmt.server.url)
    assert '"LineAmount":12.50' in said
