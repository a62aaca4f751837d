"""Templates of mails, and the mails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, true

from cashbox_service.ids import new_row_id
from cashbox_service.store.engine import insert_unless_there
from cashbox_service.store.entities import EmailTemplate, Mail
from cashbox_service.store.repositories.base import Repository


class MailRepository(Repository):
    """Templates and mails of one merchant."""

    def template(self, vid: str) -> EmailTemplate | None:
        return self._one(self._of(EmailTemplate).where(EmailTemplate.vid == vid))

    def template_versions(self, type_: str, scope: str, language: str) -> Sequence[EmailTemplate]:
        """All versions of a series, newest first."""
        return self._all(self._series(scope, language).where(EmailTemplate.type == type_))

    def templates_of(self, scope: str, language: str) -> Sequence[EmailTemplate]:
        """All versions of every type, the newest of a type first."""
        return self._all(self._series(scope, language))

    def template_types(self) -> set[str]:
        """The types of which there is any template."""
        kinds = self._of(EmailTemplate).with_only_columns(EmailTemplate.type).distinct()
        return set(self.session.scalars(kinds))

    def templates_for(self, type_: str, scopes: Iterable[str]) -> Sequence[EmailTemplate]:
        """All templates of a type in these scopes, in any language; the newest of a series first."""
        return self._all(
            self._of(EmailTemplate)
            .where(EmailTemplate.type == type_, EmailTemplate.scope.in_(list(scopes)))
            .order_by(EmailTemplate.major.desc(), EmailTemplate.minor.desc())
        )

    def _series(self, scope: str, language: str) -> Select[EmailTemplate]:
        return (
            self._of(EmailTemplate)
            .where(EmailTemplate.scope == scope, EmailTemplate.language == language)
            .order_by(EmailTemplate.type, EmailTemplate.major.desc(), EmailTemplate.minor.desc())
        )

    def add_unless_there(self, source: str, **columns: Any) -> bool:
        """A new mail, unless there is one of the same source; whether it is new."""
        connection = self.session.connection()
        row = {"row_id": new_row_id(), "merchant_vid": self.merchant_vid, "source": source, "facts": {}}
        statement = insert_unless_there(Mail, on_sqlite=connection.dialect.name == "sqlite")
        added = connection.execute(statement.values(row | {"attempts": 0} | columns))
        return bool(added.rowcount)

    def mail(self, row_id: str) -> Mail | None:
        return self._one(self._of(Mail).where(Mail.row_id == row_id))

    def is_waiting(self, state: str) -> bool:
        """Whether something is to be done with mails in this state, now or later."""
        waiting = self._of(Mail).with_only_columns(Mail.row_id).where(Mail.state == state)
        return self.session.scalar(waiting.where(Mail.next_at.is_not(None)).limit(1)) is not None

    def claim(self, state: str, until: datetime | None, limit: int, *, wait: bool = True) -> Sequence[Mail]:
        """Mails in this state that are to be worked on, locked until the transaction ends; oldest first.

        Those whose time comes after ``until`` are left out, and, unless the caller is to ``wait``, those that somebody
        else has locked.
        """
        in_time = Mail.next_at <= until if until is not None else true()
        return self._all(
            self._of(Mail)
            .where(Mail.state == state, Mail.next_at.is_not(None), in_time)
            .order_by(Mail.next_at, Mail.row_id)
            .limit(limit)
            .with_for_update(skip_locked=not wait)
            .execution_options(populate_existing=True)
        )

    def lock(self, row_id: str) -> Mail | None:
        return self._lock(self._of(Mail).where(Mail.row_id == row_id), Mail)

    def search(
        self, limit: int, state: str | None = None, kind: str | None = None, account: str | None = None
    ) -> Sequence[Mail]:
        """Mails that are written, the newest first; ``account`` is a merchantAccountId or an address."""
        statement = self._of(Mail).where(Mail.state == state if state else Mail.state != "due")
        if kind:
            statement = statement.where(Mail.kind == kind)
        if account:
            statement = statement.where((Mail.account_id == account) | (Mail.recipient == account))
        return self._all(statement.order_by(Mail.row_id.desc()).limit(limit))

    def are_done(self, before: datetime) -> bool:
        """Whether there are mails that were done with before then."""
        old = self._of(Mail).with_only_columns(Mail.row_id).where(Mail.done_at < before)
        return self.session.scalar(old.limit(1)) is not None

    def remove_done(self, before: datetime, limit: int) -> int:
        """Forget mails that were done with before then, some at a time; how many."""
        return self._remove(limit, Mail.done_at < before)

    def remove_due(self, kinds: Iterable[str], limit: int) -> int:
        """Forget notices of these kinds that nothing is written of, some at a time; how many."""
        return self._remove(limit, Mail.state == "due", Mail.next_at.is_not(None), Mail.kind.in_(list(kinds)))

    def _remove(self, limit: int, *conditions: ColumnElement[bool]) -> int:
        old = select(Mail.row_id).where(Mail.merchant_vid == self.merchant_vid, *conditions).limit(limit)
        gone = self.session.execute(
            delete(Mail)
            .where(Mail.merchant_vid == self.merchant_vid, Mail.row_id.in_(old))
            .execution_options(synchronize_session=False)
        )
        return int(gone.rowcount)  # type: ignore[attr-defined]
