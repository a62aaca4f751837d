"""Service ElectronicSignature (notifications §3)."""

from __future__ import annotations

from cashbox_service.app.customers import signatures
from cashbox_service.domain.errors import (
    AccountNotFound,
    InvalidRequest,
    InvalidValue,
    MissingField,
    TransactionNotFound,
)
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import Row
from cashbox_service.soap.wire.signature import signature, signature_draft

_MISSING = "Missing required parameter '{name}'."

RETURNS: dict[str, tuple[Row, ...]] = {
    "getSignatureBlock": (
        Row(400, _MISSING, "decided", MissingField, "no URI, or no target of the form"),
        Row(400, "{detail}", "decided", InvalidValue, "not an absolute http or https address"),
    ),
    "sign": (
        Row(400, _MISSING, "decided", MissingField, "no URI, timestamp, account or transaction"),
        Row(404, 'No match found for {key} "{value}"', "decided", AccountNotFound, "account unknown"),
        Row(404, 'No match found for {key} "{value}"', "decided", TransactionNotFound, "transaction unknown"),
        Row(400, "{detail}", "decided", InvalidRequest, "VID and id belong to two accounts"),
    ),
}


@handles("ElectronicSignature", "getSignatureBlock")
def get_signature_block(
    call: Call, request: r.ElectronicSignatureGetSignatureBlockRequest
) -> r.ElectronicSignatureGetSignatureBlockResponse:
    block = signatures.block(call.work, request.vindiciaUriBase, request.formTarget, request.noscript)
    return r.ElectronicSignatureGetSignatureBlockResponse(signatureBlock=block)


@handles("ElectronicSignature", "sign")
def sign(call: Call, request: r.ElectronicSignatureSignRequest) -> r.ElectronicSignatureSignResponse:
    """A form that was not completed, or is not one of ours, is a result: ``signatureOk`` 0 and a fresh block."""
    signing = signatures.sign(call.work, signature_draft(request.signature), request.formData)
    made = signing.signature
    return r.ElectronicSignatureSignResponse(
        signatureBlock=signing.block,
        signatureOk=made is not None,
        signature=None if made is None else signature(call.work, made, call.srd.child("signature")),
    )
