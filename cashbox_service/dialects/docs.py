"""``/docs``: the OpenAPI document as a page that needs nothing from elsewhere, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup, escape
from werkzeug.wrappers import Request, Response

from cashbox_service.dialects import openapi
from cashbox_service.dialects.catalogue import DIALECTS
from cashbox_service.dialects.exchange import Dialect

_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

_STYLE = """\
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1b1b1f; }
h1, h2, h3 { line-height: 1.2; } h2 { margin-top: 3rem; border-bottom: 2px solid #d0d0d8; }
h3 { margin-top: 2rem; } code, pre { font-family: ui-monospace, monospace; font-size: 0.9em; }
pre { background: #f4f4f7; padding: 0.75rem; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.5rem; border-bottom: 1px solid #e2e2e8; }
.method { background: #26415f; color: #fff; padding: 0.1rem 0.5rem; border-radius: 0.25rem; }
@media (prefers-color-scheme: dark) {
  body { background: #17171b; color: #e6e6ea; } pre { background: #24242b; } th, td { border-color: #3a3a44; }
  a { color: #9cc4ff; }
}
"""

_PAGE = Markup("""<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Payment dialects</title><link rel="stylesheet" href="/docs/style.css">
<h1>Payment dialects</h1>
<p>{about} <a href="/docs/openapi.json">OpenAPI 3.1 document</a></p>
<ul>{contents}</ul>
{dialects}
</html>
""")
_ENTRY = Markup('<li><a href="#{name}">{title}</a></li>')
_DIALECT = Markup('<h2 id="{name}">{title}</h2><p>{description}</p>{operations}{tables}')
_OPERATION = Markup(
    '<h3 id="{id}"><span class="method">{method}</span> <code>{path}</code></h3><p>{summary}. {description}</p>'
    "{parameters}{members}{outcomes}{examples}"
)
_TABLE = Markup("<h4>{title}</h4><table><tr>{head}</tr>{rows}</table>")
_PRE = Markup("<h4>{title}</h4><pre>{text}</pre>")


def page(path: str, base_url: str, _request: Request) -> Response:
    """One of the pages."""
    content_type, make = PAGES[path]
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return Response(make(base_url), 200, headers, content_type=content_type)


@cache
def _json(base_url: str) -> bytes:
    return json.dumps(openapi.document(base_url), indent=2).encode()


def _style(_base_url: str) -> bytes:
    return _STYLE.encode()


@cache
def _html(base_url: str) -> bytes:
    described = openapi.document(base_url)
    html = _PAGE.format(
        about=described["info"]["description"],
        contents=_joined(_ENTRY.format(name=one.name, title=one.title) for one in DIALECTS),
        dialects=_joined(_dialect(one, described) for one in DIALECTS),
    )
    return html.encode()


PAGES: Mapping[str, tuple[str, Callable[[str], bytes]]] = {
    "/docs": ("text/html; charset=utf-8", _html),
    "/docs/openapi.json": ("application/json; charset=utf-8", _json),
    "/docs/style.css": ("text/css; charset=utf-8", _style),
}
"""Every page by its path."""


def _dialect(dialect: Dialect, described: Mapping[str, Any]) -> Markup:
    operations = [
        _operation(path, method, operation, described)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if operation["tags"] == [dialect.name]
    ]
    tables = [_table(table.title, table.head, table.rows) for table in dialect.tables]
    return _DIALECT.format(
        name=dialect.name,
        title=dialect.title,
        description=dialect.description,
        operations=_joined(operations),
        tables=_joined(tables),
    )


def _operation(path: str, method: str, operation: Mapping[str, Any], described: Mapping[str, Any]) -> Markup:
    parameters = [
        (one["name"], one["in"], "yes" if one["required"] else "no", one["description"])
        for one in operation["parameters"]
    ]
    outcomes = [(status, outcome["description"]) for status, outcome in operation["responses"].items()]
    return _OPERATION.format(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=_table("Parameters", ("Name", "In", "Required", "Description"), parameters),
        members=_joined(_members(operation, described)),
        outcomes=_table("Answers", ("Status", "Meaning"), outcomes),
        examples=_examples(path, method, operation, described["servers"][0]["url"]),
    )


def _members(operation: Mapping[str, Any], described: Mapping[str, Any]) -> Iterable[Markup]:
    """Tables of the members of the body and of the objects inside."""
    content = operation.get("requestBody", {}).get("content", {})
    schema: Mapping[str, Any] = next((one["schema"] for one in content.values()), {})
    waiting, seen = [schema.get("$ref")], set()
    while waiting:
        reference = waiting.pop(0)
        if reference is None or reference in seen:
            continue
        seen.add(reference)
        name = reference.rpartition("/")[2]
        model = described["components"]["schemas"][name]
        required = set(model.get("required", ()))
        rows = []
        for member, inner in model.get("properties", {}).items():
            kind, further = _kind(inner)
            waiting += further
            rows.append((member, kind, "yes" if member in required else "no", inner.get("description", "")))
        yield _table(name, ("Member", "Type", "Required", "Description"), rows)


def _kind(schema: Mapping[str, Any]) -> tuple[str, list[str]]:
    """What a member is, for a person, and the objects it refers to."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2], [schema["$ref"]]
    if "anyOf" in schema:
        return _kind(next(one for one in schema["anyOf"] if one.get("type") != "null"))
    if schema.get("type") == "array":
        kind, further = _kind(schema.get("items", {}))
        return f"list of {kind}", further
    longest = f" ≤ {schema['maxLength']}" if "maxLength" in schema else ""
    return f"{schema.get('format') or schema.get('type', 'any')}{longest}", []


def _examples(path: str, method: str, operation: Mapping[str, Any], base_url: str) -> Markup:
    content = operation.get("requestBody", {}).get("content", {})
    example = next((one["example"] for one in content.values() if "example" in one), None)
    if example is None:
        return Markup()
    body, media_type = json.dumps(example), next(iter(content))
    curl = (
        f"curl -X {method.upper()} '{base_url}{path}' \\\n  -H 'Content-Type: {media_type}' \\\n  -d '{body}'"
    )
    python = (
        "import httpx\n\n"
        f'answer = httpx.{method}("{base_url}{path}", json={example!r})\n'
        "print(answer.status_code, answer.json())"
    )
    return _PRE.format(title="curl", text=curl) + _PRE.format(title="Python", text=python)


def _table(title: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Markup:
    lines = [
        Markup("<tr>") + _joined(Markup("<td>{}</td>").format(cell) for cell in row) + Markup("</tr>")
        for row in rows
    ]
    if not lines:
        return Markup()
    names = _joined(Markup("<th>{}</th>").format(name) for name in head)
    return _TABLE.format(title=title, head=names, rows=_joined(lines))


def _joined(parts: Iterable[Markup]) -> Markup:
    return Markup("").join(escape(part) for part in parts)
