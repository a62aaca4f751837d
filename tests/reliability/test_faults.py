"""Fault points exist for tests alone: they are enumerated, documented, and refused in production."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cashbox_service.faults import FaultPoint, Faults
from cashbox_service.settings import Settings
from tests.servers import environment_for, run_command

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("point", FaultPoint)
def test_production_refuses_every_fault_point(point: FaultPoint) -> None:
    with pytest.raises(ValueError, match="fault_point: is for sandbox mode only"):
        Settings(mode="production", fault_point=point)


def test_a_production_server_does_not_start_with_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/production.db"
    environment = environment_for(url, mode="production", fault_point="intent-committed")
    ended = run_command(["serve", "--port", "0"], environment)
    assert ended.returncode not in (0, -9)
    assert "fault_point: is for sandbox mode only" in ended.stdout + ended.stderr


def test_an_unknown_point_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CASHBOX_FAULT_POINT", "somewhere")
    with pytest.raises(ValueError, match="fault_point"):
        Settings()


def test_a_process_that_is_not_armed_goes_on() -> None:
    for point in FaultPoint:
        Faults().reach(point)
        others = [other for other in FaultPoint if other is not point]
        for other in others:
            Faults(other).reach(point)


@pytest.mark.parametrize("point", FaultPoint)
def test_every_point_is_documented_and_on_the_way(point: FaultPoint) -> None:
    assert f"| `{point.value}` |" in (ROOT / "docs" / "operations.md").read_text()
    sources = "".join(path.read_text() for path in (ROOT / "cashbox_service" / "app").rglob("*.py"))
    stage = re.search(
        rf"\(Stage\.\w+, FaultPoint\.{point.name}, check_out_stages\.\w+\),.*?work\.reach\(point\)",
        sources,
        re.DOTALL,
    )
    assert f"reach(FaultPoint.{point.name})" in sources or stage is not None
