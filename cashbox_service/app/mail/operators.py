"""Mail to whoever runs the service, or a part of it for the merchant."""

from __future__ import annotations

from cashbox_service.app.context import Work
from cashbox_service.app.mail import letters
from cashbox_service.domain.mail import MailState

KIND = "operator"
MAX_TEXT = 20_000


def tell_operator(work: Work, address: str, subject: str, text: str, *, key: str) -> bool:
    """Queue a mail to an operator's address, once for each ``key`` of the merchant; whether it is new.

    Inside the caller's write transaction: the mail is there if and only if that commits. It never fails for what is
    wrong with the address: such a mail is there, and has failed. ``subject`` and ``text`` are sent as they are, so they
    must hold no secrets.
    """
    now = work.env.clock.now()
    sender = letters.sender_of(work)
    problem = letters.addressing_problem(address, sender)
    waits = problem is None and work.env.settings.smtp_host is not None
    state = MailState.FAILED if problem else MailState.QUEUED if waits else MailState.KEPT
    return work.uow.mails.add_unless_there(
        f"operator {key}",
        kind=KIND,
        at=work.now,
        state=state.value,
        recipient=address[: letters.MAX_STORED],
        sender=sender,
        subject=letters.one_line(subject),
        text=text[:MAX_TEXT],
        next_at=now if waits else None,
        done_at=None if waits else now,
        error=problem,
    )
