"""What callers give of mail; the conventions are those of ``app.drafts``."""

from __future__ import annotations

from dataclasses import dataclass, field

from cashbox_service.app.drafts import Reference


@dataclass(slots=True)
class EmailTemplateDraft:
    """Input of an EmailTemplate; without a product it is the default for all."""

    vid: str | None = None
    product: Reference = field(default_factory=Reference, metadata={"mapped": "elsewhere"})
    template_type: str | None = None
    version: str | None = None
    from_: str | None = None
    reply_to: str | None = None
    html_message: str | None = None
    text_message: str | None = None
