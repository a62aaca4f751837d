"""From a parsed request to the bytes of its answer: let in, read, perform, answer.

``Dispatcher.begin`` opens an ``Exchange``; its steps are taken in turn by the protocol (``protocol.py``). From here on
every outcome is a Return: refusals are looked up in the tables of return codes, and anything unexpected becomes 500
with its type and place in the log beside the soapId. Only a request that cannot be read at all is still a fault.

The order of checks is fixed: credentials before everything, then whether the operation exists here, the parameters, the
sparse response description, and only then the handler. Source: spec conventions §3.1-§3.3, §8.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

from cashbox_service.calls import FinishedCall, Observer
from cashbox_service.contract import Contract
from cashbox_service.domain.errors import CashboxError, InvalidRequest, Unavailable
from cashbox_service.ids import new_soap_id
from cashbox_service.logging import get_logger
from cashbox_service.soap import records
from cashbox_service.soap.call import Application, Call
from cashbox_service.soap.codec import Codec, CodecFault, InvalidArgument
from cashbox_service.soap.envelope import Request
from cashbox_service.soap.failures import describe
from cashbox_service.soap.faults import ApplicationError, Malformed, presentable
from cashbox_service.soap.idempotency import request_key
from cashbox_service.soap.projection import Answering, model
from cashbox_service.soap.projection.rows import Key
from cashbox_service.soap.record import Record
from cashbox_service.soap.registry import HANDLERS, Handler, Registry, handles
from cashbox_service.soap.returns import INTERNAL, SUCCESS, FailedWith, NotPermitted, row_for
from cashbox_service.soap.shapes import ResponseShape, response_shape
from cashbox_service.soap.shown import said
from cashbox_service.soap.srd import Selection
from cashbox_service.soap.versions import honours_srd

__all__ = ["Dispatcher", "Exchange", "FailedWith", "handles"]

log = get_logger(__name__)

FAILED_FROM = 400
"""The lowest return code of a call that failed."""

_INTERNAL_FROM = 500
_FAULT = 0
"""In place of a return code, as long as there is no Return."""


class Dispatcher:
    """Answers the calls of one version of the interface. One instance serves all threads."""

    def __init__(
        self,
        app: Application,
        codec: Codec,
        contract: Contract,
        registry: Registry = HANDLERS,
        observer: Observer | None = None,
    ) -> None:
        self.app = app
        self.codec = codec
        self.contract = contract
        self.registry = registry
        self.observer = observer
        self.honours_srd = honours_srd(contract.version)
        self.projection = codec.projection
        self._model = contract if self.projection is None else model()
        self._shapes: dict[Key, ResponseShape] = {}
        self._codecs = {str(codec.zone): codec}

    def begin(self, service: str, request: Request, source_ip: str = "") -> Exchange:
        """The exchange that answers ``request``; service and operation must be in the contract."""
        return Exchange(self, service, request, source_ip)

    def codec_in(self, zone: tzinfo) -> Codec:
        """The codec for moments of ``zone``: a merchant may have another one than the service."""
        codec = self._codecs.get(str(zone))
        if codec is None:
            codec = self._codecs[str(zone)] = Codec(self.contract, zone, projection=self.projection)
        return codec

    def target(self, key: Key, request: Record | None = None) -> Key | None:
        """The operation of the model that answers; None when the projection answers by itself."""
        return key if self.projection is None else self.projection.target(key, request)

    def handler(self, key: Key, target: Key | None) -> Handler:
        """Raises Unavailable when the operation has no handler."""
        if target is None and self.projection is not None:
            return self.projection.handler(key)
        handler = self.registry.find(*(target or key))
        if handler is None:
            raise Unavailable(".".join(key))
        return handler

    def shape(self, key: Key, target: Key | None) -> ResponseShape:
        """What the handler's answer consists of."""
        if target is None and self.projection is not None:
            return self.projection.shape(key)
        target = target or key
        shape = self._shapes.get(target)
        if shape is None:
            shape = self._shapes[target] = response_shape(self._model, *target)
        return shape


