"""Spyne 2.14.0 made importable and quiet. Everything of Spyne that this service uses is imported from here.

- The ``six`` it carries cannot import its own ``moves`` on Python 3.12 and later, and the standard library has lost
  ``cgi`` in 3.13. Both are supplied while Spyne is imported, on every version, so that all run the same code.
- It logs whole request bodies, card numbers included, when a message is invalid. Those loggers are switched off.
"""

from __future__ import annotations

import collections.abc
import http.cookies
import importlib
import logging
import sys
import urllib.error
import urllib.parse
import urllib.request
import urllib.response
import urllib.robotparser
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from types import ModuleType

_MOVES = "spyne.util.six.moves"
_MOVED = {
    "collections_abc": collections.abc,
    "http_cookies": http.cookies,
    "urllib": urllib,
    "urllib.error": urllib.error,
    "urllib.parse": urllib.parse,
    "urllib.request": urllib.request,
    "urllib.response": urllib.response,
    "urllib.robotparser": urllib.robotparser,
}
_CGI = "cgi"
_SILENT = (
    "spyne.protocol.xml.invalid",
    "spyne.protocol.soap.soap11.invalid",
    "spyne.protocol.soap.soap12.invalid",
)


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """A header value and its parameters, as ``cgi.parse_header`` gave them."""
    message = Message()
    message["content-type"] = line
    value, *parameters = message.get_params([("", "")])
    return value[0], dict(parameters)


@contextmanager
def _supplied() -> Iterator[None]:
    """The modules that Spyne asks for, and no trace left of its importer or of ours."""
    sys.modules.setdefault(_MOVES, ModuleType(_MOVES))
    for name, module in _MOVED.items():
        sys.modules.setdefault(f"{_MOVES}.{name}", module)
    before = sys.modules.get(_CGI)
    cgi = ModuleType(_CGI)
    cgi.__dict__["parse_header"] = parse_header
    sys.modules[_CGI] = cgi
    try:
        yield
    finally:
        del sys.modules[_CGI]
        if before is not None:
            sys.modules[_CGI] = before
        sys.meta_path[:] = [
            finder for finder in sys.meta_path if type(finder).__name__ != "_SixMetaPathImporter"
        ]


def _silence() -> None:
    for name in _SILENT:
        logger = logging.getLogger(name)
        logger.disabled = True
        logger.propagate = False


with _supplied(), warnings.catch_warnings():
    warnings.simplefilter("ignore")  # Spyne's own deprecations, for this import alone
    importlib.import_module("spyne.protocol.soap")
    from spyne import Application, MethodContext, ServiceBase, rpc
    from spyne.model import (
        AnyUri,
        Boolean,
        ByteArray,
        ComplexModel,
        Date,
        DateTime,
        Decimal,
        Float,
        Integer,
        Integer32,
        Integer64,
        ModelBase,
        Unicode,
    )
    from spyne.model.enum import Enum
    from spyne.protocol.soap import Soap11
    from spyne.server import ServerBase
    from spyne.util.appreg import unregister_application

_silence()

__all__ = [
    "AnyUri",
    "Application",
    "Boolean",
    "ByteArray",
    "ComplexModel",
    "Date",
    "DateTime",
    "Decimal",
    "Enum",
    "Float",
    "Integer",
    "Integer32",
    "Integer64",
    "MethodContext",
    "ModelBase",
    "ServerBase",
    "ServiceBase",
    "Soap11",
    "Unicode",
    "rpc",
    "unregister_application",
]
