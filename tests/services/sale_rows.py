"""Requests that provoke the return rows of operations on one-time sales, for ``test_return_rows``.

A case is the expected code, the arguments, and the situation of the merchant that it needs, if any.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.services.sandbox import Sandbox

Case = tuple[int, str] | tuple[int, str, str]

TAXED = "taxed"
"""Sales are taxed."""

NO_TAX_SERVICE = "no tax service"
"""The merchant insists on tax, and the tax service does not answer."""

_RATE = {"country": "US", "rate": "0.0725"}


@contextmanager
def situation(sandbox: Sandbox, name: str = "") -> Iterator[None]:
    """The merchant in that situation, and out of it again afterwards."""
    if not name:
        yield
        return
    sandbox.tax(_RATE, unavailable=name == NO_TAX_SERVICE)
    sandbox.settings(taxWhenUnavailable="fail")
    yield
    sandbox.settings(taxWhenUnavailable="inclusive")
    sandbox.tax()


_UNKNOWN = f"<VID>{'0' * 40}</VID>"


def _sale(content: str) -> str:
    return f"<transaction>{content}</transaction>"


ITEM = "<transactionItems><name>Book</name><price>10.00</price><quantity>1</quantity>{}</transactionItems>"
WRONG_CLASS = ITEM.format("<taxClassification>Nonsense</taxClassification>")
NO_CLASS = ITEM.format("")

SALES: dict[str, list[Case]] = {
    "calculateSalesTax": [
        (400, _sale(WRONG_CLASS), TAXED),
        (400, ""),
        (404, _sale(f"<account>{_UNKNOWN}</account>{NO_CLASS}")),
        (404, _sale(f"<sourcePaymentMethod>{_UNKNOWN}</sourcePaymentMethod>{NO_CLASS}")),
        (408, _sale(NO_CLASS), NO_TAX_SERVICE),
    ],
}
