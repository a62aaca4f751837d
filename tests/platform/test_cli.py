"""The command ``cashbox-service``, over a database of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cashbox_service.app.operating.merchant_keys import KeyPurpose
from cashbox_service.cli import main
from cashbox_service.cli.merchant import DIALECTS
from cashbox_service.settings import Settings
from tests.databases import Databases, Kind
from tests.servers import VAULT_KEY, environment_for, run_command

Invoke = Callable[..., Result]


@pytest.fixture
def empty(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs the command in this process over an empty SQLite database."""
    return _invoker(databases.new("sqlite"), monkeypatch)


@pytest.fixture
def invoke(empty: Invoke) -> Invoke:
    """The same over a database with its tables and the merchant ``acme``."""
    assert empty("db", "upgrade").exit_code == 0
    assert empty("merchant", "add", "acme", "secret", "--name", "Acme Inc.").exit_code == 0
    return empty


def _invoker(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    for name in Settings.defaults():
        monkeypatch.delenv(f"CASHBOX_{name.upper()}", raising=False)
    monkeypatch.setenv("CASHBOX_DATABASE_URL", database_url)
    monkeypatch.setenv("CASHBOX_VAULT_KEY", VAULT_KEY)

    def run(*arguments: str, typed: str | None = None) -> Result:
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        try:
            return CliRunner().invoke(main, list(arguments), input=typed)
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)

    return run


def test_help_lists_the_commands() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    for command in (
        "serve",
        "worker",
        "bill",
        "parked",
        "db",
        "merchant",
        "mail",
        "audit",
        "explain",
        "clock",
        "wsdl",
        "seed",
    ):
        assert f"\n  {command}" in shown


def test_every_command_explains_itself() -> None:
    for group, command in _commands():
        shown = CliRunner().invoke(main, [*group, command, "--help"])
        assert shown.exit_code == 0
        assert "Usage:" in shown.output


def _commands() -> list[tuple[list[str], str]]:
    found: list[tuple[list[str], str]] = []
    for name, command in main.commands.items():
        found.append(([], name))
        found += [([name], inner) for inner in getattr(command, "commands", {})]
    return found


