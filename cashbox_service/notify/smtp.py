"""Handing letters to a mail server, over one connection for as many as there are."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

from cashbox_service.notify.letter import Letter

Tls = Literal["starttls", "tls", "none"]

_PERMANENT = 500
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over. The password is not shown."""

    host: str
    port: int
    tls: Tls
    user: str | None
    password: str | None
    seconds: float

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port})"


class NotSent(Exception):
    """A letter was not taken. ``for_good``: it never will be."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.for_good = for_good


class NoServer(NotSent):
    """The server cannot be reached, or does not let us in: no other letter will fare better now."""


class Connection:
    """A connection to the server, made for the first letter."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()

    def send(self, letter: Letter) -> None:
        """Raises NotSent, NoServer."""
        try:
            message = letter.message()
        except (ValueError, UnicodeError) as error:
            raise NotSent(f"not a mail: {error}"[:_LONGEST], for_good=True) from None
        smtp = self._connected()
        try:
            smtp.send_message(message)
        except smtplib.SMTPServerDisconnected as error:
            self._smtp = None
            raise NoServer(_text(error)) from None
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise NotSent(_said(code, said), for_good=code >= _PERMANENT) from None
        except smtplib.SMTPResponseException as error:
            raise NotSent(
                _said(error.smtp_code, error.smtp_error), for_good=error.smtp_code >= _PERMANENT
            ) from None
        except smtplib.SMTPException as error:
            raise NotSent(_text(error), for_good=True) from None
        except OSError as error:
            smtp.close()
            self._smtp = None
            raise NoServer(_text(error)) from None

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = self._connect()
            except (smtplib.SMTPException, OSError) as error:
                raise NoServer(_text(error)) from None
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        if server.tls == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=server.seconds, context=context
            )
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=context)
            if server.user is not None:
                smtp.login(server.user, server.password or "")
        except BaseException:
            smtp.close()
            raise
        return smtp


def _said(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {words}".split())[:_LONGEST]


def _text(error: Exception) -> str:
    """What went wrong, without what a client may have sent to log in."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    return f"{type(error).__name__}: {error}"[:_LONGEST]
