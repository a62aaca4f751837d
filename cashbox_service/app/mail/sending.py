"""Handing mails to the mail server, again with growing pauses where that fails.

A mail is claimed for a while in a transaction of its own, sent outside of any, and noted: a worker that dies in between
leaves it to be sent again, with the same Message-ID. What cannot be sent now waits; nothing that customers or merchants
ask for waits for a mail server.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import letters
from cashbox_service.domain.mail import MailState, retry_delay
from cashbox_service.logging import get_logger
from cashbox_service.mailbox import mailbox
from cashbox_service.notify.letter import Attachment, Letter
from cashbox_service.notify.smtp import Connection, NoServer, NotSent, SmtpServer
from cashbox_service.store.entities import Mail

log = get_logger(__name__)

GROUP = 20
LEASE = timedelta(minutes=10)
"""How long a mail that is being sent is left alone by others; longer than a group can take."""

ROUND_SECONDS = 30.0
"""How long a round sends: the worker has other things to do."""

_FORGOTTEN_AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class _Parcel:
    """A claimed mail; the number of the attempt tells whether it is still ours."""

    row_id: str
    attempt: int
    letter: Letter


def send_all(env: Environment) -> int:
    """Send what is queued, for every merchant, and forget what is old; how many mails were sent."""
    return send(env, env.merchants())


def send(env: Environment, merchants: Sequence[MerchantContext]) -> int:
    """The same for some merchants."""
    for merchant in merchants:
        _forget(env, merchant)
    server = server_of(env)
    if server is None:
        return 0
    sent, last = 0, time.monotonic() + ROUND_SECONDS
    with Connection(server) as connection:
        for merchant in merchants:
            try:
                sent += _send(env, merchant, connection, last)
            except NoServer as error:
                log.warning("mail server does not answer", server=str(server), reason=str(error))
                break
    return sent


def server_of(env: Environment) -> SmtpServer | None:
    """The mail server of the settings."""
    settings = env.settings
    if settings.smtp_host is None:
        return None
    return SmtpServer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        user=settings.smtp_user,
        password=settings.smtp_password,
        seconds=settings.smtp_seconds,
    )


def _send(env: Environment, merchant: MerchantContext, connection: Connection, last: float) -> int:
    """Raises NoServer, once what was claimed is given back."""
    sent = 0
    while parcels := _claim(env, merchant):
        for position, parcel in enumerate(parcels):
            if time.monotonic() > last:
                _give_back(env, merchant, parcels[position:])
                return sent
            try:
                connection.send(parcel.letter)
            except NoServer as error:
                _put_off(env, merchant, parcel, error)
                _give_back(env, merchant, parcels[position + 1 :])
                raise
            except NotSent as error:
                _put_off(env, merchant, parcel, error)
            else:
                _note_sent(env, merchant, parcel)
                sent += 1
    return sent


def _claim(env: Environment, merchant: MerchantContext) -> list[_Parcel]:
    now = env.clock.now()
    with closing(env.open(merchant)) as work:
        if not work.uow.mails.is_waiting(MailState.QUEUED):
            return []
        with work.writing():
            mails = work.uow.mails.claim(MailState.QUEUED, now, GROUP)
            for mail in mails:
                mail.attempts += 1
                mail.next_at = now + LEASE
            return [_Parcel(mail.row_id, mail.attempts, letter_of(work, mail)) for mail in mails]


def letter_of(work: Work, mail: Mail) -> Letter:
    """A mail that was written, as it goes out."""
    attachment = None
    if mail.attachment is not None and mail.attachment_name is not None:
        attachment = Attachment(mail.attachment_name, mail.attachment)
    return Letter(
        id=mail.row_id,
        at=mail.at.astimezone(work.zone),
        sender=mailbox(mail.sender or ""),
        recipient=mailbox(mail.recipient or ""),
        subject=mail.subject or "",
        text=mail.text,
        html=mail.html,
        reply_to=mailbox(mail.reply_to) if mail.reply_to is not None else None,
        attachment=attachment,
    )


def _note_sent(env: Environment, merchant: MerchantContext, parcel: _Parcel) -> None:
    with closing(env.open(merchant)) as work, work.writing():
        mail = _ours(work, parcel)
        if mail is not None:
            mail.state, mail.next_at, mail.done_at, mail.error = MailState.SENT, None, env.clock.now(), None
            letters.note_told(work, mail)


def _put_off(env: Environment, merchant: MerchantContext, parcel: _Parcel, error: NotSent) -> None:
    """Try again later, or give up."""
    now = env.clock.now()
    delay = None if error.for_good else retry_delay(parcel.attempt)
    with closing(env.open(merchant)) as work, work.writing():
        mail = _ours(work, parcel)
        if mail is None:
            return
        mail.error = str(error)
        if delay is not None:
            mail.next_at = now + delay
            return
        mail.state, mail.next_at, mail.done_at = MailState.FAILED, None, now
    log.warning("mail not sent", mail=parcel.row_id, attempts=parcel.attempt, reason=str(error))


def _give_back(env: Environment, merchant: MerchantContext, parcels: Sequence[_Parcel]) -> None:
    """What was claimed and not tried is free again, and was no attempt."""
    if not parcels:
        return
    now = env.clock.now()
    with closing(env.open(merchant)) as work, work.writing():
        for parcel in parcels:
            mail = _ours(work, parcel)
            if mail is not None:
                mail.attempts -= 1
                mail.next_at = now


def _ours(work: Work, parcel: _Parcel) -> Mail | None:
    mail = work.uow.mails.lock(parcel.row_id)
    is_ours = mail is not None and mail.state == MailState.QUEUED and mail.attempts == parcel.attempt
    return mail if is_ours else None


def _forget(env: Environment, merchant: MerchantContext) -> None:
    before: datetime = env.clock.now() - timedelta(days=env.settings.mail_keep_days)
    with closing(env.open(merchant)) as work:
        if work.uow.mails.are_done(before):
            with work.writing():
                work.uow.mails.remove_done(before, _FORGOTTEN_AT_A_TIME)
