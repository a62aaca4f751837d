"""Makes the call that a WebSession is about: a request out of form values, performed by the operation's own handler.

The request is put together as XML of the session's version and read by that version's codec, so that values get the
checks and meanings that a client's own request has. Parameters may have the names of any version. Source: websession
§3, §4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from functools import lru_cache
from typing import Any, cast

from lxml import etree

from cashbox_service.app.hosted.web_sessions import HostedCall
from cashbox_service.contract import Contract, Field, versions
from cashbox_service.domain.errors import CashboxError
from cashbox_service.domain.hosted_form import FormName
from cashbox_service.domain.hosted_method import NESTED, HostedMethod, parameters
from cashbox_service.domain.xml_text import expressible
from cashbox_service.logging import get_logger
from cashbox_service.soap.call import Call
from cashbox_service.soap.codec import Codec, CodecFault, InvalidArgument
from cashbox_service.soap.failures import describe
from cashbox_service.soap.projection import model, projection_of
from cashbox_service.soap.record import Record
from cashbox_service.soap.registry import HANDLERS
from cashbox_service.soap.returns import INTERNAL, SUCCESS, FailedWith, row_for
from cashbox_service.soap.shapes import response_shape
from cashbox_service.soap.shown import said
from cashbox_service.soap.versions import contract_of

log = get_logger(__name__)

MISSING_OBJECT = 402
_BAD = 400
_FAILED_FROM = 400
_MOST_ELEMENTS = 200
"""Elements of a list that a form can fill."""

_KEPT = 32
"""Codecs that are kept: merchants may ask for any version."""

KEPT_IN = versions()[-1]
"""The version whose form outputs are kept in."""

_PAIRS = "NameValuePair"
_INDEX = re.compile(r"[0-9]{1,3}")

Node = dict[str, Any]
"""Values of one object by field: a text, a node, nodes by index, or a list of name-value pairs."""


@dataclass(frozen=True, slots=True)
class HostedOutcome:
    """What a call came to: its return code and string, and its response, where there is one."""

    code: int
    text: str
    response: Record | None = None


def served_version(version: str) -> str | None:
    """The version as contracts have it, from ``22.0``, ``22_0`` or ``22``; None when it is not served."""
    plain = version.strip().replace("_", ".")
    plain = plain if "." in plain else f"{plain}.0"
    return plain if contract_of(plain) is not None else None


@lru_cache(maxsize=_KEPT)
def codec_of(version: str, zone: tzinfo) -> Codec:
    """The codec of a served version."""
    contract = contract_of(version)
    assert contract is not None
    return Codec(contract, zone, projection=projection_of(contract))


def perform(call: Call, hosted: HostedCall) -> HostedOutcome:
    """Make the call as the merchant of ``call``; its refusals are outcomes, and so are failures inside."""
    method = hosted.method
    given = {name.object for name in hosted.values}
    missing = next((name for name in method.required if name not in given), None)
    if missing is not None:
        return HostedOutcome(MISSING_OBJECT, f"Missing required parameter: vin_{missing}")
    if hosted.refusal is not None:
        return HostedOutcome(_BAD, said(str(hosted.refusal)))
    version = served_version(hosted.version)
    assert version is not None
    try:
        request = _request(hosted, version, call.merchant.settings.zone)
    except (InvalidArgument, CodecFault) as error:
        return HostedOutcome(_BAD, said(str(error)))
    inner = Call(method.service, method.operation, version, call.soap_id, call.merchant, call.app)
    try:
        return _answered(inner, request)
    finally:
        inner.close()


def _answered(inner: Call, request: Record) -> HostedOutcome:
    handler = HANDLERS.find(inner.service, inner.operation)
    assert handler is not None
    shape = response_shape(model(), inner.service, inner.operation)
    try:
        response: Any = handler(inner, request)
    except FailedWith as failed:
        code, text = _refusal(inner, failed.error)
        response = failed.response
    except CashboxError as error:
        code, text = _refusal(inner, error)
        response = shape.make()
    except Exception as error:
        # Not with the exception itself: its text may quote anything.
        log.error(  # noqa: TRY400
            "hosted call failed", service=inner.service, soap_id=inner.soap_id, **describe(error)
        )
        code, text, response = INTERNAL.code, INTERNAL.text, shape.make()
    else:
        own = response.return_
        code, text = (SUCCESS.code, SUCCESS.text) if own is None else (own.returnCode, own.returnString or "")
    if code >= _FAILED_FROM:
        shape.fill_required(response)
    return HostedOutcome(code, text, response)


def _refusal(inner: Call, error: CashboxError) -> tuple[int, str]:
    row = row_for(error, HANDLERS.returns(inner.service, inner.operation))
    return row.code, said(row.string_for(error))


# --- the request -------------------------------------------------------------------------------------------------


def _request(hosted: HostedCall, version: str, zone: tzinfo) -> Record:
    """The handler's request. Raises InvalidArgument and CodecFault."""
    method = hosted.method
    codec = codec_of(version, zone)
    request = codec.read_request(method.service, method.operation, _element(codec.contract, hosted))
    if codec.projection is None:
        return request
    key = (method.service, method.operation)
    request = codec.projection.request(key, key, request, zone)
    ours = codec_of(KEPT_IN, zone)
    given = ours.read_request(*key, _parameters_element(ours.contract, hosted))
    for field in _simple(ours.contract, ours.contract.operation(*key).request):
        value = getattr(given, field.attribute)
        if value is not None:
            setattr(request, field.attribute, value)
    return request


