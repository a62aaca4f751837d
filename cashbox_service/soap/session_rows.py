"""Return codes of the four operations fetchByWebSessionVid (websession §6.4)."""

from __future__ import annotations

from cashbox_service.app.hosted.web_sessions import WebSessionNotFound
from cashbox_service.domain.errors import MissingField, NotFound
from cashbox_service.soap.returns import Row


def session_rows(
    kind: str, error: type[NotFound], *, unknown: int = 404, evidence: str = "decided", none: int = 404
) -> tuple[Row, ...]:
    """Rows of the operation that gives the ``kind`` a session made.

    ``unknown`` is the code for a session that does not exist, known by ``evidence``, ``none`` the one for a session
    without such an object, which is the refusal ``error``.
    """
    return (
        Row(400, "No VID specified to load session by.", "inferred", MissingField, "no VID"),
        Row(
            unknown,
            "Unable to load session: No match for VID {value}.",
            evidence,
            WebSessionNotFound,
            "no such session",
        ),
        Row(none, f"No {kind} found for WebSession {{value}}", "decided", error, "the session has none"),
    )
