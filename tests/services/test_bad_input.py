"""No input, however odd, makes the server fail, and none that is refused leaves a trace (conventions §3.3, §11).

Every implemented operation has a sound request (``sound_requests.py``), which is spoiled one field at a time. All
requests meet the same merchant: what one of them changed is put back before the next, so that each is one field away
from a request that would succeed. A run tries some of the changes, always the same ones; with ``--thorough`` all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cashbox_service.app.sales.transaction_order import NOT_STARTED
from cashbox_service.contract import IDENTIFIERS
from cashbox_service.domain.instruments import LUHN_FAILURE
from cashbox_service.soap.registry import HANDLERS, load_handlers
from cashbox_service.soap.shown import is_card
from tests.conftest import _new_merchant
from tests.servers import Server
from tests.services import shop
from tests.services.odd_requests import FACTS, Odd, odd_ones, spoiled
from tests.services.sandbox import Sandbox
from tests.services.sound_requests import REFUSED as ALWAYS_REFUSED
from tests.services.sound_requests import SOUND, one_of_everything
from tests.services.stored_rows import NUMBERS, StoredRows, stored_rows
from tests.services.wire import Reply, Wire
from tests.soap_client import Login, ServiceClient

OPERATIONS = sorted(load_handlers())
COVERED = [each for each in OPERATIONS if ".".join(each) in SOUND]

SPOILED = 6
"""Requests with several odd fields at once that are tried of an operation."""

DESCRIPTIONS = ("account", "[]", '{"account":', '{"a":' * 2000, '{"a":[1]}')
"""Sparse response descriptions that are none (conventions §8.2)."""

FAULT = "{http://schemas.xmlsoap.org/soap/envelope/}Fault"
FAULTS = frozenset({500, 413})
"""HTTP states of faults: malformed, and too large (conventions §3.4)."""

FAILED = 400
INTERNAL = 500
BY_GENERAL_RULE = frozenset({200, 400, 404})
"""What any operation may answer: malformed or against a rule, and no such object (conventions §3.3)."""

ASKED_A_PROCESSOR = frozenset({402, 407, 408, 409, 410})
"""Refusals that come after a processor was asked: the attempt is on record."""

RECORDS = frozenset({"payment_attempts", "processor_records", "processor_scripts"})

SALES = frozenset({"auth", "authCapture"})
REFUSED_SALE = ASKED_A_PROCESSOR | {403}
"""Sales that are off after their risk was scored or a processor was asked: they stay on record with all they made."""

_INSIDE = re.compile(
    r"Traceback|\.py\b|/work\b|/usr/|/tmp/|sqlalchemy|sqlite|psycopg|cashbox_service|SELECT |INSERT |UPDATE |constraint"
    r"|object at 0x|<class|NoneType|\bNone\b|[A-Z]\w+Error\b|Decimal\(|datetime\."
)
"""What only the inside of a server would say."""

_LONG_NUMBER = re.compile(r"(?<![0-9a-f])[0-9]{13,19}(?![0-9a-f])")

PRESCRIBED = (LUHN_FAILURE, NOT_STARTED)
"""Ends of literal texts of the original that name neither field nor value."""


T = TypeVar("T")


class Target:
    """A merchant with one of everything, whose requests are checked against its rows."""

    def __init__(self, wire: Wire, rows: StoredRows, ids: dict[str, str]) -> None:
        self._wire = wire
        self._rows = rows
        self._ids = ids

    def send(self, service: str, operation: str, template: str, srd: str = "") -> Reply:
        """The answer; fails when it is no proper one, or a refusal left something behind."""
        reply = self._wire.call(service, operation, self.filled(template), srd)
        is_fault = reply.body.tag == FAULT
        assert reply.status in (FAULTS if is_fault else {200}), reply.content
        if not is_fault:
            assert reply.code in _documented(service, operation), (reply.code, reply.text)
        left = self._changed() - {NUMBERS} - (RECORDS if reply.code in ASKED_A_PROCESSOR else frozenset())
        if operation in SALES and reply.code in REFUSED_SALE:
            left = set()
        if is_fault or reply.code >= FAILED:
            assert not left, (reply.code, reply.text, left)
        return reply

    def filled(self, template: str) -> str:
        """The template with ids of this merchant's objects."""
        for name, value in (self._ids | {"new": shop.new_id("new")}).items():
            template = template.replace(f"{{{name}}}", value)
        return template

    def _changed(self) -> set[str]:
        """The tables that the last request changed; they are put back."""
        if not self._rows.touched():
            return set()
        changed = self._rows.changed()
        self._rows.restore(changed)
        return changed


@pytest.fixture(scope="module")
def target(server: Server) -> Iterator[Target]:
    """The merchant that all odd requests are made for."""
    login: Login = _new_merchant(server)
    ids = one_of_everything(lambda service: ServiceClient(server, login, service), Sandbox(server, login))
    with stored_rows(server.database_url, login.vid) as rows:
        yield Target(Wire(server, login), rows, ids)


def test_every_operation_has_a_sound_request() -> None:
    """Add the missing ones to ``SOUND`` in tests/services/sound_requests.py: a line each, all else comes by itself."""
    implemented = {".".join(each) for each in OPERATIONS}
    assert sorted(implemented - SOUND.keys()) == []
    assert sorted(SOUND.keys() - implemented) == []


