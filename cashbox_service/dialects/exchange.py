"""One request of a dialect and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request

from cashbox_service.app.context import MerchantContext, Work
from cashbox_service.app.environment import Environment
from cashbox_service.dialects import negotiation
from cashbox_service.dialects.body import B, validated
from cashbox_service.dialects.media import Unreadable, csv_text, form, json_text, jsv, xml_text
from cashbox_service.dialects.negotiation import Formats, Media, UnsupportedMedia
from cashbox_service.dialects.refusals import Refusal
from cashbox_service.rates import RateLimit

ParseXml = Callable[[bytes, str | None], Any]
"""The root element of a document; raises `Unreadable`."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the requests of a process share."""

    env: Environment
    base_url: str
    parse_xml: ParseXml
    calls: RateLimit
    refusals: RateLimit


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered: plain values, or the bytes themselves with their media type."""

    content: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


class Exchange:
    """A request on its way; ``merchant`` is known once the credentials were checked."""

    def __init__(
        self,
        surroundings: Surroundings,
        request: Request,
        formats: Formats,
        arguments: Mapping[str, str],
        suffix: str | None,
    ) -> None:
        self.surroundings = surroundings
        self.env = surroundings.env
        self.request = request
        self.formats = formats
        self.arguments = arguments
        self.suffix = suffix
        self.headers: dict[str, str] = {}
        self._merchant: MerchantContext | None = None

    @property
    def merchant(self) -> MerchantContext:
        assert self._merchant is not None, "nobody checked the credentials"
        return self._merchant

    @property
    def merchant_vid(self) -> str | None:
        return None if self._merchant is None else self._merchant.vid

    @property
    def address(self) -> str:
        return self.request.remote_addr or ""

    def enter(self, merchant: MerchantContext) -> None:
        """The credentials are right. Raises `Refusal` (429) for a merchant that calls too often."""
        self._merchant = merchant
        seconds = self.surroundings.calls.wait(merchant.vid)
        if seconds:
            raise Refusal(429, "Too many calls; try again later.", Retry_After=str(int(seconds) + 1))

    def work(self) -> closing[Work]:
        """The work of this call."""
        return closing(self.env.open(self.merchant))

    def plain(self) -> Any:
        """The body as plain values. Raises `Refusal` for one that cannot be read, or is too large."""
        limit = self.env.settings.max_dialect_bytes
        if (self.request.content_length or 0) > limit:
            raise Refusal(413, f"The body is larger than {limit} bytes.")
        raw = self.request.stream.read(limit + 1)
        if len(raw) > limit:
            raise Refusal(413, f"The body is larger than {limit} bytes.")
        if self.request.headers.get("Content-Encoding", "identity").lower() not in ("", "identity"):
            raise Refusal(415, "Content-Encoding is not supported.")
        try:
            media = negotiation.of_body(self.formats, self.request.content_type)
            return self._read(media, raw)
        except UnsupportedMedia as unsupported:
            raise Refusal(415, str(unsupported)) from None
        except Unreadable as unreadable:
            raise Refusal(400, f"The body {unreadable}.") from None

    def body(self, model: type[B]) -> B:
        """The body as the model. Raises `Refusal` naming the member that is wrong."""
        return validated(model, self.plain())

    def query(self, model: type[B]) -> B:
        """The parameters behind the question mark as the model. Raises `Refusal`."""
        return validated(model, self.request.args.to_dict())

    def answer_type(self) -> str:
        """The media type of the answer."""
        return negotiation.of_answer(
            self.formats,
            query=self.request.args.get("format"),
            suffix=self.suffix,
            accept=self.request.headers.get("Accept"),
            content_type=self.request.content_type,
        )

    def _read(self, media: Media, raw: bytes) -> Any:
        charset = self.request.mimetype_params.get("charset")
        if media is Media.XML:
            return xml_text.content(self.surroundings.parse_xml(raw, charset))
        readers: Mapping[Media, Callable[[bytes, str | None], Any]] = {
            Media.JSON: json_text.load,
            Media.JSV: jsv.load,
            Media.CSV: csv_text.load,
            Media.FORM: form.load,
        }
        return readers[media](raw, charset)


Handler = Callable[[Exchange], Answer]
Write = Callable[[Answer, Media], bytes]
Refused = Callable[[Exchange, Refusal], Answer]


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something that a request says outside of its body; ``place`` is path, query or header."""

    name: str
    place: str
    description: str
    required: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A status that an operation may answer with, and what then comes."""

    status: int
    description: str
    model: Any = None
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One path and method of a dialect, with all that its documentation says."""

    name: str
    method: str
    path: str
    handle: Handler
    summary: str
    outcomes: Sequence[Outcome]
    request: Any = None
    description: str = ""
    parameters: Sequence[Parameter] = ()
    security: Sequence[str] = ()
    example: Any = None


@dataclass(frozen=True, slots=True)
class Table:
    """Something that the documentation of a dialect lists."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A dialect as the application and the documentation know it."""

    name: str
    title: str
    description: str
    formats: Formats
    operations: Sequence[Operation]
    write: Write
    refused: Refused
    root_in: str | None = None
    tables: Sequence[Table] = ()
