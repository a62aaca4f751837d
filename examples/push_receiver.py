"""A listener for push messages, with Python's standard library alone.

    CASHBOX_PUSH_KEY=... python examples/push_receiver.py 8090

prints every message once and answers 202; one whose signature is wrong is answered 403. Both formats are understood:
JSON with the signature in the header X-Webhook-Signature, and a form with the fields json and signature.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

MAX_BYTES = 4 * 1024 * 1024
SEEN: set[str] = set()
"""Messages that came already. A real listener keeps these with what it does about them, in one transaction."""


def signature_is_right(text: bytes, signature: str, key: str) -> bool:
    """Over the very bytes that came: a text that was parsed and written again is another one."""
    expected = base64.b64encode(hmac.new(key.encode(), text, hashlib.sha256).digest()).decode()
    return hmac.compare_digest(expected.encode(), signature.encode())


def unpacked(content_type: str, body: bytes, header: str) -> tuple[bytes, str]:
    """The JSON text and its signature, from either format."""
    if content_type.partition(";")[0].strip().lower() == "application/json":
        return body, header
    fields = dict(parse_qsl(body.decode("ascii"), keep_blank_values=True))
    return fields.get("json", "").encode(), fields.get("signature", "")


class Receiver(BaseHTTPRequestHandler):
    """Answers at once; what takes long belongs behind a queue, since a sender waits ten seconds."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > MAX_BYTES:
            self.close_connection = True
            self.answer(413)
            return
        text, signature = unpacked(
            self.headers.get("Content-Type", ""),
            self.rfile.read(size),
            self.headers.get("X-Webhook-Signature", ""),
        )
        if not signature_is_right(text, signature, os.environ["CASHBOX_PUSH_KEY"]):
            self.answer(403)
            return
        message = json.loads(text)
        header = message["header"]
        if header["message_id"] not in SEEN:
            SEEN.add(header["message_id"])
            print(header["event_timestamp"], header["class_name"], header["event_name"], flush=True)
        self.answer(202)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Requests are not logged one by one."""


def main() -> None:
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8090
    if not os.environ.get("CASHBOX_PUSH_KEY"):
        sys.exit("Set CASHBOX_PUSH_KEY to the key that merchant add-key --push showed.")
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
