"""The language of letters: names that are not known are empty, and there is nothing to reckon with.

What can be told of a template is told when it is stored; a letter that cannot be written has failed. The facts are
plain texts, lists and mappings (`facts.py`).
"""

from __future__ import annotations

from typing import Final

from cashbox_service.app.templating.language import Language

MAX_LIST: Final = 200
"""Most elements of a list that a template is given; longer ones are cut."""

MAX_TEXT: Final = 2_000
"""Most characters of a text that a template is given; longer ones are cut."""

LETTERS: Final = Language(max_source=200_000, max_made=1_000_000, max_loops=10, max_nested=1)
