"""The example of a listener for push messages, as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import IO
from zoneinfo import ZoneInfo

import pytest

from cashbox_service.notify.envelope import Format, Message, SignedRequest, json_text, request_of, text_of
from cashbox_service.notify.sender import Sender
from tests.servers import ROOT

KEY = "k" * 40
TEXT = text_of(
    Message(
        message_id="a" * 40,
        event_class="accounts",
        event="data change",
        author_id="b" * 40,
        merchant_vid="c" * 40,
        soap_version="22.0",
        at=datetime(2024, 1, 15, 20, tzinfo=UTC),
        content=json_text({"name": "100 % & Größe + x"}),
    ),
    datetime(2024, 1, 15, 20, tzinfo=UTC),
    ZoneInfo("America/Los_Angeles"),
)


@pytest.fixture(scope="module")
def receiver() -> Iterator[tuple[str, IO[str]]]:
    """Its URL and what it prints."""
    process = subprocess.Popen(
        [sys.executable, "examples/push_receiver.py", "0"],
        cwd=ROOT,
        env=os.environ | {"CASHBOX_PUSH_KEY": KEY},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0], process.stdout
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def posted(url: str, request: SignedRequest) -> int | None:
    sender = Sender([ip_network("127.0.0.1")], 5)
    try:
        return sender.send(url, request).status
    finally:
        sender.close()


def test_it_takes_both_formats_once_and_refuses_what_is_not_signed(
    receiver: tuple[str, IO[str]],
) -> None:
    url, printed = receiver
    for form in Format:
        assert posted(url, request_of(TEXT, KEY, form)) == 202
        assert posted(url, request_of(TEXT, "another key", form)) == 403
        changed = request_of(TEXT, KEY, form)
        body = changed.body.replace(b"Gr", b"gr")
        assert posted(url, SignedRequest(changed.headers, body)) == 403
    assert printed.readline() == "2024-01-15 12:00:00 accounts data change\n"
