"""A self-hosted billing service that speaks the Vindicia CashBox SOAP API.

Start reading at ``docs/architecture.md``; every package's docstring says what lives in it and what must not.
"""

from __future__ import annotations

__version__ = "0.1.0"
