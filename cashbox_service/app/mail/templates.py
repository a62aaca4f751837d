"""Templates of mails: stored in versions, found by product and type (notifications §2.2, §2.3).

What comes through the interface is English; operators load other languages, and texts for the notices that the
interface has no type for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.drafts import Reference
from cashbox_service.app.lookup import named
from cashbox_service.app.mail.drafts import EmailTemplateDraft
from cashbox_service.app.mail.template_language import LETTERS
from cashbox_service.app.offers import catalog
from cashbox_service.app.templating.language import TemplateRefused
from cashbox_service.domain.errors import (
    EmailTemplateNotFound,
    InvalidValue,
    MissingField,
    NothingFound,
    ProductNotFound,
)
from cashbox_service.domain.language import ENGLISH, is_tag, tag_of
from cashbox_service.domain.mail import (
    TemplateType,
    TemplateVersion,
    next_version,
    template_type,
)
from cashbox_service.domain.notice import Notice
from cashbox_service.ids import new_vid
from cashbox_service.mailbox import mailbox
from cashbox_service.store.entities import EmailTemplate, Product
from cashbox_service.store.entities.mail import MERCHANT_WIDE

_SHOWN = 60
LOADABLE = tuple(template_type(notice) for notice in Notice)
"""The types of templates that an operator may load."""

_TYPES = frozenset(kind.value for kind in TemplateType)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a version says."""

    sender: str
    reply_to: str | None
    html: str | None
    text: str | None


def update(work: Work, draft: EmailTemplateDraft | None, language: str = ENGLISH) -> EmailTemplate:
    """A new version of a template: the first of its series, or in place of the one that is there.

    What is not given stays as it is in the version that ``vid`` names, or else in the newest.
    Raises MissingField, InvalidValue, EmailTemplateNotFound, ProductNotFound, InvalidRequest.
    """
    if draft is None:
        raise MissingField("template")

    def stored() -> EmailTemplate:
        with work.writing():
            return _put(work, draft, language)

    return starting_over(stored)


def load(work: Work, draft: EmailTemplateDraft, language: str) -> EmailTemplate:
    """The same for an operator, in any language, and for every notice. Raises as `update`."""
    if draft.template_type not in LOADABLE:
        raise InvalidValue("type", draft.template_type, f"is not one of {', '.join(LOADABLE)}")
    if not is_tag(language):
        raise InvalidValue("language", language, "is not a language code, such as de")
    return update(work, draft, tag_of(language))


def by_vid(work: Work, vid: str | None) -> EmailTemplate:
    """Exactly that version. Raises MissingField, EmailTemplateNotFound."""
    return named("vid", vid, work.uow.mails.template, EmailTemplateNotFound, "VID")


def current(work: Work, product: Reference) -> Sequence[EmailTemplate]:
    """The newest version of every type for the product, or of the defaults.

    Raises ProductNotFound, InvalidRequest, NothingFound.
    """
    newest: dict[str, EmailTemplate] = {}
    for one in work.uow.mails.templates_of(_scope(work, product), ENGLISH):
        newest.setdefault(one.type, one)
    found = [one for name, one in newest.items() if name in _TYPES]
    if not found:
        raise NothingFound
    return found


def versions(work: Work, product: Reference, type_: str | None) -> Sequence[EmailTemplate]:
    """All versions of a series, newest first. Raises MissingField, ProductNotFound, InvalidRequest, NothingFound."""
    if not type_:
        raise MissingField("type")
    found = work.uow.mails.template_versions(type_, _scope(work, product), ENGLISH)
    if not found:
        raise NothingFound
    return found


def version(work: Work, product: Reference, type_: str | None, named: str | None) -> EmailTemplate:
    """One version of a series, the newest when none is named. Raises as `versions`."""
    found = versions(work, product, type_)
    if not named or not named.strip():
        return found[0]
    wanted = TemplateVersion.parse(named)
    for one in found:
        if TemplateVersion(one.major, one.minor) == wanted:
            return one
    raise NothingFound


