"""How a request is refused: with an HTTP status, a sentence, and the member that is wrong."""

from __future__ import annotations


class Refusal(Exception):
    """The request is refused; the dialect's own ``errors`` say in which form."""

    def __init__(self, status: int, message: str, member: str | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.member = member
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
