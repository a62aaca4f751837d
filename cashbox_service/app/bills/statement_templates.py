"""Loading, listing and removing a merchant's own templates of invoices: its operator's command, or the sandbox.

A template is tried on sample invoices before it is stored. These run outside of any merchant's own work, in a work of
their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from cashbox_service.app.bills import rendering, template_language
from cashbox_service.app.bills.rendering import Facts, Form
from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.app.templating.language import TemplateFailed
from cashbox_service.domain.errors import InvalidValue, NotFound
from cashbox_service.domain.language import ENGLISH, is_tag, tag_of
from cashbox_service.domain.money import Money
from cashbox_service.domain.statement import Reminder, StatementCharge, StatementContent, StatementEntry
from cashbox_service.store.entities import StatementTemplate

MOST: Final = 200
"""Templates that a merchant may have."""

_LONGEST_ID: Final = 255

_FACTS: Final = Facts("Due", "account-1", "S1", "Home line", "jo@example.org")
_FULL: Final = StatementContent(
    company="Example Video Inc.",
    invoice_id="S1-00000003",
    date=dt.date(2024, 4, 30),
    customer=("Jo Doe", "12 Main Street"),
    previous_balance=Decimal("13.20"),
    payments=(StatementEntry("Payment chk-881", Decimal("5.00")),),
    charges=(StatementCharge("tri", "Three steps", Decimal("1.5"), Decimal("10.00")),),
    credits=(StatementEntry("Overpayment", Decimal("6.80")),),
    tax=Decimal("1.00"),
    pay_by=dt.date(2024, 5, 10),
    currency="USD",
)
_BARE: Final = replace(_FULL, customer=(), payments=(), charges=(), credits=(), currency="JPY")
_SAMPLES: Final = ((_FULL, Reminder(1, Money.of(Decimal("12.40"), "USD"))), (_BARE, None))


class TemplateNotFound(NotFound):
    """No such template."""

    kind = "template"


@dataclass(frozen=True, slots=True)
class TemplateKey:
    """Which template: an id, empty for the merchant's default, a form and a language."""

    template_id: str
    form: Form
    language: str

    @classmethod
    def of(cls, form: str, language: str | None = None, template_id: str | None = None) -> TemplateKey:
        """As somebody wrote it. Raises InvalidValue for a form or language that there is not."""
        if form not in tuple(Form):
            raise InvalidValue("form", form, f"is none of {', '.join(Form)}")
        tag = tag_of(language or ENGLISH)
        if not is_tag(tag):
            raise InvalidValue("language", language, "is no language code, such as de or pt-BR")
        name = (template_id or "").strip()
        if len(name) > _LONGEST_ID:
            raise InvalidValue("templateId", name[:40], f"is longer than {_LONGEST_ID} characters")
        return cls(name, Form(form), tag)


def listed(env: Environment, merchant: MerchantContext) -> Sequence[StatementTemplate]:
    """What the merchant has loaded."""
    with closing(env.open(merchant)) as work:
        return work.uow.statement_templates.all_loaded()


def load(env: Environment, merchant: MerchantContext, key: TemplateKey, source: str) -> None:
    """Store a template, in place of the one with that key; it counts from the next invoice on.

    Raises InvalidValue saying what is wrong with it, and nothing is changed then.
    """
    check(key, source)
    with closing(env.open(merchant)) as work, work.writing():
        found = work.uow.statement_templates.find(key.template_id, key.form.value, key.language)
        if found is not None:
            found.source, found.loaded_at = source, work.now
            return
        if len(work.uow.statement_templates.all_loaded()) >= MOST:
            raise InvalidValue("templates", MOST, "are as many as there may be; remove one")
        work.uow.statement_templates.add(
            StatementTemplate(
                template_id=key.template_id,
                form=key.form.value,
                language=key.language,
                source=source,
                loaded_at=work.now,
            )
        )


def remove(env: Environment, merchant: MerchantContext, key: TemplateKey) -> None:
    """Take a template out; invoices fall back to the next one. Raises TemplateNotFound."""
    with closing(env.open(merchant)) as work, work.writing():
        found = work.uow.statement_templates.find(key.template_id, key.form.value, key.language)
        if found is None:
            raise TemplateNotFound("template", " ".join((key.template_id, key.form, key.language)).strip())
        work.uow.statement_templates.remove(found)


def source_of(env: Environment, merchant: MerchantContext, key: TemplateKey) -> str:
    """The template as it was loaded, or the built-in one of HTML to begin with. Raises TemplateNotFound."""
    with closing(env.open(merchant)) as work:
        found = work.uow.statement_templates.find(key.template_id, key.form.value, key.language)
    if found is not None:
        return found.source
    if key.template_id:
        raise TemplateNotFound("templateId", key.template_id)
    return template_language.built_in_html() if key.form is Form.HTML else "{{ layout }}"


def check(key: TemplateKey, source: str) -> None:
    """Try a template on the reminder of a full invoice and on a bare one. Raises InvalidValue saying where it fails."""
    for content, reminder in _SAMPLES:
        try:
            rendering.by_template(source, key.form, key.language, content, _FACTS, reminder)
        except TemplateFailed as failure:
            raise template_language.unusable(failure) from failure
