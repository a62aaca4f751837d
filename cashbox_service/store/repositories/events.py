"""AutoBill events, the outbox, and the registry of name-value names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cashbox_service.domain.mail import MailState
from cashbox_service.domain.notice import TOPIC, Notice
from cashbox_service.ids import new_row_id
from cashbox_service.store.direct import fresh
from cashbox_service.store.engine import insert_unless_there
from cashbox_service.store.entities import AutoBillEvent, Mail, NameValueName, OutboxEvent
from cashbox_service.store.repositories.base import Repository
from cashbox_service.store.session import CallSession

NEW_NAMES = "new names"
"""Where a session keeps the names that its running transaction found or stored."""

HEARD = "heard"
"""Where a session that somebody listens to keeps what its running transaction has told."""


TOLD = "told"
"""Where the session of a merchant with listeners keeps what its running transaction may tell them of."""

_CHANGES = frozenset(
    {
        "CHANGE_PLAN", "MODIFICATION", "PAYMENT_METHOD_UPDATE", "START_DATE_CHANGE", "END_DATE_CHANGE", "DELAY_BILL",
        "STATUS_CHANGE",
    }
)  # fmt: skip
"""Types of events after which an AutoBill has other data."""


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened to ``subject_vid``, as a listener hears of it once it is committed."""

    topic: str
    event: str
    subject_vid: str
    at: datetime
    facts: Mapping[str, Any]


class EventRepository(Repository):
    """What happened, for those who ask later or want to be told."""

    def __init__(
        self, session: CallSession, merchant_vid: str, known_names: Set[tuple[str, str, str]] = frozenset()
    ) -> None:
        super().__init__(session, merchant_vid)
        self._known_names = known_names

    def record_autobill(self, autobill_vid: str, type_: str, at: datetime) -> None:
        """Note an AutoBillEventType."""
        self.add(fresh(AutoBillEvent, row_id=new_row_id(), autobill_vid=autobill_vid, type=type_, at=at))
        if type_ in _CHANGES:
            self.record_told("autobills", "data change", autobill_vid, at)

    def enqueue(self, topic: str, event: str, subject_vid: str, at: datetime, **payload: Any) -> None:
        """Tell listeners of the merchant later, at least once, if it has any."""
        self.record_told(topic, event, subject_vid, at, **payload)
        self.mention(topic, event, subject_vid, at, **payload)

    def enqueue_notice(self, notice: Notice, subject_vid: str, at: datetime, **facts: Any) -> None:
        """Tell a customer: an event of the outbox, whoever asks for it, and a mail that is still to be written."""
        row_id = new_row_id()
        self.add(
            fresh(
                OutboxEvent,
                row_id=row_id,
                topic=TOPIC,
                event=notice.value,
                subject_vid=subject_vid,
                at=at,
                payload=facts,
            )
        )
        self.add(
            fresh(
                Mail,
                row_id=new_row_id(),
                source=row_id,
                kind=notice.value,
                subject_vid=subject_vid,
                autobill_vid=facts.get("autobill"),
                facts=facts,
                at=at,
                state=MailState.DUE.value,
                attempts=0,
                next_at=at,
            )
        )
        self.mention(TOPIC, notice.value, subject_vid, at, **facts)

    def record_told(self, topic: str, event: str, subject_vid: str, at: datetime, **facts: Any) -> None:
        """Tell listeners of the merchant, if it has any, once the transaction is complete."""
        told: list[Heard] | None = self.session.info.get(TOLD)
        if told is not None:
            told.append(Heard(topic, event, subject_vid, at, facts))

    @property
    def has_listeners(self) -> bool:
        """Whether anybody may want to be told of the running transaction."""
        return TOLD in self.session.info

    def mention_nothing(self) -> None:
        """Nobody is told of the running transaction: it brings in what happened elsewhere."""
        told: list[Heard] = self.session.info.pop(TOLD, [])
        told.clear()

    def mention(self, topic: str, event: str, subject_vid: str, at: datetime, **facts: Any) -> None:
        """Tell a listener of this call, if there is one; nothing is stored."""
        heard: list[Heard] | None = self.session.info.get(HEARD)
        if heard is not None:
            heard.append(Heard(topic, event, subject_vid, at, facts))

    def register_names(self, object_class: str, names: Iterable[str]) -> None:
        """Remember that objects of the class carry these name-value names; others may do the same meanwhile."""
        wanted = {name for name in names if (self.merchant_vid, object_class, name) not in self._known_names}
        if not wanted:
            return
        connection = self.session.connection()
        connection.execute(
            insert_unless_there(NameValueName, on_sqlite=connection.dialect.name == "sqlite"),
            [
                {"merchant_vid": self.merchant_vid, "object_class": object_class, "name": name}
                for name in sorted(wanted)
            ],
        )
        seen = self.session.info.setdefault(NEW_NAMES, set())
        seen.update((self.merchant_vid, object_class, name) for name in wanted)

    def names(self, object_class: str) -> Sequence[str]:
        return self.session.scalars(
            self._of(NameValueName)
            .with_only_columns(NameValueName.name)
            .where(NameValueName.object_class == object_class)
            .order_by(NameValueName.name)
        ).all()
