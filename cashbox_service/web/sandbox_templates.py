"""Templates of invoices over the control plane: list them, load one, take one out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cashbox_service.app.bills import statement_templates
from cashbox_service.app.bills.statement_templates import TemplateKey
from cashbox_service.app.context import MerchantContext
from cashbox_service.app.environment import Environment
from cashbox_service.domain.errors import InvalidValue, MissingField


def shown(env: Environment, merchant: MerchantContext) -> dict[str, Any]:
    """All templates of the merchant."""
    return {
        "templates": [
            {
                "templateId": one.template_id,
                "form": one.form,
                "language": one.language,
                "source": one.source,
                "loadedAt": one.loaded_at,
            }
            for one in statement_templates.listed(env, merchant)
        ]
    }


def change(env: Environment, merchant: MerchantContext, body: Mapping[str, Any]) -> None:
    """Load a template, or take it out where ``source`` is null. Raises InvalidRequest, TemplateNotFound."""
    if "source" not in body:
        raise MissingField("source")
    form, language, template_id = _text(body, "form"), _text(body, "language"), _text(body, "templateId")
    if form is None:
        raise MissingField("form")
    key = TemplateKey.of(form, language, template_id)
    source = _text(body, "source")
    if source is None:
        statement_templates.remove(env, merchant, key)
    else:
        statement_templates.load(env, merchant, key, source)


def _text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidValue(name, str(value)[:40], "is no text")
    return value
