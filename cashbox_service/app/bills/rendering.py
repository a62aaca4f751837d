"""An invoice as text, HTML or PDF, by the merchant's own template where there is one, in a language (autobill §6.28).

Own templates go first: the one that was asked for by its id, then the merchant's default; of each the one in the
language, without its region, and in English. Without any the built-in invoice is made in the language, else in English.
A template that fails never keeps an invoice from being made: the built-in one stands in, and the log tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from cashbox_service.app.bills import invoice_pdf, template_language
from cashbox_service.app.bills.wordings import wording
from cashbox_service.app.context import Work
from cashbox_service.app.templating.language import Facts as TemplateFacts
from cashbox_service.app.templating.language import TemplateFailed
from cashbox_service.domain.errors import InvalidValue
from cashbox_service.domain.language import ENGLISH, choices, primary_of
from cashbox_service.domain.statement import Reminder, StatementContent, Wording, render_statement
from cashbox_service.logging import get_logger
from cashbox_service.store.entities import StatementTemplate

log = get_logger(__name__)


class Form(StrEnum):
    """What an invoice is made as. PDF templates are text, set in a typewriter font."""

    TEXT = "text"
    HTML = "html"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a template may say beside the content of an invoice."""

    state: str
    account_id: str
    autobill_id: str
    autobill_name: str
    email: str


@dataclass(frozen=True, slots=True)
class Wish:
    """How somebody wants to have an invoice: as what, in which language, by which templates, best first."""

    form: Form
    language: str | None
    template_ids: tuple[str, ...] = ()


def wording_of(form: Form, language: str | None) -> Wording:
    """The words of a form. Amounts in text, and all of the English PDF, are as programs read them."""
    is_plain = form is Form.TEXT or (
        form is Form.PDF and wording(language, localised=False).language == ENGLISH
    )
    return wording(language, localised=not is_plain)


def document(
    work: Work, wish: Wish, content: StatementContent, facts: Facts, reminder: Reminder | None = None
) -> bytes:
    """The invoice, or a reminder of it, in UTF-8 or as PDF."""
    text = _by_own_template(work, wish, content, facts, reminder)
    if text is None:
        text = _built_in(wish, content, facts, reminder)
    if wish.form is Form.PDF:
        return invoice_pdf.render(text, content.invoice_id, wish.language)
    return text.encode()


def by_template(
    source: str,
    form: Form,
    language: str,
    content: StatementContent,
    facts: Facts,
    reminder: Reminder | None = None,
) -> str:
    """What a template makes of an invoice. Raises InvalidValue for a faulty one, TemplateFailed for this invoice."""
    told = _template_facts(form, language, content, facts, reminder)
    return template_language.filled_in(source, told, html=form is Form.HTML)


def _built_in(wish: Wish, content: StatementContent, facts: Facts, reminder: Reminder | None) -> str:
    if wish.form is Form.HTML:
        source = template_language.built_in_html()
        return by_template(source, Form.HTML, wish.language or ENGLISH, content, facts, reminder)
    return render_statement(content, wording_of(wish.form, wish.language), reminder)


def _by_own_template(
    work: Work, wish: Wish, content: StatementContent, facts: Facts, reminder: Reminder | None
) -> str | None:
    ids = tuple(dict.fromkeys((*wish.template_ids, "")))
    for own in _in_order(work.uow.statement_templates.of_form(wish.form.value, ids), ids, wish.language):
        try:
            return by_template(own.source, wish.form, own.language, content, facts, reminder)
        except TemplateFailed as failure:
            reason = template_language.located(failure)
        except InvalidValue as refusal:
            reason = str(refusal)
        log.warning(
            "invoice template failed",
            template=own.template_id,
            form=own.form,
            language=own.language,
            invoice=content.invoice_id,
            reason=reason,
        )
        return None
    return None


def _in_order(loaded: Any, ids: tuple[str, ...], language: str | None) -> Iterator[StatementTemplate]:
    by_key = {(one.template_id, one.language): one for one in loaded}
    for template_id in ids:
        for code in choices(language):
            if (template_id, code) in by_key:
                yield by_key[template_id, code]


def _template_facts(
    form: Form, language: str, content: StatementContent, facts: Facts, reminder: Reminder | None
) -> TemplateFacts:
    wording = wording_of(form, language)
    layout = render_statement(
        content, wording_of(Form.TEXT if form is Form.HTML else form, language), reminder
    )
    return {
        "company": content.company,
        "invoice_id": content.invoice_id,
        "state": facts.state,
        "date": content.date,
        "pay_by": content.pay_by,
        "currency": content.currency,
        "language": primary_of(language),
        "labels": _words(wording),
        template_language.WORDING: wording,
        "layout": layout,
        "reminder": {
            "index": reminder.index,
            "balance": reminder.balance.amount,
            "heading": wording.reminder.format(reminder.index),
        }
        if reminder is not None
        else None,
        "account_id": facts.account_id,
        "autobill_id": facts.autobill_id,
        "autobill_name": facts.autobill_name,
        "email": facts.email,
        "customer": content.customer,
        "payments": [asdict(payment) for payment in content.payments],
        "charges": [asdict(charge) for charge in content.charges],
        "credits": [asdict(credit) for credit in content.credits],
        "previous_balance": content.previous_balance,
        "total_payments": content.total_payments,
        "balance": content.balance,
        "total_charges": content.total_charges,
        "total_credits": content.total_credits,
        "tax": content.tax,
        "total_due": content.total_due,
    }


def _words(wording: Wording) -> TemplateFacts:
    """The words alone, without the ways of writing."""
    written = {each.name: getattr(wording, each.name) for each in fields(wording)}
    return {name: value for name, value in written.items() if isinstance(value, str)}
