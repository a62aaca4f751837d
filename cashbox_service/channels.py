"""Connections of the HTTP server that send an answer in one piece.

Waitress sends head and body one after the other, each through a buffer. The client is woken by the head and has to be
woken again for the body, and the server calls the system twice.
"""

from __future__ import annotations

from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask


class _Task(WSGITask):  # type: ignore[misc]
    channel: Channel

    def write(self, data: bytes) -> None:
        if self.wrote_header or not data:
            super().write(data)
            return
        with_head: list[bytes] = []
        self.channel.joined = with_head
        try:
            super().write(data)
        finally:
            self.channel.joined = None
        self.channel.write_soon(b"".join(with_head))


class Channel(HTTPChannel):  # type: ignore[misc]
    """One connection."""

    task_class = _Task

    joined: list[bytes] | None = None
    """What is being written is collected here, if it is to be sent together."""

    def write_soon(self, data: Any) -> int:
        """Send ``data`` now as far as the connection takes it, and the rest as soon as it does."""
        if self.joined is not None:
            self.joined.append(data)
            return len(data)
        length = len(data)
        if isinstance(data, bytes) and data:
            data = data[self._send_now(data) :]
        if data:
            super().write_soon(data)
        return length

    def _send_now(self, data: bytes) -> int:
        """How many bytes of ``data`` went out at once: none while others wait, or if the connection is broken."""
        with self.outbuf_lock:
            if not self.connected or self.total_outbufs_len:
                return 0
            sent, failed = self._flush_exception(lambda do_close: self.send(data, do_close=do_close), False)
            return 0 if failed else int(sent)
