"""Writing the mails that notices ask for: by a template of the merchant's, or by a text of the service's own.

A notice without a text, or to a customer without an address, becomes no mail. One that cannot be written because of its
template has failed, and neither the run nor the others feel it. Mails are written in groups, each a transaction of its
own with its mails locked: several workers never write the same one. A group that cannot be stored is done again one by
one. Source: notifications §2.1, billing-engine §6, §11.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass

from cashbox_service.app.bills import invoices
from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.environment import Environment
from cashbox_service.app.mail import builtin, facts, subjects
from cashbox_service.app.mail.facts import Facts, Subject
from cashbox_service.app.mail.template_language import LETTERS
from cashbox_service.app.templating.language import TemplateProblem
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.mail import MailState, candidates, template_type
from cashbox_service.domain.notice import Notice
from cashbox_service.logging import get_logger
from cashbox_service.mailbox import mailbox
from cashbox_service.store.entities import EmailTemplate, Mail
from cashbox_service.store.entities.mail import MERCHANT_WIDE

log = get_logger(__name__)

GROUP = 10
"""Mails that are written in one transaction: on SQLite all writers wait meanwhile, and documents take their time."""

FORGOTTEN_AT_A_TIME = 5000
"""Notices without a text that are forgotten in one transaction."""

MAX_SUBJECT = 200
MAX_STORED = 255

_SANDBOX_SENDER = "cashbox@localhost"

_WITH_STATEMENT = frozenset({Notice.INVOICE, Notice.STATEMENT, Notice.DUNNING})
_ATTACHED = "Attachment"
_SUBJECT_LINE = re.compile(r"\A[Ss]ubject:[ \t]*([^\r\n]*)(?:\r?\n)+")
_TITLE = re.compile(r"<title[^>]*>(.*?)</title\s*>", re.IGNORECASE | re.DOTALL)
_BLANKS = re.compile(r"\s+")


class _NothingToSay(Exception):
    """What the notice speaks of is no longer so."""


@dataclass(frozen=True, slots=True)
class _Source:
    """The text that a mail is made of."""

    sender: str | None
    reply_to: str | None
    html: str | None
    text: str | None
    template_vid: str | None = None


def write(env: Environment, merchant: MerchantContext, *, wait: bool = False) -> int:
    """Write what is due for a merchant; how many notices were dealt with.

    ``wait``: for what another worker is writing just now, too, so that all is written when this returns.
    """
    with closing(env.open(merchant)) as work:
        if not work.uow.mails.is_waiting(MailState.DUE):
            return 0
        count = _forget_silent(work)
    while written := _write_group(env, merchant, wait=wait):
        count += written
    return count


def _forget_silent(work: Work) -> int:
    """Notices of kinds without any text are forgotten together: most merchants have texts for a few at most."""
    types = work.uow.mails.template_types()
    silent = [notice.value for notice in Notice if not _has_text(work, notice, types)]
    count = 0
    while True:
        with work.writing():
            gone = work.uow.mails.remove_due(silent, FORGOTTEN_AT_A_TIME)
        count += gone
        if gone < FORGOTTEN_AT_A_TIME:
            return count


def _has_text(work: Work, notice: Notice, types: set[str]) -> bool:
    return template_type(notice) in types or _is_built_in(work, notice)


def write_all(env: Environment) -> int:
    """The same for every merchant."""
    return sum(write(env, merchant) for merchant in env.merchants())


def _write_group(env: Environment, merchant: MerchantContext, *, wait: bool) -> int:
    try:
        return _written(env, merchant, GROUP, wait=wait)
    except Exception as error:
        log.info("mails are written one by one", reason=type(error).__name__)
    try:
        return _written(env, merchant, 1, wait=wait)
    except Exception as error:
        log.exception("mail not written", reason=type(error).__name__)
        return _given_up(env, merchant, type(error).__name__)


def _written(env: Environment, merchant: MerchantContext, limit: int, *, wait: bool) -> int:
    with closing(env.open(merchant)) as work, work.writing():
        mails = work.uow.mails.claim(MailState.DUE, None, limit, wait=wait)
        if mails:
            types = work.uow.mails.template_types()
            for mail in mails:
                _settle(work, mail, types)
        return len(mails)


def _given_up(env: Environment, merchant: MerchantContext, reason: str) -> int:
    """Nothing can be made of the oldest one."""
    with closing(env.open(merchant)) as work, work.writing():
        mails = work.uow.mails.claim(MailState.DUE, None, 1)
        for mail in mails:
            _fail(work, mail, f"could not be written ({reason}); the log has the cause")
        return len(mails)


def _settle(work: Work, mail: Mail, types: set[str]) -> None:
    """Write a mail, or forget the notice."""
    notice = Notice(mail.kind)
    if not _has_text(work, notice, types):
        work.uow.session.delete(mail)
        return
    subject = subjects.of(work, mail)
    source = _source(work, notice, subject) if subject is not None else None
    if subject is None or source is None or not subject.account.email_address:
        work.uow.session.delete(mail)
        return
    mail.account_id = subject.account.merchant_account_id
    mail.recipient = subject.account.email_address
    mail.template_vid = source.template_vid
    try:
        _fill(work, mail, subject, source)
    except TemplateProblem as problem:
        _fail(work, mail, f"template: {problem}")
    except _NothingToSay:
        work.uow.session.delete(mail)


def _is_built_in(work: Work, notice: Notice) -> bool:
    return notice in builtin.TEXTS and builtin.SWITCHES[notice] in work.settings.built_in_mails


def _source(work: Work, notice: Notice, subject: Subject) -> _Source | None:
    """The text for a notice; None when there is none."""
    found = _template(work, notice, subject)
    if found is not None:
        return _Source(found.sender, found.reply_to, found.html, found.text, template_vid=found.vid)
    if not _is_built_in(work, notice):
        return None
    return _Source(sender_of(work), None, None, builtin.TEXTS[notice].text)


def sender_of(work: Work) -> str | None:
    """Who a mail is from that has no sender of its own."""
    sender = work.settings.mail_sender or work.env.settings.mail_sender
    return sender or (_SANDBOX_SENDER if work.env.settings.is_sandbox else None)


def _template(work: Work, notice: Notice, subject: Subject) -> EmailTemplate | None:
    sale = subject.transaction if subject.autobill is None else None
    wished = sale.preferred_notification_language if sale is not None else None
    language = wished or subject.account.preferred_language
    vids = [product.vid for product in subject.products]
    newest: dict[tuple[str, str], EmailTemplate] = {}
    for one in work.uow.mails.templates_for(template_type(notice), [*vids, MERCHANT_WIDE]):
        newest.setdefault((one.scope, one.language), one)
    for product_vid, each in candidates(vids, language):
        found = newest.get((product_vid or MERCHANT_WIDE, each))
        if found is not None:
            return found
    return None


def _fill(work: Work, mail: Mail, subject: Subject, source: _Source) -> None:
    """Raises TemplateProblem, _NothingToSay."""
    notice = Notice(mail.kind)
    known = facts.of(work, mail, subject)
    if notice in _WITH_STATEMENT:
        _add_statement(work, mail, subject, known)
    text, html = source.text, source.html
    title: str | None = None
    if text is not None and (found := _SUBJECT_LINE.match(text)):
        title, text = LETTERS.fill_in(found[1], known, escaping=False), text[found.end() :]
    elif html is not None and (found := _TITLE.search(html)):
        title = LETTERS.fill_in(found[1], known, escaping=False)
    mail.subject = one_line(title or LETTERS.fill_in(builtin.SUBJECTS[notice], known, escaping=False))
    text, html = _preferred(subject.account.email_type_preference, text, html)
    mail.text = LETTERS.fill_in(text, known, escaping=False) if text is not None else None
    mail.html = LETTERS.fill_in(html, known, escaping=True) if html is not None else None
    mail.sender, mail.reply_to = source.sender, source.reply_to
    _queue(work, mail)


def one_line(text: str) -> str:
    """A text as a subject: one line of printable characters, not too long."""
    joined = _BLANKS.sub(" ", text).strip()
    return "".join(letter for letter in joined if letter.isprintable())[:MAX_SUBJECT]


def _preferred(preference: str, text: str | None, html: str | None) -> tuple[str | None, str | None]:
    """The bodies that the customer wants; the other one when the wanted one is missing (notifications §2.1)."""
    if preference == "multipart":
        return text, html
    if preference == "plaintext":
        return (text, None) if text is not None else (None, html)
    return (None, html) if html is not None else (text, None)


def _add_statement(work: Work, mail: Mail, subject: Subject, known: Facts) -> None:
    """The invoice as it is fetched: in the letter, or as a document beside it (billing-engine §6)."""
    autobill, invoice = subject.autobill, subject.invoice
    if autobill is None or invoice is None:
        raise _NothingToSay
    attached = autobill.statement_format == _ATTACHED
    reminder = mail.facts.get("reminder")
    try:
        content = invoices.render(
            work,
            Reference(vid=autobill.vid),
            invoice.invoice_id,
            as_pdf=attached,
            dunning_index=int(reminder) if reminder else None,
        )
    except CashboxError:
        raise _NothingToSay from None  # a reminder of what was paid meanwhile
    if attached:
        mail.attachment, mail.attachment_name = content, f"{one_line(invoice.invoice_id)}.pdf"
    else:
        known["statement"] = content.decode()


def _queue(work: Work, mail: Mail) -> None:
    problem = addressing_problem(mail.recipient, mail.sender)
    if problem is not None:
        _fail(work, mail, problem)
        return
    now = work.env.clock.now()
    if work.env.settings.smtp_host is None:
        mail.state, mail.next_at, mail.done_at = MailState.KEPT, None, now
        note_told(work, mail)
    else:
        mail.state, mail.next_at = MailState.QUEUED, now


def addressing_problem(recipient: str | None, sender: str | None) -> str | None:
    """Why a mail cannot be addressed."""
    if sender is None:
        return "no sender: set mailSender or CASHBOX_MAIL_SENDER"
    for name, address in (("recipient", recipient), ("sender", sender)):
        try:
            mailbox(address or "")
        except ValueError:
            return f"the {name} is not an e-mail address"
    return None


def _fail(work: Work, mail: Mail, reason: str) -> None:
    mail.state, mail.next_at, mail.done_at, mail.error = (
        MailState.FAILED,
        None,
        work.env.clock.now(),
        reason,
    )


def note_told(work: Work, mail: Mail) -> None:
    """The AutoBill's history says that its customer was told (billing-engine §11)."""
    if mail.autobill_vid is not None:
        work.uow.events.record_autobill(mail.autobill_vid, "NOTIFICATION", max(work.now, mail.at))