def _put(work: Work, draft: EmailTemplateDraft, language: str) -> EmailTemplate:
    base = by_vid(work, draft.vid) if draft.vid else None
    product = _product(work, draft.product)
    if base is not None:
        _check_same_series(base, draft, product)
        product, type_, language = base.product, base.type, base.language
    elif draft.template_type:
        type_ = draft.template_type
    else:
        raise MissingField("templateType")
    scope = product.vid if product is not None else MERCHANT_WIDE
    newest = next(iter(work.uow.mails.template_versions(type_, scope, language)), None)
    content = _content(draft, base or newest)
    at = TemplateVersion(newest.major, newest.minor) if newest is not None else None
    number = next_version(at, draft.version)
    return work.uow.mails.add(
        EmailTemplate(
            vid=new_vid(),
            scope=scope,
            product_vid=product.vid if product is not None else None,
            product=product,
            type=type_,
            language=language,
            major=number.major,
            minor=number.minor,
            sender=content.sender,
            reply_to=content.reply_to,
            html=content.html,
            text=content.text,
            created_at=work.now,
        )
    )


def _check_same_series(base: EmailTemplate, draft: EmailTemplateDraft, product: Product | None) -> None:
    if draft.template_type and draft.template_type != base.type:
        raise InvalidValue("templateType", draft.template_type, f"is not that of the template, {base.type}")
    if product is not None and product.vid != base.product_vid:
        raise InvalidValue("product", product.merchant_product_id, "is not that of the template")


def _content(draft: EmailTemplateDraft, before: EmailTemplate | None) -> _Content:
    """What the new version says. Raises MissingField, InvalidValue."""
    sender = _kept(draft.from_, before.sender if before is not None else None)
    if sender is None:
        raise MissingField("from")
    reply_to = _kept(draft.reply_to, before.reply_to if before is not None else None)
    html = _kept(draft.html_message, before.html if before is not None else None)
    text = _kept(draft.text_message, before.text if before is not None else None)
    if html is None and text is None:
        cleared = draft.text_message is not None and draft.html_message is None
        raise MissingField("textMessage" if cleared else "htmlMessage")
    for field, address in (("from", sender), ("replyTo", reply_to)):
        if address is not None:
            _check_address(field, address)
    for field, body in (("htmlMessage", html), ("textMessage", text)):
        if body is not None:
            _check_body(field, body)
    return _Content(sender, reply_to, html, text)


def _kept(given: str | None, before: str | None) -> str | None:
    """A field after an update: unchanged when it is absent, cleared when it is empty (conventions §5.3)."""
    return before if given is None else (given if given.strip() else None)


def _check_address(field: str, address: str) -> None:
    try:
        mailbox(address)
    except ValueError:
        raise InvalidValue(field, address[:_SHOWN], "is not an e-mail address") from None


def _check_body(field: str, body: str) -> None:
    try:
        LETTERS.check(body)
    except TemplateRefused as problem:
        shown = body if len(body) <= _SHOWN else body[:_SHOWN] + "…"
        raise InvalidValue(field, shown, f"is not a template: {problem}") from None


def _product(work: Work, reference: Reference) -> Product | None:
    """The product that is named; None for the defaults. Raises ProductNotFound, InvalidRequest."""
    by_id = None
    if reference.merchant_id:
        by_id = work.uow.catalog.product_by_sku(reference.merchant_id)
    if reference.vid:
        found = work.uow.catalog.product_by_vid(reference.vid)
        if found is None:
            raise ProductNotFound("VID", reference.vid)
        catalog.refuse_two_owners(found, by_id, "VID and merchantProductId")
        return found
    if reference.merchant_id and by_id is None:
        raise ProductNotFound("merchantProductId", reference.merchant_id)
    return by_id


def _scope(work: Work, reference: Reference) -> str:
    product = _product(work, reference)
    return product.vid if product is not None else MERCHANT_WIDE