def _parameters_element(contract: Contract, hosted: HostedCall) -> etree._Element:
    """The parameters alone, which may have names that the session's version lacks."""
    method = hosted.method
    known = _parameters(hosted)
    element = etree.Element(f"{{{contract.service_namespace(method.service)}}}{method.operation}")
    for field in _simple(contract, contract.operation(method.service, method.operation).request):
        if field.name.lower() in known:
            etree.SubElement(element, field.name).text = expressible(known[field.name.lower()])
    return element


def _parameters(hosted: HostedCall) -> dict[str, str]:
    return parameters(hosted.method, [(pair.name, pair.value) for pair in hosted.parameters])


def _simple(contract: Contract, fields: Sequence[Field]) -> list[Field]:
    """The fields that hold no objects."""
    return [field for field in fields if field.is_builtin or field.type in contract.enums]


def _element(contract: Contract, hosted: HostedCall) -> etree._Element:
    method = hosted.method
    operation = contract.operation(method.service, method.operation)
    root: Node = {}
    for name, value in hosted.values.items():
        _place(contract, operation.request, root, method, name, value)
    main = _main(root, method)
    main.setdefault("nameValues", []).extend((pair.name, pair.value) for pair in hosted.name_values)
    known = _parameters(hosted)
    for field in _simple(contract, operation.request):
        _set(root, field.name, known.get(field.name.lower()))
    _add_source_ip(contract, operation.request, root, main, hosted)
    element = etree.Element(f"{{{contract.service_namespace(method.service)}}}{method.operation}")
    _fill(contract, element, operation.request, root)
    return element


def _set(node: Node, name: str, value: str | None) -> None:
    if value is not None:
        node[name] = value


def _main(root: Node, method: HostedMethod) -> Node:
    node = root
    for step in method.places[0][1]:
        node = node.setdefault(step, {})
    return node


def _add_source_ip(
    contract: Contract, request: Sequence[Field], root: Node, main: Node, hosted: HostedCall
) -> None:
    """Where the customer asked for the form from, if nobody says otherwise (websession §6.2)."""
    if any(field.name == "sourceIp" for field in request):
        root.setdefault("sourceIp", hosted.source_ip)
        return
    type_ = next(field.type for field in request if field.name == hosted.method.places[0][1][0])
    if any(field.name == "sourceIp" for field in contract.types[type_].fields):
        main.setdefault("sourceIp", hosted.source_ip)


def _place(
    contract: Contract, request: Sequence[Field], root: Node, method: HostedMethod, name: FormName, value: str
) -> None:
    """Put a value where it belongs; one that belongs nowhere is left out."""
    place = dict(method.places).get(name.object)
    if place is None or name.path[0] in NESTED.get(name.object, ()):
        return
    way = _way(contract, request, [*place, *name.path])
    if way is None:
        return
    node: Any = root
    for step, kind in way[:-1]:
        node = node.setdefault(step, kind())
    step, kind = way[-1]
    if kind is list:
        node.setdefault("nameValues", []).append((step, value))
    else:
        node.setdefault(step, value)


def _way(contract: Contract, fields: Sequence[Field], steps: Sequence[str]) -> list[tuple[Any, type]] | None:
    """Keys into nested nodes, each with what it leads to (str at the end, list for a name-value pair)."""
    way: list[tuple[Any, type]] = []
    rest = list(steps)
    while rest:
        step = rest.pop(0).lower()
        field = next((each for each in fields if each.name.lower() == step), None)
        if field is None:
            return None
        if field.type == _PAIRS:
            return [*way, (rest[0], list)] if len(rest) == 1 and rest[0] else None
        if field.type not in contract.types:
            return [*way, (field.name, str)] if not rest and not field.repeated else None
        way.append((field.name, dict))
        if field.repeated:
            if not rest or not _INDEX.fullmatch(rest[0]) or int(rest[0]) >= _MOST_ELEMENTS:
                return None
            way.append((int(rest.pop(0)), dict))
        fields = contract.types[field.type].fields
    return None


def _fill(
    contract: Contract, element: etree._Element, fields: Sequence[Field], node: Mapping[str, Any]
) -> None:
    for field in fields:
        value = node.get(field.name)
        if value is None:
            continue
        if field.type == _PAIRS:
            for name, text in value:
                pair = etree.SubElement(element, field.name)
                etree.SubElement(pair, "name").text = expressible(name)
                etree.SubElement(pair, "value").text = expressible(text or "")
        elif isinstance(value, str):
            etree.SubElement(element, field.name).text = expressible(value)
        else:
            for each in _nodes(field, value):
                _fill(
                    contract, etree.SubElement(element, field.name), contract.types[field.type].fields, each
                )


def _nodes(field: Field, value: Mapping[Any, Any]) -> Iterator[Mapping[str, Any]]:
    if field.repeated:
        yield from (value[index] for index in sorted(value))
    else:
        yield value


# --- the outputs, kept as a document -----------------------------------------------------------------------------


def dump(values: Record, codec: Codec) -> str:
    """apiReturnValues as XML."""
    from cashbox_service.soap import records as r

    response = r.WebSessionFinalizeResponse(
        return_=r.Return(returnCode=SUCCESS.code, returnString=SUCCESS.text),
        session=r.WebSession(apiReturnValues=cast("Any", values)),
    )
    document = etree.fromstring(codec.write_response("WebSession", "finalize", response))
    element = document.find(".//session/apiReturnValues")
    assert element is not None
    return etree.tostring(element, encoding="unicode")


def load(document: str, codec: Codec) -> Any:
    """The apiReturnValues of a document that ``dump`` wrote."""
    root = etree.Element(f"{{{codec.contract.service_namespace('WebSession')}}}finalize")
    etree.SubElement(root, "session").append(etree.fromstring(document))
    request: Any = codec.read_request("WebSession", "finalize", root)
    return request.session.apiReturnValues
