"""Electronic signatures: the block that a customer signs in, and keeping what was signed (notifications §3).

A signature counts once: the number of its block is kept with it, and a block that comes again is not signed again.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from cashbox_service.app.concurrency import starting_over
from cashbox_service.app.context import Work
from cashbox_service.app.customers import accounts
from cashbox_service.app.drafts import Reference
from cashbox_service.app.sales import transactions
from cashbox_service.domain import signature_block
from cashbox_service.domain.errors import MissingField, TransactionNotFound
from cashbox_service.domain.return_address import checked
from cashbox_service.domain.signature_block import SignedForm, Terms
from cashbox_service.ids import new_vid
from cashbox_service.store.entities import Account, ElectronicSignature, Transaction

_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class SignatureDraft:
    """What a merchant says of a signature."""

    uri: str | None = None
    source_ip: str | None = None
    at: datetime | None = None
    account: Reference | None = None
    transaction: Reference | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """What came of a signing: the stored signature, or the block to be shown again."""

    signature: ElectronicSignature | None
    block: str = ""


def block(work: Work, uri: str | None, target: str | None, noscript: str | None) -> str:
    """A new block for a document. Raises MissingField, InvalidValue for what is no address of the web."""
    if not uri:
        raise MissingField("vindiciaUriBase")
    if not target:
        raise MissingField("formTarget")
    terms = _new_terms(checked("vindiciaUriBase", uri), checked("formTarget", target))
    return signature_block.block(terms, _mac(work, terms), noscript=noscript or "")


def sign(work: Work, draft: SignatureDraft | None, form_data: str | None) -> Signing:
    """Keep the signature if the form is one of ours, complete, for this document, and new.

    Raises MissingField, AccountNotFound, TransactionNotFound, InvalidRequest.
    """
    draft = draft or SignatureDraft()
    if not draft.uri:
        raise MissingField("uri")
    if draft.at is None:
        raise MissingField("timestamp")
    account, transaction = _account(work, draft.account), _transaction(work, draft.transaction)
    form = signature_block.read(form_data)
    is_ours = hmac.compare_digest(form.mac.encode(), _mac(work, form.terms).encode())
    if not (is_ours and form.is_complete and form.terms.uri == draft.uri):
        return Signing(None, _again(work, draft.uri, form, is_ours=is_ours))

    def signed() -> Signing:
        with work.writing():
            if work.uow.signatures.is_used(form.terms.nonce):
                return Signing(None, _again(work, form.terms.uri, form, is_ours=True))
            signature = _signature(work, draft, form, account, transaction)
            work.uow.signatures.add(signature)
        return Signing(signature)

    return starting_over(signed)


def _signature(
    work: Work, draft: SignatureDraft, form: SignedForm, account: Account, transaction: Transaction
) -> ElectronicSignature:
    return ElectronicSignature(
        vid=new_vid(),
        merchant_vid=work.merchant.vid,
        nonce=form.terms.nonce,
        uri=form.terms.uri,
        signed_by=form.name,
        source_ip=draft.source_ip,
        signed_at=draft.at,
        account_vid=account.vid,
        transaction_vid=transaction.vid,
        description=draft.description,
        recorded_at=work.now,
    )


def _account(work: Work, reference: Reference | None) -> Account:
    if reference is None or reference.is_empty:
        raise MissingField("account")
    return accounts.resolve(work, reference)


def _transaction(work: Work, reference: Reference | None) -> Transaction:
    if reference is None or reference.is_empty:
        raise MissingField("transaction")
    found = transactions.find(work, reference)
    if found is None:
        key = "VID" if reference.vid is not None else "merchantTransactionId"
        raise TransactionNotFound(key, reference.vid or reference.merchant_id)
    return found


def _again(work: Work, uri: str, form: SignedForm, *, is_ours: bool) -> str:
    """A fresh block with what was filled in; where a form goes that was tampered with, nobody knows any more."""
    terms = _new_terms(uri, form.terms.target if is_ours else "")
    return signature_block.block(terms, _mac(work, terms), name=form.name, agreed=form.agreed)


def _new_terms(uri: str, target: str) -> Terms:
    return Terms(uri, target, secrets.token_hex(_NONCE_BYTES))


def _mac(work: Work, terms: Terms) -> str:
    return work.env.vault.fingerprint(terms.message, f"{work.merchant.vid}/signature block")
