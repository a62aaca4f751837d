"""Adding a version is adding a file with its contract and a row of a table: shown with a version nobody has."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, Server, running
from tests.soap_client import Login, ServiceClient

MADE_UP = "77.7"
ROW = '    ((21, 0), "22.0"),\n'


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of the same code, with one more contract and one more row."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(ROOT / "cashbox_service", folder / "cashbox_service")
    shutil.copy(ROOT / "run_server.py", folder)
    _add_contract(folder / "cashbox_service" / "contract")
    _add_row(folder / "cashbox_service" / "soap" / "versions.py")
    with running("sqlite", f"sqlite:///{folder / 'cashbox.db'}", folder, code=folder) as server:
        yield server


def _add_contract(folder: Path) -> None:
    """Accounts of the made-up version have no company, and cannot be merged."""
    text = (folder / "22.0.json").read_text(encoding="utf-8")
    facts = json.loads(text.replace("v22_0", f"v{MADE_UP.replace('.', '_')}"))
    facts["version"] = MADE_UP
    del facts["types"]["Account"]["company"]
    del facts["services"]["Account"]["transfer"]
    (folder / f"{MADE_UP}.json").write_text(json.dumps(facts), encoding="utf-8")


def _add_row(table: Path) -> None:
    rows = table.read_text(encoding="utf-8")
    assert rows.count(ROW) == 1
    table.write_text(rows.replace(ROW, f'{ROW}    ((77, 7), "{MADE_UP}"),\n'), encoding="utf-8")


def test_the_new_version_is_published_and_spoken_beside_the_others(extended: Server) -> None:
    login = Login("sandbox", "sandbox")
    old, new = (ServiceClient(extended, login, "Account", version=version) for version in ("22.0", MADE_UP))

    made = old.update(account={"merchantAccountId": "ada", "name": "Ada", "company": "Engines"}).account
    seen = new.fetchByVid(vid=made.VID).account
    renamed = new.update(account={"VID": made.VID, "name": "Countess"})

    assert (seen.name, "company" in seen) == ("Ada", False)
    assert renamed.created is False
    kept = old.fetchByVid(vid=made.VID).account
    assert (kept.name, kept.company) == ("Countess", "Engines")
    wsdl = extended.get(f"/{MADE_UP}/Account.wsdl")
    assert (wsdl.status, b'"fetchFamily"' in wsdl.body, b'"transfer"' in wsdl.body) == (200, True, False)
