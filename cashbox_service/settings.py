"""Settings of a process: where it listens, where it stores, and a limit on everything that comes in.

Each is a field here, a ``CASHBOX_...`` environment variable of the same name in capitals, and, where a person sets
it often, a flag of ``cashbox-service serve``. Settings of a merchant (billing rules) are in
:mod:`cashbox_service.merchant_settings`.
"""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, field_validator, model_validator

from cashbox_service.faults import FaultPoint

Mode = Literal["sandbox", "production"]
LogFormat = Literal["json", "console"]

VARIABLE_PREFIX = "CASHBOX_"
MEBIBYTE = 1024 * 1024
_HTTP_URL = TypeAdapter(AnyHttpUrl)


class Settings(BaseModel):
    """What a process needs to know at start. Immutable; raises pydantic.ValidationError naming a wrong value.

    What is not given is taken from the environment; a variable that is empty counts as unset.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    host: str = "127.0.0.1"
    """Address to listen on."""

    port: int = Field(8080, ge=0, le=65535)
    """Port to listen on; 0 takes any free one."""

    database_url: str = "sqlite:///var/cashbox.db"
    """SQLAlchemy URL of the store: ``sqlite:///path`` or ``postgresql://...``."""

    public_url: str | None = None
    """How clients reach the service: goes into the WSDL documents. Made from host and port when absent."""

    mode: Mode = "sandbox"
    """``sandbox`` has test clocks and the control plane; ``production`` has neither."""

    workers: int = Field(1, ge=1, le=256)
    """Server processes that share the listening socket."""

    threads: int = Field(8, ge=1, le=256)
    """Calls that one server process handles at a time."""

    backlog: int = Field(1024, ge=1)
    """Connections that may wait to be accepted."""

    connections: int = Field(1000, ge=10)
    """Open connections per server process; further ones wait."""

    idle_seconds: int = Field(120, ge=1)
    """How long an idle connection is kept."""

    stop_seconds: int = Field(30, ge=1)
    """How long running calls may take to finish after SIGTERM."""

    vault_key: str | None = Field(None, repr=False)
    """The key that card and bank numbers are encrypted with, older ones behind it: base64 or 64 hexadecimal digits
    each, commas between them. For several machines over one store."""

    vault_key_file: Path = Path("var/cashbox.key")
    """Where the key is kept when ``vault_key`` is not given; made at first start."""

    processors: tuple[str, ...] = ()
    """Payment processors beside the built-in ones, as lines ``types = module:factory`` (docs/processors.md)."""

    embedded_worker: bool | None = None
    """Whether the server process also does the billing run; absent: in the sandbox and on SQLite."""

    worker_seconds: int = Field(60, ge=1, le=3600)
    """Pause between two billing runs of a worker. At most an hour (billing-engine §1)."""

    log_format: LogFormat = "console"
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    max_request_bytes: int = Field(2 * MEBIBYTE, ge=1024)
    """Largest request body, after unpacking gzip."""

    max_request_elements: int = Field(50_000, ge=100)
    """Most XML elements in one request."""

    max_request_attributes: int = Field(100_000, ge=100)
    """Most XML attributes in one request."""

    max_request_depth: int = Field(64, ge=16, le=256)
    """Deepest nesting of XML elements in one request; libxml2 itself refuses more than 256."""

    max_header_bytes: int = Field(64 * 1024, ge=4096)
    """Most bytes of HTTP request headers."""

    max_clock_advance_days: int = Field(3660, ge=1)
    """Longest step of a sandbox clock."""

    request_log_size: int = Field(500, ge=1)
    """Calls remembered for ``GET /sandbox/requests``, per process."""

    fault_point: FaultPoint | None = None
    """Where the process ends as by a power cut: for tests, in sandbox mode only."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_environment(cls, given: dict[str, Any]) -> dict[str, Any]:
        named = {name: os.environ.get(f"{VARIABLE_PREFIX}{name.upper()}") for name in cls.model_fields}
        return {name: text for name, text in named.items() if text} | given

    @field_validator("processors", mode="before")
    @classmethod
    def _processors_as_lines(cls, value: object) -> object:
        """In the environment: one line per processor."""
        if isinstance(value, str):
            return tuple(line.strip() for line in value.splitlines() if line.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url_is_http(cls, value: str | None) -> str | None:
        if value is None:
            return None
        url = _HTTP_URL.validate_python(value)
        if url.query or url.fragment:
            raise ValueError("must be a plain http or https URL without query and fragment")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _no_faults_in_production(self) -> Settings:
        if self.fault_point is not None and not self.is_sandbox:
            raise ValueError("fault_point is for sandbox mode only")
        return self

    @property
    def is_sandbox(self) -> bool:
        return self.mode == "sandbox"

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def runs_embedded_worker(self) -> bool:
        """Whether ``serve`` also runs the billing worker."""
        if self.embedded_worker is not None:
            return self.embedded_worker
        return self.is_sandbox or self.on_sqlite

    def base_url(self, port: int | None = None) -> str:
        """How clients reach the service, without a trailing slash; ``port`` is the one really bound."""
        if self.public_url is not None:
            return self.public_url
        host = "localhost" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104  compared, not bound
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{self.port if port is None else port}"
