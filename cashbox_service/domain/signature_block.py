"""The form by which a customer signs a document on a page of the merchant's, and what comes back of it.

The block carries what was agreed on with the merchant: document, target and a number that is used once, under a code
that only the service can make. Source: notifications §3.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import parse_qsl

from cashbox_service.domain.xml_text import expressible

_PREFIX: Final = "vin_signature_"
_MOST_FIELDS: Final = 200
_LONGEST_NAME: Final = 255
_AGREED: Final = "1"


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be signed, where the form goes, and the number that makes the block one of its own."""

    uri: str
    target: str
    nonce: str

    @property
    def message(self) -> str:
        """All of it as one text, different for different terms."""
        return json.dumps([self.uri, self.target, self.nonce])


@dataclass(frozen=True, slots=True)
class SignedForm:
    """What a customer submitted."""

    terms: Terms
    mac: str
    agreed: bool
    name: str

    @property
    def is_complete(self) -> bool:
        return self.agreed and 0 < len(self.name) <= _LONGEST_NAME


def read(form_data: str | None) -> SignedForm:
    """The URL-encoded form; whatever it lacks is empty."""
    try:
        pairs = parse_qsl(
            (form_data or "").strip().removeprefix("?"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        pairs = []
    values = {name: expressible(value) for name, value in reversed(pairs)}

    def value(name: str) -> str:
        return values.get(_PREFIX + name, "")

    return SignedForm(
        Terms(value("uri"), value("target"), value("nonce")),
        value("mac"),
        value("agree").strip() == _AGREED,
        value("name").strip(),
    )


def block(terms: Terms, mac: str, *, noscript: str = "", name: str = "", agreed: bool = False) -> str:
    """The form as HTML, filled in with what is known. Without a target it goes to the page that shows it."""
    action = f' action="{escape(terms.target)}"' if terms.target else ""
    hidden = {"uri": terms.uri, "target": terms.target, "nonce": terms.nonce, "mac": mac}
    fields = "".join(
        f'<input type="hidden" name="{_PREFIX}{field}" value="{escape(value)}">'
        for field, value in hidden.items()
    )
    checked = " checked" if agreed else ""
    return (
        f'<form method="post"{action}>{fields}'
        f'<p><label><input type="checkbox" name="{_PREFIX}agree" value="{_AGREED}"{checked} required> '
        f'I have read and agree to <a href="{escape(terms.uri)}">{escape(terms.uri)}</a></label></p>'
        f'<p><label>Name <input type="text" name="{_PREFIX}name" value="{escape(name)}" maxlength="{_LONGEST_NAME}" '
        'autocomplete="name" required></label></p>'
        f'<p><button type="submit">Sign</button></p><noscript>{escape(noscript)}</noscript></form>'
    )
