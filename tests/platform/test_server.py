"""The whole service as a process: start, health, metrics, headers, stop."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.conftest import Client, Servers
from tests.databases import Databases, Kind
from tests.platform import telling_processor
from tests.servers import ROOT, Server, environment_for, running
from tests.soap_client import Login, envelope

DIAGNOSTIC = '<clientString xmlns="">hello</clientString>'


@pytest.fixture
def sqlite(servers: Servers) -> Server:
    return servers("sqlite")


def test_the_server_is_ready_in_less_than_two_seconds(databases: Databases, tmp_path: Path) -> None:
    """On a machine that does other work too, the processor time that the server took for it counts."""
    fastest = 60.0
    for _ in range(5):
        with running("sqlite", databases.new("sqlite"), tmp_path) as server:
            used = psutil.Process(server.process.pid).cpu_times()
            fastest = min(fastest, server.ready_seconds, used.user + used.system)
        if fastest < 2:
            return
    pytest.fail(f"ready after {fastest:.2f} s at best")


def test_health_is_good_while_the_store_answers(server: Server) -> None:
    answer = server.get("/healthz")
    assert (answer.status, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["content-type"] == "application/json"


def test_health_is_bad_when_the_store_does_not_answer(databases: Databases, tmp_path: Path) -> None:
    url = databases.new("sqlite")
    with running("sqlite", url, tmp_path) as server:
        Path(url.removeprefix("sqlite:///")).write_bytes(b"this is no database" * 1000)
        for leftover in ("-wal", "-shm"):
            Path(url.removeprefix("sqlite:///") + leftover).unlink(missing_ok=True)
        answer = server.get("/healthz")
        assert (answer.status, answer.json()) == (503, {"status": "unavailable"})


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_health_and_metrics_are_read_only(sqlite: Server, path: str) -> None:
    answer = sqlite.request("POST", path, b"x")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert sqlite.request("HEAD", path).body == b""


def test_metrics_count_calls_by_service_operation_and_code(server: Server, merchant: Login) -> None:
    def counted(code: str) -> float:
        text = server.get("/metrics").body.decode()
        sample = rf'cashbox_calls_total{{code="{code}",operation="echoString",service="Diagnostic"}} (\S+)'
        found = re.search(sample, text)
        return float(found[1]) if found else 0.0

    before = {code: counted(code) for code in ("200", "403")}
    server.post(envelope(merchant, "Diagnostic", "echoString", DIAGNOSTIC))
    wrong = Login(merchant.login, "wrong")
    server.post(envelope(wrong, "Diagnostic", "echoString", DIAGNOSTIC))
    assert counted("200") == before["200"] + 1
    assert counted("403") == before["403"] + 1
    assert b"cashbox_call_seconds_bucket" in server.get("/metrics").body


@pytest.mark.parametrize(
    "path", ["/healthz", "/metrics", "/soap.pl", "/22.0/AutoBill.wsdl", "/sandbox/clock", "/nothing/here"]
)
def test_every_answer_carries_security_headers_and_no_server_name(sqlite: Server, path: str) -> None:
    headers = sqlite.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "server" not in headers


def test_documents_and_answers_never_reflect_the_host_header(sqlite: Server) -> None:
    for path in ("/22.0/AutoBill.wsdl", "/healthz", "/sandbox/clock", "/soap.pl"):
        answer = sqlite.get(path, headers={"Host": "evil.example"})
        assert b"evil.example" not in answer.body
        assert "evil.example" not in str(answer.headers)


def test_documents_name_the_public_url(databases: Databases, tmp_path: Path) -> None:
    arguments = ["--public-url", "https://billing.example/cash/"]
    with running("sqlite", databases.new("sqlite"), tmp_path, *arguments) as server:
        assert b'location="https://billing.example/cash/soap.pl"' in server.get("/22.0/AutoBill.wsdl").body


def test_without_a_public_url_documents_name_the_port_that_was_bound(sqlite: Server) -> None:
    location = f'location="http://127.0.0.1:{sqlite.port}/soap.pl"'.encode()
    assert location in sqlite.get("/22.0/AutoBill.wsdl").body


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_page_that_stands_in_for_paypal_has_the_port_that_was_bound(
    databases: Databases, tmp_path: Path, workers: str
) -> None:
    with running(
        "sqlite", databases.new("sqlite"), tmp_path, processors=telling_processor.LINE, workers=workers
    ) as server:
        pages = re.findall(r'"page": ?"([^"]*)"', server.log.read_text())
        assert pages[-1] == f"{server.url}/sandbox/paypal"


def test_the_sandbox_merchant_exists_on_loopback_in_sandbox_mode(sqlite: Server) -> None:
    sandbox = Login("sandbox", "sandbox")
    answer = sqlite.post(envelope(sandbox, "Diagnostic", "echoString", DIAGNOSTIC))
    assert b">200</returnCode>" in answer.body


def test_production_mode_has_no_sandbox_merchant_and_no_control_plane(
    databases: Databases, tmp_path: Path
) -> None:
    with running("sqlite", databases.new("sqlite"), tmp_path, "--mode", "production") as server:
        sandbox = Login("sandbox", "sandbox")
        answer = server.post(envelope(sandbox, "Diagnostic", "echoString", DIAGNOSTIC))
        assert b">403</returnCode>" in answer.body
        assert server.get("/sandbox/clock").status == 404
        assert server.request("POST", "/sandbox/reset").status == 404


def test_production_mode_refuses_a_shared_database_without_tables(databases: Databases) -> None:
    environment = environment_for(databases.new("postgresql"))
    command = [sys.executable, "run_server.py", "--port", "0", "--mode", "production"]
    refused = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert "Run: cashbox-service db upgrade" in refused.stderr


def test_a_taken_port_is_said_in_one_line(sqlite: Server, databases: Databases) -> None:
    environment = environment_for(databases.new("sqlite"))
    command = [sys.executable, "run_server.py", "--port", str(sqlite.port)]
    refused = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert refused.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{sqlite.port}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_several_processes_serve_one_database_and_add_up_their_metrics(
    databases: Databases, database_kind: Kind, tmp_path: Path
) -> None:
    with running(database_kind, databases.new(database_kind), tmp_path, "--workers", "2") as server:
        sandbox = Login("sandbox", "sandbox")
        for _ in range(30):
            answer = server.post(envelope(sandbox, "Diagnostic", "echoString", DIAGNOSTIC))
            assert b">200</returnCode>" in answer.body
        text = server.get("/metrics").body.decode()
        assert re.search(r'cashbox_calls_total{.*operation="echoString".*} 30\.0', text)


def test_a_zeep_client_reads_the_served_documents(server: Server, merchant: Login, client: Client) -> None:
    import zeep

    served = zeep.Client(f"{server.url}/22.0/Diagnostic.wsdl")
    answer = served.service.echoString(auth=merchant.auth, srd="", clientString="hello")
    assert answer["return"].returnCode == 200
    assert client("Diagnostic").echoString(clientString="hello")["return"].returnCode == 200
