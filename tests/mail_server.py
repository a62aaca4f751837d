"""A mail server on loopback that takes what it is given, refuses, or hangs up, as a test says."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

_OK = "250 fine"


@dataclass
class Postbox:
    """What the server took, and what it is to say. ``refusals`` are used up one by one, by the next recipients."""

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    hangs_up: bool = False
    connections: int = 0

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.messages]


class _Session(socketserver.StreamRequestHandler):
    timeout = 5

    def handle(self) -> None:
        postbox: Postbox = self.server.postbox  # type: ignore[attr-defined]
        postbox.connections += 1
        if postbox.hangs_up:
            return
        self._say("220 test")
        while line := self.rfile.readline():
            command = line.decode("ascii", "replace").strip().upper()
            if command.startswith("RCPT") and postbox.refusals:
                self._say(postbox.refusals.pop(0))
            elif command == "DATA":
                self._say("354 go on")
                message = message_from_bytes(self._data(), policy=default)
                assert isinstance(message, EmailMessage)
                postbox.messages.append(message)
                self._say(_OK)
            elif command == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say(_OK)

    def _data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Postbox]:
    """A running server."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session) as server:
        server.daemon_threads = True
        postbox = Postbox(port=server.server_address[1])
        server.postbox = postbox  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield postbox
        finally:
            server.shutdown()
            thread.join()
