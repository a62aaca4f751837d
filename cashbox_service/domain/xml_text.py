"""Text that comes from outside and is to be told in XML later."""

from __future__ import annotations

import re
from typing import Final

_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def expressible(text: str) -> str:
    """The text without the characters that XML cannot hold (XML 1.0 §2.2); databases refuse some of them too."""
    return _NOT_IN_XML.sub("", text)