def test_tables_are_made_checked_and_left_alone_the_second_time(
    databases: Databases, database_kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _invoker(databases.new(database_kind), monkeypatch)
    before = run("db", "check")
    assert before.exit_code == 1
    assert "cashbox-service db upgrade" in before.output
    assert run("db", "upgrade").output.startswith("Upgraded to revision")
    assert run("db", "upgrade").output.startswith("Already at revision")
    assert run("db", "check").exit_code == 0


def test_commands_refuse_a_database_without_tables_with_the_command_to_run(empty: Invoke) -> None:
    refused = empty("merchant", "list")
    assert refused.exit_code == 1
    assert "Run: cashbox-service db upgrade" in refused.output


def test_a_merchant_is_added_and_listed(invoke: Invoke) -> None:
    listed = invoke("merchant", "list").output.splitlines()
    (login, vid, name) = listed[0].split("\t")
    assert (login, name) == ("acme", "Acme Inc.")
    assert len(vid) == 40


def test_a_login_in_use_is_refused(invoke: Invoke) -> None:
    refused = invoke("merchant", "add", "acme", "other")
    assert refused.exit_code == 1
    assert "acme" in refused.output


def test_a_password_that_is_not_given_is_asked_for_and_never_shown(invoke: Invoke) -> None:
    added = invoke("merchant", "add", "other", typed="hunter2\nhunter2\n")
    assert added.exit_code == 0
    assert "hunter2" not in added.output


def test_a_password_is_changed(invoke: Invoke) -> None:
    assert invoke("merchant", "set-password", "acme", "new").exit_code == 0
    missing = invoke("merchant", "set-password", "nobody", "new")
    assert missing.exit_code == 1
    assert "nobody" in missing.output


def test_merchant_settings_are_changed_shown_and_put_back(invoke: Invoke) -> None:
    changed = invoke("merchant", "set", "acme", "retryDays=2,4", "graceDays=10").output.splitlines()
    assert "retryDays=2,4" in changed
    assert "graceDays=10" in changed
    assert "cancelFeePolicy=waive  (default)" in changed
    shown = invoke("merchant", "set", "acme", "--reset", "graceDays").output.splitlines()
    assert "graceDays=21  (default)" in shown
    assert "retryDays=2,4" in shown


@pytest.mark.parametrize(
    ("assignment", "text", "exit_code"),
    [
        ("graceDays=x", "must be a whole number", 1),
        ("nonsense=1", "graceDays", 1),
        ("graceDays", "NAME=VALUE", 2),
    ],
)
def test_a_wrong_merchant_setting_is_refused_and_changes_nothing(
    invoke: Invoke, assignment: str, text: str, exit_code: int
) -> None:
    refused = invoke("merchant", "set", "acme", "retryDays=1", assignment)
    assert refused.exit_code == exit_code
    assert text in refused.output
    assert "retryDays=3,7,14  (default)" in invoke("merchant", "set", "acme").output


def test_the_clock_is_shown_set_and_advanced_over_daylight_saving(invoke: Invoke) -> None:
    assert invoke("clock", "set", "acme", "2024-03-09T12:00:00").output.startswith("2024-03-09T12:00:00")
    advanced = invoke("clock", "advance", "acme", "2")
    assert advanced.exit_code == 0
    assert advanced.output.splitlines()[-1].startswith("2024-03-11T12:00:00")
    assert advanced.output.splitlines()[-1].endswith("-07:00")
    assert invoke("clock", "show", "acme").output.startswith("2024-03-11T12:00:00")


def test_a_time_that_is_none_is_refused(invoke: Invoke) -> None:
    refused = invoke("clock", "set", "acme", "tomorrow")
    assert refused.exit_code == 2
    assert "2024-02-29T12:00:00Z" in refused.output


def test_clocks_move_in_sandbox_mode_only(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_MODE", "production")
    refused = invoke("clock", "set", "acme", "2024-03-09T12:00:00Z")
    assert refused.exit_code == 1
    assert "sandbox mode only" in refused.output


def test_seed_makes_a_shop_once_that_bills_and_balances(invoke: Invoke) -> None:
    assert invoke("clock", "set", "acme", "2024-01-15T12:00:00").exit_code == 0
    seeded = invoke("seed", "acme")
    assert seeded.exit_code == 0, seeded.output
    assert "autobill     sample-card-autobill" in seeded.output
    assert invoke("seed", "acme").output == seeded.output
    advanced = invoke("clock", "advance", "acme", "31").output
    assert "sample-card-autobill" in advanced
    assert "15.00 USD" in advanced
    assert invoke("audit").output == "The books are right.\n"


def test_the_clock_of_a_merchant_with_autobills_goes_only_forward(invoke: Invoke) -> None:
    invoke("seed", "acme")
    refused = invoke("clock", "set", "acme", "2020-01-01")
    assert refused.exit_code == 1
    assert "only go forward" in refused.output


def test_an_unknown_merchant_is_refused(invoke: Invoke) -> None:
    refused = invoke("clock", "show", "nobody")
    assert refused.exit_code == 1
    assert "nobody" in refused.output


def test_a_billing_run_with_nothing_due_does_nothing(invoke: Invoke) -> None:
    ran = invoke("bill", "--until", "2030-01-01")
    assert (ran.exit_code, ran.output) == (0, "")


def test_the_books_of_a_new_merchant_are_right(invoke: Invoke) -> None:
    audited = invoke("audit")
    assert (audited.exit_code, audited.output) == (0, "The books are right.\n")


def test_a_wrong_setting_in_the_environment_is_named(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_WORKERS", "many")
    refused = invoke("merchant", "list")
    assert refused.exit_code == 2
    assert "workers" in refused.output


def test_documents_are_exported_with_the_address_given(tmp_path: Path) -> None:
    exported = CliRunner().invoke(
        main, ["wsdl", "export", str(tmp_path), "--location", "https://pay.example/soap.pl"]
    )
    assert exported.exit_code == 0
    assert (tmp_path / "22.0" / "Vindicia.xsd").exists()
    assert b'location="https://pay.example/soap.pl"' in (tmp_path / "22.0" / "AutoBill.wsdl").read_bytes()


def test_the_worker_works_until_sigterm(databases: Databases) -> None:
    import signal
    import subprocess
    import sys

    environment = environment_for(databases.new("sqlite"), worker_seconds="1")
    assert run_command(["db", "upgrade"], environment).returncode == 0
    command = [sys.executable, "-m", "cashbox_service.cli", "worker"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert '"event": "ready"' in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


TAXES = "country,district,rate,inclusive,name\nUS,CA,0.065,,STATE TAX\nGB,,0.2,yes,VAT\n"
SHOWN = """country,rate,district,classification,inclusive,jurisdiction,name
US,0.065,CA,,False,,STATE TAX
GB,0.2,,,True,,VAT
"""


@pytest.mark.parametrize(
    "text",
    [
        TAXES,
        "\ufeff" + TAXES.replace("\n", "\r\n"),
        """[{"country": "US", "district": "CA", "rate": 0.065, "name": "STATE TAX"},
            {"country": "GB", "rate": "0.2", "inclusive": true, "name": "VAT"}]""",
    ],
)
def test_a_tax_table_is_loaded_from_a_file_and_shown(invoke: Invoke, tmp_path: Path, text: str) -> None:
    file = tmp_path / "taxes"
    file.write_bytes(text.encode())
    loaded = invoke("merchant", "tax", "acme", str(file))
    assert (loaded.exit_code, loaded.output) == (0, "Loaded 2 tax rates for acme.\n")
    assert invoke("merchant", "tax", "acme").output.replace("\r", "") == SHOWN
    assert invoke("merchant", "tax", "acme", "-", typed="[]").output == "Loaded 0 tax rates for acme.\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("country,rate\nGB,20\nFR,\n", 'row 1: rate "20" is not between 0 and 1; 20 % is written 0.2\nrow 2: rate is'),
        ("land,rate\nGB,0.2\n", "The first line has to name the columns: country,rate,district"),
        ("", "The first line has to name the columns"),
        ("country,rate\nGB,0.2,7\n", "row 1: has more values than the first line has columns"),
        ("country,rate\nGB,\"0.2\n", "line 2: unexpected end of data"),
        ("[{]", "The file is no JSON"),
        ('{"rows": []}', "The file is no list of rows."),
    ],
)  # fmt: skip
def test_a_wrong_tax_table_is_refused_and_changes_nothing(invoke: Invoke, text: str, said: str) -> None:
    assert invoke("merchant", "tax", "acme", "-", typed=TAXES).exit_code == 0
    refused = invoke("merchant", "tax", "acme", "-", typed=text)
    assert refused.exit_code == 1
    assert said in refused.output
    assert invoke("merchant", "tax", "acme").output.replace("\r", "") == SHOWN


def test_a_file_that_is_no_text_is_refused(invoke: Invoke, tmp_path: Path) -> None:
    file = tmp_path / "taxes"
    file.write_bytes(b"\xff\xfe\x00")
    refused = invoke("merchant", "tax", "acme", str(file))
    assert (refused.exit_code, refused.output) == (1, "Error: The file is not UTF-8 text.\n")


def test_card_issuers_are_loaded_from_a_file(invoke: Invoke) -> None:
    loaded = invoke("merchant", "bins", "acme", "-", typed="prefix,country\n4111,US\n5,GB\n")
    assert loaded.output == "Loaded the countries of 2 card number prefixes for acme.\n"
    refused = invoke("merchant", "bins", "acme", "-", typed="prefix,country\n4111,USA\n")
    assert (refused.exit_code, refused.output) == (
        1,
        'Error: row 1: country "USA" is not a two-letter ISO 3166-1 code\n',
    )


def _shown(output: str) -> dict[str, str]:
    """The parts of a new key by their names."""
    return dict(line.split() for line in output.splitlines()[1:])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_key_is_shown_once_and_listed_by_its_id(invoke: Invoke, dialect: str) -> None:
    added = invoke("merchant", "add-key", "acme", "--dialect", dialect)
    assert added.output.splitlines()[0] == f"Added a {dialect} key to acme. It cannot be shown again."
    parts = _shown(added.output)
    assert parts.keys() == {"id", "key"} | ({"secret"} if dialect == "checkout" else set())
    listed = invoke("merchant", "keys", "acme").output
    assert listed.split("\t")[:2] == [parts["id"], dialect]
    assert parts["key"] not in listed


def test_every_purpose_of_a_key_can_be_asked_for() -> None:
    assert {*DIALECTS, "push"} == set(KeyPurpose)


def test_a_new_push_key_takes_the_place_of_the_old_one(invoke: Invoke) -> None:
    old, new = (_shown(invoke("merchant", "add-key", "acme", "--push").output) for _ in range(2))
    assert len(new["key"]) == 40
    listed = invoke("merchant", "keys", "acme").output
    assert new["id"] in listed
    assert old["id"] not in listed


def test_a_key_is_removed(invoke: Invoke) -> None:
    made = _shown(invoke("merchant", "add-key", "acme", "--dialect", "makepayment").output)
    assert invoke("merchant", "remove-key", "acme", made["id"]).exit_code == 0
    assert invoke("merchant", "keys", "acme").output == ""
    again = invoke("merchant", "remove-key", "acme", made["id"])
    assert (again.exit_code, again.output) == (1, f'Error: No match found for key "{made["id"]}"\n')


@pytest.mark.parametrize(
    "arguments", [(), ("--push", "--dialect", "checkout"), ("--dialect", "smoke signals")]
)
def test_a_key_is_for_one_thing_that_exists(invoke: Invoke, arguments: tuple[str, ...]) -> None:
    assert invoke("merchant", "add-key", "acme", *arguments).exit_code == 2
    assert invoke("merchant", "keys", "acme").output == ""


def test_nobody_without_a_login_gets_a_key(invoke: Invoke) -> None:
    refused = invoke("merchant", "add-key", "nobody", "--push")
    assert refused.exit_code == 1
    assert "nobody" in refused.output


def test_templates_of_invoices_are_shown_loaded_listed_and_removed(invoke: Invoke, tmp_path: Path) -> None:
    page = invoke("merchant", "template", "acme", "--show", "--form", "html").output
    assert page.startswith("<!doctype html>")
    assert invoke("merchant", "template", "acme", "--show").output == "{{ layout }}"
    (tmp_path / "own.html").write_text(page.replace("<h1>", "<h1>★ "), encoding="utf-8")
    key = ("--form", "html", "--language", "fr", "--id", "gold")
    loaded = invoke("merchant", "template", "acme", str(tmp_path / "own.html"), *key)
    assert (loaded.exit_code, loaded.output) == (0, "Loaded the html template in fr of acme.\n")
    assert invoke("merchant", "template", "acme").output.startswith("html\tfr\tgold\t")
    assert "<h1>★ " in invoke("merchant", "template", "acme", "--show", *key).output
    (tmp_path / "wrong.txt").write_text("{% if %}", encoding="utf-8")
    wrong = invoke("merchant", "template", "acme", str(tmp_path / "wrong.txt"))
    assert (wrong.exit_code, "line 1" in wrong.output) == (1, True)
    assert invoke("merchant", "template", "acme", "--remove", *key).exit_code == 0
    assert invoke("merchant", "template", "acme", "--show", *key).exit_code == 1
    assert invoke("merchant", "template", "acme").output == ""
    assert invoke("merchant", "template", "acme", "--remove", "--show").exit_code == 2
