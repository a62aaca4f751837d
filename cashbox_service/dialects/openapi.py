"""The dialects as an OpenAPI 3.1 document, made from the same declarations that the application runs by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from cashbox_service import __version__
from cashbox_service.dialects.catalogue import DIALECTS
from cashbox_service.dialects.exchange import Dialect, Operation, Outcome, Parameter
from cashbox_service.dialects.negotiation import TYPES, Media

_REFERENCE: Final = "#/components/schemas/{model}"

SECURITY: Final[Mapping[str, Mapping[str, Any]]] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "login": {"type": "http", "scheme": "basic"},
}
"""How callers of the dialects whose bodies hold no credentials say who they are."""


def document(base_url: str) -> dict[str, Any]:
    """The whole document; it can be read as it is, nothing in it refers to the outside."""
    schemas, references = _schemas()
    paths: dict[str, Any] = {}
    for dialect in DIALECTS:
        for operation in dialect.operations:
            path = paths.setdefault(operation.path.replace("<", "{").replace(">", "}"), {})
            path[operation.method.lower()] = _operation(dialect, operation, references)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "cashbox_service payment dialects",
            "version": __version__,
            "description": "Four HTTP interfaces over the same accounts, invoices and ledger as the SOAP interface.",
        },
        "servers": [{"url": base_url}],
        "tags": [{"name": one.name, "description": one.description} for one in DIALECTS],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": dict(SECURITY)},
    }


def _schemas() -> tuple[dict[str, Any], dict[tuple[Any, str], dict[str, Any]]]:
    """Every model that an operation takes or gives, and where each stands."""
    wanted: dict[tuple[Any, Any], None] = {}
    for operation in (operation for dialect in DIALECTS for operation in dialect.operations):
        if operation.request is not None:
            wanted[operation.request, "validation"] = None
        for outcome in operation.outcomes:
            if outcome.model is not None:
                wanted[outcome.model, "serialization"] = None
    found, definitions = models_json_schema(list(wanted), by_alias=True, ref_template=_REFERENCE)
    return definitions.get("$defs", {}), {
        (model, str(mode)): schema for (model, mode), schema in found.items()
    }


def _operation(
    dialect: Dialect, operation: Operation, references: Mapping[tuple[Any, str], dict[str, Any]]
) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{dialect.name}.{operation.name}",
        "tags": [dialect.name],
        "summary": operation.summary,
        "parameters": [_parameter(one) for one in operation.parameters],
        "responses": _responses(dialect, operation.outcomes, references),
    }
    if operation.description:
        described["description"] = operation.description
    if operation.security:
        described["security"] = [{name: []} for name in operation.security]
    if operation.request is not None:
        schema = references[operation.request, "validation"]
        content = {
            media_type: _content(media_type, schema, dialect.root_in, operation.example)
            for media_type in dialect.formats.reads
        }
        described["requestBody"] = {"required": True, "content": content}
    return described


def _content(media_type: str, schema: dict[str, Any], root: str | None, example: Any) -> dict[str, Any]:
    media = TYPES[media_type]
    if media is Media.JSON:
        return {"schema": schema} | ({"example": example} if example is not None else {})
    if media is Media.XML:
        return {"schema": {**schema, "xml": {"name": root or "Request"}}}
    return {"schema": {"type": "string"}}


def _responses(
    dialect: Dialect,
    outcomes: Iterable[Outcome],
    references: Mapping[tuple[Any, str], dict[str, Any]],
) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for outcome in outcomes:
        response: dict[str, Any] = {"description": outcome.description}
        if outcome.headers:
            response["headers"] = {name: {"schema": {"type": "string"}} for name in outcome.headers}
        if outcome.model is not None:
            schema = references[outcome.model, "serialization"]
            response["content"] = {
                media_type: {"schema": schema if TYPES[media_type] is Media.JSON else {"type": "string"}}
                for media_type in dialect.formats.writes
            }
        responses[str(outcome.status)] = response
    return responses


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "required": parameter.required or parameter.place == "path",
        "schema": dict(parameter.schema),
    }
