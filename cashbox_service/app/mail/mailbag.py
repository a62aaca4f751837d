"""Looking at the mails of a merchant, and sending one again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import letters
from cashbox_service.domain.errors import IllegalState, InvalidValue, MailNotFound
from cashbox_service.domain.mail import MailState
from cashbox_service.store.entities import Mail

MAX_LISTED = 1000
STATES = tuple(state.value for state in MailState if state is not MailState.DUE)

_SENDABLE = frozenset({MailState.KEPT, MailState.SENT, MailState.FAILED})


def listed(
    env: Environment,
    merchant: MerchantContext,
    *,
    state: str | None = None,
    kind: str | None = None,
    account: str | None = None,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """The newest mails, what is due written first; ``account`` is a merchantAccountId or an address.

    Raises InvalidValue for an unknown state or a limit out of bounds.
    """
    if state is not None and state not in STATES:
        raise InvalidValue("state", state, f"must be one of {', '.join(STATES)}")
    if not 1 <= limit <= MAX_LISTED:
        raise InvalidValue("limit", limit, f"must be from 1 to {MAX_LISTED}")
    letters.write(env, merchant, wait=True)
    with closing(env.open(merchant)) as work:
        return [_summary(work, mail) for mail in work.uow.mails.search(limit, state, kind, account)]


def shown(env: Environment, merchant: MerchantContext, row_id: str) -> dict[str, Any]:
    """A mail with its bodies. Raises MailNotFound."""
    with closing(env.open(merchant)) as work:
        mail = _found(work.uow.mails.mail(row_id), row_id)
        return _summary(work, mail) | {"text": mail.text, "html": mail.html}


def resend(env: Environment, merchant: MerchantContext, row_ids: Sequence[str]) -> None:
    """Send mails once more that are written and not waiting. Raises MailNotFound, IllegalState; then none is."""
    if env.settings.smtp_host is None:
        raise IllegalState("Mail", "", "kept", "There is no mail server: set CASHBOX_SMTP_HOST.")
    with closing(env.open(merchant)) as work, work.writing():
        for row_id in row_ids:
            mail = _found(work.uow.mails.lock(row_id), row_id)
            if mail.state not in _SENDABLE or letters.addressing_problem(mail.recipient, mail.sender):
                raise IllegalState("Mail", row_id, mail.state)
            mail.state, mail.attempts, mail.error, mail.done_at = MailState.QUEUED, 0, None, None
            mail.next_at = env.clock.now()


def _found(mail: Mail | None, row_id: str) -> Mail:
    if mail is None or mail.state == MailState.DUE:
        raise MailNotFound("id", row_id)
    return mail


def _summary(work: Work, mail: Mail) -> dict[str, Any]:
    autobill = work.uow.autobills.by_vid(mail.autobill_vid) if mail.autobill_vid is not None else None
    return {
        "id": mail.row_id,
        "date": mail.at.astimezone(work.zone),
        "kind": mail.kind,
        "state": mail.state,
        "account": mail.account_id,
        "autobill": autobill.merchant_autobill_id if autobill is not None else None,
        "to": mail.recipient,
        "from": mail.sender,
        "replyTo": mail.reply_to,
        "subject": mail.subject,
        "attachment": mail.attachment_name,
        "attempts": mail.attempts,
        "error": mail.error,
    }
