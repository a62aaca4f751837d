"""Settings of a process: where it listens, where it stores, and a limit on everything that comes in.

Each is a field here, a ``CASHBOX_...`` environment variable of the same name in capitals, and, where a person sets
it often, a flag of ``cashbox-service serve``. Settings of a merchant (billing rules) are in
:mod:`cashbox_service.merchant_settings`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from cashbox_service.checked import (
    Checked,
    WrongValue,
    flag,
    listed,
    one_of,
    optional,
    path,
    setting,
    text,
    whole,
)
from cashbox_service.faults import FaultPoint
from cashbox_service.mailbox import read_mailbox

Mode = Literal["sandbox", "production"]
SmtpTls = Literal["starttls", "tls", "none"]
LogFormat = Literal["json", "console"]
LogLevel = Literal["debug", "info", "warning", "error"]

VARIABLE_PREFIX = "CASHBOX_"
MEBIBYTE = 1024 * 1024


def _lines(given: Any) -> tuple[str, ...]:
    """Lines come as text or as a sequence; blank ones are left out."""
    lines = given.splitlines() if isinstance(given, str) else given
    return tuple(line.strip() for line in lines if line.strip())


def _public_url(given: Any) -> str:
    url = urlsplit(text(given))
    if url.scheme not in ("http", "https") or not url.hostname or url.port == 0:
        raise ValueError("must be an http or https URL")
    if url.query or url.fragment:
        raise ValueError("must be a plain http or https URL without query and fragment")
    return text(given).rstrip("/")


def _fault_point(given: Any) -> FaultPoint:
    return FaultPoint(one_of(*FaultPoint)(given))


def _network(given: Any) -> IPv4Network | IPv6Network:
    if isinstance(given, IPv4Network | IPv6Network):
        return given
    try:
        return ip_network(text(given))
    except ValueError:
        raise ValueError("must be addresses or networks, such as 127.0.0.1 or 10.1.0.0/16") from None


@dataclass(frozen=True, kw_only=True)
class Settings(Checked):
    """What a process needs to know at start. Immutable; raises WrongValue naming a wrong setting.

    What is not given is taken from the environment; a variable that is empty counts as unset.
    """

    host: str = setting("127.0.0.1", text)
    """Address to listen on."""

    port: int = setting(8080, whole(at_least=0, at_most=65535))
    """Port to listen on; 0 takes any free one."""

    database_url: str = setting("sqlite:///var/cashbox.db", text)
    """SQLAlchemy URL of the store: ``sqlite:///path`` or ``postgresql://...``."""

    public_url: str | None = setting(None, optional(_public_url))
    """How clients reach the service: goes into the WSDL documents. Made from host and port when absent."""

    mode: Mode = setting("sandbox", one_of("sandbox", "production"))
    """``sandbox`` has test clocks and the control plane; ``production`` has neither."""

    workers: int = setting(1, whole(at_least=1, at_most=256))
    """Server processes that share the listening socket."""

    threads: int = setting(4, whole(at_least=1, at_most=256))
    """Calls that one server process handles at a time. Few share the interpreter best; where processors answer slowly,
    most of them only wait, and it takes more."""

    backlog: int = setting(1024, whole(at_least=1))
    """Connections that may wait to be accepted."""

    connections: int = setting(1000, whole(at_least=10))
    """Open connections per server process; further ones wait."""

    idle_seconds: int = setting(120, whole(at_least=1))
    """How long an idle connection is kept."""

    stop_seconds: int = setting(30, whole(at_least=1))
    """How long running calls may take to finish after SIGTERM."""

    vault_key: str | None = setting(None, optional(text), shown=False)
    """The key that card and bank numbers are encrypted with, older ones behind it: base64 or 64 hexadecimal digits
    each, commas between them. For several machines over one store."""

    vault_key_file: Path = setting(Path("var/cashbox.key"), path)
    """Where the key is kept when ``vault_key`` is not given; made at first start."""

    processors: tuple[str, ...] = setting((), _lines)
    """Payment processors beside the built-in ones, as lines ``types = module:factory`` (docs/processors.md)."""

    gift_cards: tuple[str, ...] = setting((), _lines)
    """Providers of gift cards, as lines ``name = module:factory`` (docs/processors.md)."""

    embedded_worker: bool | None = setting(None, optional(flag))
    """Whether the server process also does the billing run; absent: in the sandbox and on SQLite."""

    worker_seconds: int = setting(60, whole(at_least=1, at_most=3600))
    """Pause between two billing runs of a worker. At most an hour (billing-engine §1)."""

    push_allowed_networks: tuple[IPv4Network | IPv6Network, ...] = setting((), listed(_network))
    """Addresses that push messages may go to although they are not public, and without TLS: for test listeners."""

    push_seconds: int = setting(2, whole(at_least=1, at_most=3600))
    """Pause between two looks of a worker for push messages to deliver."""

    push_threads: int = setting(8, whole(at_least=1, at_most=64))
    """Listeners that one worker delivers push messages to at a time."""

    push_timeout_seconds: int = setting(10, whole(at_least=1, at_most=30))
    """How long a listener may take to answer (notifications §1.6)."""

    push_keep_days: int = setting(90, whole(at_least=1))
    """How long push messages are kept after they were delivered or given up."""

    smtp_host: str | None = setting(None, optional(text))
    """The mail server that mails are handed to; without one they are written and kept."""

    smtp_port: int = setting(587, whole(at_least=1, at_most=65535))

    smtp_tls: SmtpTls = setting("starttls", one_of("starttls", "tls", "none"))
    """How the connection is encrypted: after it is made, from its first byte on, or not at all."""

    smtp_user: str | None = setting(None, optional(text))
    smtp_password: str | None = setting(None, optional(text), shown=False)

    smtp_seconds: int = setting(10, whole(at_least=1, at_most=120))
    """How long the mail server may take for an answer."""

    mail_sender: str | None = setting(None, optional(read_mailbox))
    """Who mails are from that have no sender of their own: built-in ones, and those to operators."""

    mail_keep_days: int = setting(90, whole(at_least=1, at_most=3650))
    """How long mails that were sent, kept or given up can be looked at."""

    log_format: LogFormat = setting("console", one_of("json", "console"))
    log_level: LogLevel = setting("info", one_of("debug", "info", "warning", "error"))

    max_request_bytes: int = setting(2 * MEBIBYTE, whole(at_least=1024))
    """Largest request body, after unpacking gzip."""

    max_request_elements: int = setting(50_000, whole(at_least=100))
    """Most XML elements in one request."""

    max_request_attributes: int = setting(100_000, whole(at_least=100))
    """Most XML attributes in one request."""

    max_request_depth: int = setting(64, whole(at_least=16, at_most=256))
    """Deepest nesting of XML elements in one request; libxml2 itself refuses more than 256."""

    max_dialect_bytes: int = setting(MEBIBYTE, whole(at_least=1024))
    """Largest request body of the payment dialects (dialects, common rules)."""

    dialect_calls_per_minute: int = setting(3000, whole(at_least=1))
    """Calls of the payment dialects per merchant and server process; what is above is answered 429."""

    dialect_refusals_per_minute: int = setting(120, whole(at_least=1))
    """Calls with wrong credentials per address and server process; after that none of it is looked at for a while."""

    max_header_bytes: int = setting(64 * 1024, whole(at_least=4096))
    """Most bytes of HTTP request headers."""

    max_clock_advance_days: int = setting(3660, whole(at_least=1))
    """Longest step of a sandbox clock."""

    max_report_steps: int = setting(10_000, whole(at_least=1))
    """Most steps that the report of a sandbox clock's move or of a billing run shows."""

    request_log_size: int = setting(500, whole(at_least=1))
    """Calls remembered for ``GET /sandbox/requests``, per process."""

    fault_point: FaultPoint | None = setting(None, optional(_fault_point))
    """Where the process ends as by a power cut: for tests, in sandbox mode only."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fault_point is not None and not self.is_sandbox:
            raise WrongValue("fault_point", self.fault_point, "is for sandbox mode only")

    def _when_not_given(self, name: str, default: Any) -> Any:
        return os.environ.get(f"{VARIABLE_PREFIX}{name.upper()}") or default

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
