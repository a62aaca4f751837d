"""The garbage collector of a process that works through many small groups of objects."""

from __future__ import annotations

import gc

_THRESHOLDS = (50_000, 20, 50)
"""The objects of some groups of a billing run, 2 MB of them, before circles among them are looked for."""


def settled_down() -> None:
    """What a process has loaded stays: leave it out of further collections, and collect less often.

    A run makes and drops thousands of entities a second, nearly none of them in circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
