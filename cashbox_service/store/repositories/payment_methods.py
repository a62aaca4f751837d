"""Payment methods, their aliases, and the vaulted card numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, TextClause, func, text

from cashbox_service.store.entities import Card, PaymentMethod, PaymentMethodAlias
from cashbox_service.store.entities.payment_method import TO_BE_USED_AGAIN
from cashbox_service.store.repositories.base import Repository


def of_type(type_: str) -> list[ColumnElement[bool] | TextClause]:
    """The conditions that find payment methods of a type by their index."""
    conditions: list[ColumnElement[bool] | TextClause] = [PaymentMethod.type == type_]
    if type_ != "MerchantAcceptedPayment":
        conditions.append(text(f"payment_methods.{TO_BE_USED_AGAIN}"))
    return conditions


class PaymentMethodRepository(Repository):
    """Payment methods and cards of one merchant."""

    def by_vid(self, vid: str) -> PaymentMethod | None:
        return self._one(self._of(PaymentMethod).where(PaymentMethod.vid == vid))

    def by_merchant_id(self, merchant_payment_method_id: str) -> PaymentMethod | None:
        """By its own id or by a further id that was sent with the same card (payment-method §1.1)."""
        found = self._one(
            self._of(PaymentMethod).where(
                PaymentMethod.merchant_payment_method_id == merchant_payment_method_id
            )
        )
        if found is not None:
            return found
        alias = self._of(PaymentMethodAlias).where(
            PaymentMethodAlias.merchant_payment_method_id == merchant_payment_method_id
        )
        return self._one(
            self._of(PaymentMethod).where(
                PaymentMethod.vid.in_(alias.with_only_columns(PaymentMethodAlias.payment_method_vid))
            )
        )

    def by_external_token(self, token: str) -> PaymentMethod | None:
        """The newest one that a vault or processor knows by that name."""
        found = self._all(
            self._of(PaymentMethod)
            .where(PaymentMethod.external_token == token)
            .order_by(PaymentMethod.created_at.desc(), PaymentMethod.vid)
            .limit(1)
        )
        return found[0] if found else None

    def add_alias(self, method: PaymentMethod, merchant_payment_method_id: str) -> None:
        self.add(
            PaymentMethodAlias(
                merchant_payment_method_id=merchant_payment_method_id, payment_method_vid=method.vid
            )
        )

    def of_account(self, account_vid: str, *, active: bool | None = True) -> Sequence[PaymentMethod]:
        """In order of preference; ``active=None`` for all."""
        statement = self._of(PaymentMethod).where(PaymentMethod.account_vid == account_vid)
        if active is not None:
            statement = statement.where(PaymentMethod.active == active)
        return self._all(statement.order_by(PaymentMethod.sort_order, PaymentMethod.vid))

    def default_of(self, account_vid: str) -> PaymentMethod | None:
        """The active payment method with the lowest sortOrder."""
        methods = self.of_account(account_vid)
        return methods[0] if methods else None

    def same_card(self, account_vid: str, fingerprint: str) -> Sequence[PaymentMethod]:
        """Active payment methods of the account with this card number, whatever their expiry."""
        return self._all(
            self._of(PaymentMethod)
            .where(
                PaymentMethod.account_vid == account_vid,
                PaymentMethod.fingerprint == fingerprint,
                PaymentMethod.type == "CreditCard",
                PaymentMethod.active.is_(True),
            )
            .order_by(PaymentMethod.sort_order, PaymentMethod.vid)
        )

    def matching(self, type_: str, fingerprint: str | None) -> Sequence[PaymentMethod]:
        """All of a type, or those with the natural key that ``fingerprint`` hashes, oldest first."""
        statement = self._of(PaymentMethod).where(*of_type(type_))
        if fingerprint is not None:
            statement = statement.where(PaymentMethod.fingerprint == fingerprint)
        return self._all(statement.order_by(PaymentMethod.created_at, PaymentMethod.vid))

    def card(self, fingerprint: str) -> Card | None:
        return self._one(self._of(Card).where(Card.fingerprint == fingerprint))

    def card_by_vid(self, vid: str) -> Card | None:
        return self._one(self._of(Card).where(Card.vid == vid))

    def next_sort_order(self, account_vid: str) -> int:
        highest = self.session.scalar(
            self._of(PaymentMethod)
            .with_only_columns(func.max(PaymentMethod.sort_order))
            .where(PaymentMethod.account_vid == account_vid)
        )
        return 0 if highest is None else highest + 1
