"""Which module answers which service, and when it is imported."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from cashbox_service.soap import handlers
from cashbox_service.soap.records import TokenFetchResponse
from cashbox_service.soap.registry import Registry, load_handlers


def test_every_handler_module_answers_one_service() -> None:
    files = {path.stem for path in Path(handlers.__file__).parent.glob("*.py")} - {"__init__"}
    named = [module for modules in handlers.MODULES.values() for module in modules]
    assert sorted(module.rpartition(".")[2] for module in named) == sorted(files)
    registry = load_handlers()
    for service, operation in registry:
        handler = registry.find(service, operation)
        assert handler is not None
        assert handler.__module__ in handlers.MODULES[service]


@pytest.mark.parametrize("service", handlers.MODULES)
def test_every_module_of_a_service_says_what_its_operations_return(service: str) -> None:
    assert all(import_module(module).RETURNS for module in handlers.MODULES[service])


def test_a_module_is_imported_when_its_service_is_first_asked_for() -> None:
    program = """
import sys
from concurrent.futures import ThreadPoolExecutor
from cashbox_service.soap.records import TokenFetchResponse
from cashbox_service.soap.registry import HANDLERS
import cashbox_service.wsgi
loaded = lambda: {name for name in sys.modules if name.startswith("cashbox_service.soap.handlers.")}
assert loaded() == set()
with ThreadPoolExecutor(4) as threads:
    found = set(threads.map(lambda _: HANDLERS.find("Address", "update"), range(8)))
assert len(found) == 1 and None not in found
assert loaded() == {"cashbox_service.soap.handlers.address"}
assert HANDLERS.find("Address", "noSuchOperation") is None
assert HANDLERS.returns("Address", "update")
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_an_operation_has_one_handler() -> None:
    registry = Registry()
    registry.handles("Token", "fetch")(TokenFetchResponse)
    with pytest.raises(ValueError, match=r"Token\.fetch has a handler already"):
        registry.handles("Token", "fetch")(TokenFetchResponse)
