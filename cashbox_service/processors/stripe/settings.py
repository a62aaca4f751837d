"""What the processor has to know of its Stripe account: ``CASHBOX_STRIPE_...`` variables of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from cashbox_service.checked import Checked, Unreadable, flag, setting, text
from cashbox_service.domain.instruments import Secret

VARIABLE_PREFIX: Final = "CASHBOX_STRIPE_"
STRIPE_URL: Final = "https://api.stripe.com"

_LIVE_KEYS: Final = ("sk_live_", "rk_live_")


def _key(given: Any) -> Secret:
    """Keys that begin with ``pk_`` are the public ones of web pages: they cannot charge."""
    if given is None:
        raise Unreadable("is needed: the secret key of the Stripe account")
    key = (given.reveal() if isinstance(given, Secret) else text(given)).strip()
    if not key.startswith(("sk_", "rk_")):
        raise Unreadable("must be a secret or restricted key: sk_... or rk_...")
    return Secret(key)


def _url(given: Any) -> str:
    """The key goes there with every request, so nobody on the way may read along."""
    url = urlsplit(text(given).strip())
    if url.scheme not in ("http", "https") or not url.hostname or url.query or url.fragment:
        raise Unreadable("must be a plain http or https URL")
    if url.scheme == "http" and not _is_this_machine(url.hostname):
        raise Unreadable("must be an https URL, unless it is on this machine")
    return url.geturl().rstrip("/")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, kw_only=True)
class StripeSettings(Checked):
    """Raises WrongValue naming a wrong setting. What is not given is taken from the environment."""

    key: Secret = setting(None, _key, shown=False)
    """The secret key of the account."""

    url: str = setting(STRIPE_URL, _url)
    """Where Stripe is; another place for emulators and tests."""

    send_numbers: bool = setting(False, flag)
    """Whether a card without token is charged by its number, which then leaves the service."""

    def _when_not_given(self, name: str, default: Any) -> Any:
        return os.environ.get(f"{VARIABLE_PREFIX}{name.upper()}") or default

    @property
    def is_live(self) -> bool:
        """Whether the key moves real money."""
        return self.key.reveal().startswith(_LIVE_KEYS)