class Exchange:
    """One call on its way: ``read``, ``perform``, ``write``, ``report``, and ``close`` whatever happened."""

    __slots__ = (
        "_ahead", "_asked", "_call", "_codec", "_dispatcher", "_handler", "_key", "_record", "_response", "_seconds",
        "_source_ip", "_started", "_target", "code", "operation", "request", "service", "soap_id", "version_claimed",
    )  # fmt: skip

    def __init__(self, dispatcher: Dispatcher, service: str, request: Request, source_ip: str) -> None:
        self._started = time.perf_counter()
        self._seconds = 0.0
        self._dispatcher = dispatcher
        self._codec = dispatcher.codec
        self._source_ip = source_ip
        self.service = service
        self.operation = request.name
        self.request = request
        self.soap_id = new_soap_id()
        self.code = _FAULT
        self.version_claimed: str | None = None
        self._key: Key = (service, request.name)
        self._target = dispatcher.target(self._key)
        self._handler: Handler | None = None
        self._asked: Record | None = None
        self._record: Record | None = None
        self._call: Call | None = None
        self._response: Record | None = None
        self._ahead: tuple[Any, bytes] | None = None

    def read(self) -> None:
        """Let the caller in and read the parameters. Raises Malformed when they cannot be read at all."""
        self._guarded(self._read)

    def perform(self) -> None:
        """Call the handler, unless the call has been refused."""
        if self._response is None:
            self._guarded(self._perform)

    def write(self) -> bytes:
        """The whole answer. Raises ApplicationError when not even a refusal can be written."""
        try:
            return self._written()
        except Exception as error:
            self._fail(error)
        try:
            return self._written()
        except Exception as error:
            self._log_failure(error)
            self.code = _FAULT
            raise ApplicationError from None

    def report(self) -> None:
        """Tell whoever observes of a call whose answer is about to be sent. Never raises."""
        self._seconds = time.perf_counter() - self._started
        observer = self._dispatcher.observer
        if observer is None:
            return
        try:
            observer(
                FinishedCall(
                    at=datetime.now(UTC),
                    service=self.service,
                    operation=self.operation,
                    version=self._dispatcher.contract.version,
                    soap_id=self.soap_id,
                    return_code=self.code,
                    seconds=self._seconds,
                    merchant_vid=self._call.merchant.vid if self._call is not None else None,
                )
            )
        except Exception as error:
            self._log_failure(error)

    def close(self) -> None:
        """End the work of the call, and log it if it was answered. Never raises."""
        try:
            if self._call is not None:
                self._call.close()
        except Exception as error:
            self._log_failure(error)
        if self.code != _FAULT:
            self._log()

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step; whatever it raises but a fault becomes the answer."""
        try:
            step()
        except FailedWith as failed:
            self._refuse(failed.error, failed.response)
        except CashboxError as error:
            self._refuse(error)
        except Malformed:
            raise
        except Exception as error:
            self._fail(error)

    def _read(self) -> None:
        codec = self._codec
        try:
            record = self._parameters()
        except _Unreadable:
            self._admit(self._credentials_alone())
            self._find_handler()
            raise
        self._admit(record.auth)
        projection = self._dispatcher.projection
        if projection is not None:
            self._target = projection.target(self._key, record)
        self._find_handler()
        if self._codec is not codec:
            record = self._parameters()
        if projection is not None:
            self._asked = record
            record = projection.request(self._key, self._target, record, self._codec.zone)
        if self._dispatcher.honours_srd and record.srd and self._call is not None:
            self._call.srd = self._selection(record.srd)
            self._call.ahead = None  # what is left of the response is known when it is complete
        if self._call is not None:
            header = self.request.idempotency_key
            self._call.request_key = request_key(self.service, self.operation, record, header)
        self._record = record

    def _parameters(self) -> Any:
        request = self.request
        try:
            return self._codec.read_request(self.service, self.operation, request.operation, request.resolve)
        except InvalidArgument as error:
            raise _Unreadable(str(error)) from None
        except CodecFault as fault:
            raise Malformed(str(fault)) from None
        except RecursionError:
            raise Malformed("the references are too many") from None

    def _credentials_alone(self) -> records.Authentication | None:
        request = self.request
        try:
            return self._codec.read_auth(self.service, self.operation, request.operation, request.resolve)
        except InvalidArgument:
            return None

    def _admit(self, auth: records.Authentication | None) -> None:
        """Open the call. Raises NotPermitted."""
        dispatcher = self._dispatcher
        if auth is None or not auth.login or not auth.password:
            raise NotPermitted
        merchant = dispatcher.app.authenticate(auth.login, auth.password, self._source_ip)
        if merchant is None:
            raise NotPermitted
        version = dispatcher.contract.version
        if auth.version != version:
            self.version_claimed = presentable(auth.version or "")
        self._codec = dispatcher.codec_in(merchant.settings.zone)
        self._call = Call(self.service, self.operation, version, self.soap_id, merchant, dispatcher.app)
        self._call.ahead = self._write_ahead

    def _write_ahead(self, response: Any) -> None:
        """Write the answer to a call that is not over yet; it counts once the handler returns this response."""
        response.return_ = self._return(SUCCESS.code, SUCCESS.text)
        self._ahead = response, self._bytes_of(response, failed=False)

    def _find_handler(self) -> None:
        """Raises Unavailable when there is none."""
        self._handler = self._dispatcher.handler(self._key, self._target)

    def _selection(self, description: str) -> Selection:
        try:
            selection = Selection.parse(description)
        except InvalidRequest as error:
            raise _Unreadable(str(error)) from None
        shape = self._dispatcher.shape(self._key, self._target)
        return selection.for_response(shape.parts, shape.objects)

    def _perform(self) -> None:
        if self._handler is None or self._call is None:
            raise RuntimeError("a call is read before it is performed")
        self._answer(self._handler(self._call, self._record))

    def _answer(self, response: Any) -> None:
        """Make ``response`` the answer: a success, unless the handler gave it a Return of its own."""
        result = response.return_
        if result is None:
            response.return_ = self._return(SUCCESS.code, SUCCESS.text)
            self.code = SUCCESS.code
        else:
            result.soapId = self.soap_id
            self.code = result.returnCode
        self._finish(response)

    def _refuse(self, error: CashboxError, response: Any = None) -> None:
        own = () if isinstance(error, _Unreadable) else self._own_rows()
        row = row_for(error, own)
        if row is INTERNAL:
            self._log_failure(error)
        self._answer_failure(row.code, row.string_for(error), response)

    def _own_rows(self) -> tuple[Any, ...]:
        if self._handler is None or self._target is None:
            return ()
        return self._dispatcher.registry.returns(*self._target)

    def _fail(self, error: Exception) -> None:
        self._log_failure(error)
        self._answer_failure(INTERNAL.code, INTERNAL.text)

    def _answer_failure(self, code: int, text: str, response: Any = None) -> None:
        shape = self._dispatcher.shape(self._key, self._target)
        response = shape.make() if response is None else response
        response.return_ = self._return(code, said(text))
        self.code = code
        self._finish(response)

    def _finish(self, response: Record) -> None:
        shape = self._dispatcher.shape(self._key, self._target)
        if self._call is not None and not self._call.srd.everything:
            shape.drop_unselected(response, self._call.srd)
        if self.code >= FAILED_FROM:
            shape.fill_required(response)
        self._response = response

    def _return(self, code: int, text: str) -> records.Return:
        return records.Return(returnCode=code, returnString=text, soapId=self.soap_id)

    def _written(self) -> bytes:
        if self._response is None:
            raise RuntimeError("a call is performed before it is answered")
        if self._ahead is not None and self._ahead[0] is self._response:
            return self._ahead[1]
        return self._bytes_of(self._response, failed=self.code >= FAILED_FROM)

    def _bytes_of(self, response: Any, *, failed: bool) -> bytes:
        if self._dispatcher.projection is not None:
            answering = Answering(self._codec.zone, self._now, failed)
            response = self._dispatcher.projection.response(
                self._key, self._target, response, self._asked, answering
            )
        return self._codec.write_response(self.service, self.operation, response, self.request.soap12, failed)

    def _now(self) -> datetime:
        """The moment of the call by the merchant's clock."""
        if self._call is None:
            raise RuntimeError("nobody was let in")
        return self._call.work.now

    def _log(self) -> None:
        event: dict[str, Any] = {
            "service": self.service,
            "operation": self.operation,
            "code": self.code,
            "milliseconds": round(self._seconds * 1000, 2),
            "soap_id": self.soap_id,
        }
        if self.version_claimed is not None:
            event["version_claimed"] = self.version_claimed
        if self.code >= _INTERNAL_FROM:
            log.warning("call", **event)
        else:
            log.info("call", **event)

    def _log_failure(self, error: BaseException) -> None:
        log.error(
            "call failed",
            service=self.service,
            operation=self.operation,
            soap_id=self.soap_id,
            **describe(error),
        )


class _Unreadable(InvalidRequest):
    """Parameters that cannot be read: answered the same way by every operation."""
