"""gSOAP, which takes documents and answers more strictly than anybody: proxies in C++ that check all they read."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from cashbox_service import contract
from tests.clients.lives import DENIED, LIFE, alike
from tests.clients.programs import only_server, run
from tests.conftest import Servers, _new_merchant

SOURCES = Path(__file__).parent / "gsoap"

pytestmark = pytest.mark.skipif(
    shutil.which("wsdl2h") is None, reason="not installed: gsoap libgsoap-dev g++"
)


@pytest.mark.parametrize("version", ["3.6", "22.0"])
def test_gsoap_makes_classes_of_all_documents(
    servers: Servers, pytestconfig: pytest.Config, tmp_path: Path, version: str
) -> None:
    url = only_server(servers, pytestconfig).url
    documents = [f"{url}/{version}/{service}.wsdl" for service in contract.load(version).services]
    said = run("sh", "-c", 'wsdl2h -o all.h "$@" 2>&1', "wsdl2h", *documents, folder=tmp_path)
    said += run("sh", "-c", "soapcpp2 -CLjx -I/usr/share/gsoap/import all.h 2>&1", folder=tmp_path)
    assert [line for line in said.splitlines() if "warning" in line.lower()] == []
    assert "soapC.cpp" in {each.name for each in tmp_path.iterdir()}


def test_a_strict_client_lives_through_a_subscription(
    servers: Servers, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    if not pytestconfig.getoption("--thorough"):
        pytest.skip("compiles for half a minute: --thorough")
    server = only_server(servers, pytestconfig)
    login = _new_merchant(server)
    run("make", "-f", SOURCES / "Makefile", f"SOURCES={SOURCES}", f"BASE_URL={server.url}", folder=tmp_path)
    seen = json.loads(run(tmp_path / "life", server.url, login.login, login.password))

    client, fault, end = seen.pop("client"), seen.pop("fault"), seen["product"].pop("end")
    assert client.startswith("gSOAP")
    assert fault[1:] == ["SOAP-ENV:Client", DENIED]
    assert datetime.fromisoformat(end) == datetime.fromisoformat(LIFE["product"]["end"])
    expected = LIFE | {"product": {key: value for key, value in LIFE["product"].items() if key != "end"}}
    assert alike(seen, expected) == expected