@pytest.mark.parametrize(("service", "operation"), COVERED)
def test_the_requests_are_sound_until_they_are_spoiled(target: Target, service: str, operation: str) -> None:
    for request in SOUND[f"{service}.{operation}"]:
        reply = target.send(service, operation, request)
        refusal = ALWAYS_REFUSED.get(f"{service}.{operation}")
        assert (reply.code if refusal is None else (reply.code, reply.text)) == (refusal or 200), reply.text


@pytest.mark.parametrize(("service", "operation"), COVERED)
@pytest.mark.timeout(3600)  # thorough
def test_one_odd_field_is_refused_by_name_or_does_no_harm(
    target: Target, pytestconfig: pytest.Config, service: str, operation: str
) -> None:
    def check(odd: Odd) -> None:
        _check(
            target.send(service, operation, odd.request), service, operation, odd, target.filled(odd.value)
        )

    by_field: dict[str, list[Odd]] = {}
    for odd in odd_ones(service, operation, SOUND[f"{service}.{operation}"]):
        by_field.setdefault(odd.where, []).append(odd)
    if pytestconfig.getoption("--thorough"):
        for odds in by_field.values():
            for odd in odds:
                check(odd)
    elif by_field:
        fields = st.sampled_from(sorted(by_field))
        changes = fields.flatmap(lambda field: st.sampled_from(by_field[field]))
        _examples(changes, check, min(16 + len(by_field) // 8, 48))


def _check(reply: Reply, service: str, operation: str, odd: Odd, value: str) -> None:
    if odd.fault:
        assert reply.body.findtext("faultcode") == "soap:Client", odd
        assert (reply.body.findtext("faultstring") or "").startswith("Malformed request: "), odd
        return
    assert reply.body.tag != FAULT, (odd, reply.content)
    if odd.text is not None:
        assert (reply.code, reply.text) == (FAILED, odd.text), odd
    if odd.refused:
        assert reply.code >= FAILED, odd
    if reply.code >= FAILED:
        assert reply.text.strip(), odd
        assert not _INSIDE.search(reply.text.replace(value, "")), (odd, reply.text)
        assert not any(is_card(run) for run in _LONG_NUMBER.findall(reply.text)), (odd, reply.text)
        as_ever = (reply.code, reply.text) == ALWAYS_REFUSED.get(f"{service}.{operation}")
        is_literal = as_ever or _is_prescribed(reply.text, service, operation)
        assert is_literal or _names(_told(reply), odd, value), (odd, reply.text)


@pytest.mark.parametrize(("service", "operation"), COVERED)
def test_several_odd_fields_are_refused_or_do_no_harm(
    target: Target, pytestconfig: pytest.Config, service: str, operation: str
) -> None:
    number = SPOILED * 20 if pytestconfig.getoption("--thorough") else SPOILED
    sound = SOUND[f"{service}.{operation}"]
    _examples(spoiled(service, operation, sound), lambda each: target.send(service, operation, each), number)


@pytest.mark.parametrize(("service", "operation"), COVERED)
def test_a_wrong_description_of_the_answer_keeps_the_call_from_having_any_effect(
    target: Target, service: str, operation: str
) -> None:
    for description in DESCRIPTIONS:
        reply = target.send(service, operation, SOUND[f"{service}.{operation}"][0], description)
        assert reply.code == FAILED
        assert reply.text.startswith("Invalid sparse response description: ")


def _documented(service: str, operation: str) -> frozenset[int]:
    """The codes that the operation may answer to a request, whatever is in it."""
    own = {row.code for row in HANDLERS.returns(service, operation)}
    return BY_GENERAL_RULE | {code for code in own if code < INTERNAL}


def _told(reply: Reply) -> str:
    """What is wrong: the return string, and for lists what is said of each item."""
    return " ".join([reply.text, *reply.values("response/description")])


def _is_prescribed(text: str, service: str, operation: str) -> bool:
    """Whether the operation says this text as it stands, whatever is wrong."""
    literals = {row.text for row in HANDLERS.returns(service, operation)}
    return text in literals or text.endswith(PRESCRIBED)


def _names(text: str, odd: Odd, value: str) -> bool:
    """Whether the text speaks of the field that was changed, of an object it is in or a part of it, or quotes it.

    With another id, or none, it is another object, or a new one: then it may want other parts than were given.
    """
    said = _letters(text)
    wanting = odd.owner if odd.field.name in IDENTIFIERS | {"VID"} else odd.field.type
    parts = FACTS.types[wanting].fields if wanting in FACTS.types else ()
    words = [odd.field.name, odd.owner, *odd.where.split("/")[1:], *(part.name for part in parts)]
    stems = {re.sub(r"(?<=.)(vid|id|s)$", "", _letters(word)) for word in words} - {""}
    return any(stem in said for stem in stems) or bool(value.strip() and value[:40] in text)


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", text.lower())


def _examples(strategy: st.SearchStrategy[T], check: Callable[[T], object], number: int) -> None:
    """Check so many examples, always the same ones."""
    bounded = settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )

    def checked(example: T) -> None:
        check(example)

    bounded(given(strategy)(checked))()
