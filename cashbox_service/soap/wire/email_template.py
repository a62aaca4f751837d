"""EmailTemplate."""

from __future__ import annotations

from collections.abc import Iterable

from cashbox_service.app.context import Work
from cashbox_service.soap import records as r
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.wire.catalog import product
from cashbox_service.store.entities import EmailTemplate


def email_template(work: Work, source: EmailTemplate, selection: Selection) -> r.EmailTemplate:
    """A default has an empty element in place of its product: the schema demands one."""
    wants = selection.wants
    record = r.EmailTemplate(vid=source.vid)
    if source.product is not None:
        record.product = product(work, source.product, selection.child("product"))
    else:
        record.product = r.Product()
    if wants("templateType"):
        record.templateType = source.type
    if wants("version"):
        record.version = f"{source.major}.{source.minor}"
    if wants("from"):
        record.from_ = source.sender
    if wants("replyTo"):
        record.replyTo = source.reply_to
    if wants("htmlMessage"):
        record.htmlMessage = source.html
    if wants("textMessage"):
        record.textMessage = source.text
    return record


def email_templates(
    work: Work, sources: Iterable[EmailTemplate], selection: Selection
) -> tuple[r.EmailTemplate, ...]:
    return tuple([email_template(work, source, selection) for source in sources])
