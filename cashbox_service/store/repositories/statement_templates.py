"""Templates of invoices."""

from __future__ import annotations

from collections.abc import Sequence

from cashbox_service.store.entities import StatementTemplate
from cashbox_service.store.repositories.base import Repository


class StatementTemplateRepository(Repository):
    """The templates of one merchant."""

    def all_loaded(self) -> Sequence[StatementTemplate]:
        """All of them, by id, form and language."""
        return self._all(
            self._of(StatementTemplate).order_by(
                StatementTemplate.template_id, StatementTemplate.form, StatementTemplate.language
            )
        )

    def of_form(self, form: str, template_ids: Sequence[str]) -> Sequence[StatementTemplate]:
        """Those in one form that have one of these ids."""
        return self._all(
            self._of(StatementTemplate).where(
                StatementTemplate.form == form, StatementTemplate.template_id.in_(template_ids)
            )
        )

    def find(self, template_id: str, form: str, language: str) -> StatementTemplate | None:
        """Exactly that one."""
        return self._one(
            self._of(StatementTemplate).where(
                StatementTemplate.template_id == template_id,
                StatementTemplate.form == form,
                StatementTemplate.language == language,
            )
        )

    def remove(self, template: StatementTemplate) -> None:
        """Take it out."""
        self.session.delete(template)
