"""The command ``cashbox-service push``."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from cashbox_service.cli import main
from cashbox_service.settings import Settings
from tests.databases import Databases
from tests.servers import VAULT_KEY

URL = "https://shop.example/cashbox"


@pytest.fixture(autouse=True)
def _acme(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SQLite database with the merchant acme and its push key."""
    for name in Settings.defaults():
        monkeypatch.delenv(f"CASHBOX_{name.upper()}", raising=False)
    monkeypatch.setenv("CASHBOX_DATABASE_URL", databases.new("sqlite"))
    monkeypatch.setenv("CASHBOX_VAULT_KEY", VAULT_KEY)
    for command in ("db upgrade", "merchant add acme secret", "merchant add-key acme --push"):
        assert run(*command.split()).exit_code == 0


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=typed)


def test_a_subscription_is_added_listed_and_removed() -> None:
    added = run(
        *("push", "add", "acme", "transactions", URL, "--format", "form", "--without", "attempt failed"),
        *("--also", "captured", "--retries", "2", "--user", "me", "--error-email", "ops@shop.example"),
        typed="hush\n",
    )
    assert added.exit_code == 0, added.output
    shown = run("push", "list", "acme").output
    for part in (URL, "form", "2 x 300 s", "without attempt failed", "also captured", "with a password"):
        assert part in shown
    assert "hush" not in shown
    assert run("push", "deliveries", "acme").output == ""
    vid = shown.partition("\t")[0]
    assert run("push", "remove", "acme", vid).exit_code == 0
    assert run("push", "list", "acme").output == ""
    again = run("push", "remove", "acme", vid)
    assert (again.exit_code, again.output) == (1, f'Error: No match found for id "{vid}"\n')


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("sales", URL), 'class "sales" is none of accounts, autobills'),
        (("accounts", "http://shop.example/"), "must be an https URL"),
        (("accounts", "https://10.0.0.1/"), "must not be an address of a private network"),
        (("accounts", URL, "--without", "stop"), 'without "stop" is none of create, data change'),
        (("accounts", URL, "--also", "captured"), 'also "captured" is no event of this class'),
        (("accounts", URL, "--format", "xml"), 'format "xml" is none of form, json'),
        (("accounts", URL, "--retries", "101"), 'retryCount "101" must be a whole number from 0 to 100'),
        (
            ("accounts", URL, "--retry-seconds", "0"),
            'retrySeconds "0" must be a whole number from 1 to 86400',
        ),
        (("accounts", URL, "--error-email", "nobody"), 'errorEmail "nobody" is not an e-mail address'),
        (("accounts", URL, "--password", "x"), "user"),
        (("accounts", URL, "--soap-version", "2.0"), 'soapVersion "2.0" is not served'),
    ],
)
def test_what_is_wrong_is_named_and_nothing_stored(arguments: tuple[str, ...], problem: str) -> None:
    refused = run("push", "add", "acme", *arguments)
    assert refused.exit_code == 1
    assert problem in refused.output
    assert run("push", "list", "acme").output == ""


def test_without_a_key_nothing_can_be_signed() -> None:
    assert run("merchant", "add", "other", "secret").exit_code == 0
    assert "no push key" in run("push", "add", "other", "accounts", URL).output


def test_a_message_that_is_not_there_cannot_be_sent_again() -> None:
    refused = run("push", "redeliver", "acme", "f" * 40)
    assert refused.exit_code == 1
