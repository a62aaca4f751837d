"""A mail as it goes out: an RFC 5322 message of texts that other people wrote.

Headers are built by the standard library's message policy, which refuses line breaks in them: no address and no
subject can bring a header of its own along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime


@dataclass(frozen=True, slots=True)
class Attachment:
    """A PDF document that goes with a letter."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What is to be sent. ``at`` carries the offset that the date shows; ``id`` is the same in every try."""

    id: str
    at: datetime
    sender: Address
    recipient: Address
    subject: str
    text: str | None = None
    html: str | None = None
    reply_to: Address | None = None
    attachment: Attachment | None = None

    def message(self) -> EmailMessage:
        """The message. Raises ValueError for what no header can hold."""
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = self.recipient
        if self.reply_to is not None:
            message["Reply-To"] = self.reply_to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.at)
        message["Message-ID"] = f"<{self.id}@{self.sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"
        if self.text is not None:
            message.set_content(self.text)
            if self.html is not None:
                message.add_alternative(self.html, subtype="html")
        elif self.html is not None:
            message.set_content(self.html, subtype="html")
        if self.attachment is not None:
            message.add_attachment(
                self.attachment.content,
                maintype="application",
                subtype="pdf",
                filename=self.attachment.name,
            )
        return message
