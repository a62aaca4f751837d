"""Service EmailTemplate (notifications §2)."""

from __future__ import annotations

from cashbox_service.app.mail import templates
from cashbox_service.app.mail.drafts import EmailTemplateDraft
from cashbox_service.domain.errors import EmailTemplateNotFound, MissingField, NothingFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.email_template import email_template, email_templates
from cashbox_service.soap.wire.inbound import draft, reference

_ID = "merchantProductId"
_MISSING = "Missing required parameter '{name}'."
_UNKNOWN = Row(
    404,
    'Unable to load email template by VID "{value}":  No match.',
    "decided",
    EmailTemplateNotFound,
    "VID unknown",
)
_NONE = Row(404, "Unable to load email templates:  No match.", "decided", NothingFound, "no such template")
_NO_TYPE = Row(400, _MISSING, "decided", MissingField, "no type")

RETURNS: dict[str, tuple[Row, ...]] = {
    "update": (
        _UNKNOWN,
        Row(400, _MISSING, "decided", MissingField, "no type, sender or body"),
    ),
    "fetchByVid": (
        Row(400, "Must specify VID to load by!", "decided", MissingField, "no VID"),
        _UNKNOWN,
    ),
    "fetchByProduct": (_NONE,),
    "fetchByType": (_NO_TYPE, _NONE),
    "fetchByTypeAndVersion": (_NO_TYPE, _NONE),
}


@handles("EmailTemplate", "update")
def update(call: Call, request: r.EmailTemplateUpdateRequest) -> r.EmailTemplateUpdateResponse:
    given = draft(EmailTemplateDraft, request.template)
    if given is not None and request.template is not None:
        given.product = reference(request.template.product, _ID)
    stored = templates.update(call.work, given)
    return r.EmailTemplateUpdateResponse(
        template=email_template(call.work, stored, call.srd.child("template"))
    )


@handles("EmailTemplate", "fetchByVid")
def fetch_by_vid(call: Call, request: r.EmailTemplateFetchByVidRequest) -> r.EmailTemplateFetchByVidResponse:
    found = templates.by_vid(call.work, request.vid)
    return r.EmailTemplateFetchByVidResponse(
        template=email_template(call.work, found, call.srd.child("template"))
    )


@handles("EmailTemplate", "fetchByProduct")
def fetch_by_product(
    call: Call, request: r.EmailTemplateFetchByProductRequest
) -> r.EmailTemplateFetchByProductResponse:
    found = templates.current(call.work, reference(request.product, _ID))
    return r.EmailTemplateFetchByProductResponse(
        templates=email_templates(call.work, found, call.srd.child("templates"))
    )


@handles("EmailTemplate", "fetchByType")
def fetch_by_type(
    call: Call, request: r.EmailTemplateFetchByTypeRequest
) -> r.EmailTemplateFetchByTypeResponse:
    found = templates.versions(call.work, reference(request.product, _ID), request.type)
    return r.EmailTemplateFetchByTypeResponse(
        template=email_templates(call.work, found, call.srd.child("template"))
    )


@handles("EmailTemplate", "fetchByTypeAndVersion")
def fetch_by_type_and_version(
    call: Call, request: r.EmailTemplateFetchByTypeAndVersionRequest
) -> r.EmailTemplateFetchByTypeAndVersionResponse:
    found = templates.version(call.work, reference(request.product, _ID), request.type, request.version)
    return r.EmailTemplateFetchByTypeAndVersionResponse(
        template=email_template(call.work, found, call.srd.child("template"))
    )
