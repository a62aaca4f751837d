"""What happened in a run, told in order: to whom, with ids and amounts.

Whatever the use cases enqueue or mention on the way is heard once it is committed, and made into steps: invoices,
charges and declines, retries to come, entitlements, ends of AutoBills, notices. A report shows the first of them, up to
its limit, and counts them all; if it is to, it keeps all of them in the store once there are more than it shows, page
by page, so that a run of any length needs the memory of one page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from cashbox_service.app.environment import Environment
from cashbox_service.domain import notice
from cashbox_service.domain.money import Money
from cashbox_service.store.entities import AutoBill, Entitlement, Invoice, Transaction
from cashbox_service.store.replay_shelf import PAGE, ReplayShelf
from cashbox_service.store.repositories.events import Heard
from cashbox_service.store.unit_of_work import UnitOfWork

DEFAULT_LIMIT = 1000
"""Steps that a report shows unless it is told otherwise."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, on a day of the business zone.

    ``amount`` is as in ``10.00 USD``; ``code`` the processor's, ``attempt`` the retryNumber of a charge; ``next`` the
    day of the next attempt; ``entitlement`` the merchantEntitlementId, given until the day ``until``, without end when
    that is missing; ``notice`` what the customer is told; ``reason`` why an AutoBill ended or was parked.
    """

    on: date
    what: str
    autobill: str | None = None
    account: str | None = None
    invoice: str | None = None
    transaction: str | None = None
    amount: str | None = None
    attempt: int | None = None
    code: str | None = None
    next: date | None = None
    entitlement: str | None = None
    until: date | None = None
    notice: str | None = None
    reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The members that say something."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> Step:
        """What `as_json` made of a step, through a store of JSON."""
        days = {
            name: date.fromisoformat(members[name]) for name in ("on", "next", "until") if name in members
        }
        return cls(**{**members, **days})


class Keeper:
    """Keeps the steps of a run on a shelf; nothing is written for a run that shows all of them."""

    def __init__(self, shelf: ReplayShelf, now: datetime) -> None:
        self._shelf = shelf
        self._now = now
        self._waiting: list[Step] = []
        self._written = 0
        self.vid: str | None = None

    def keep(self, shown: Sequence[Step], more: Sequence[Step], counts: Mapping[str, int]) -> None:
        """Further steps, ``more`` than the report shows; with the first of them those shown before are kept too."""
        if self.vid is None:
            if not more:
                return
            self.vid = self._shelf.begin(self._now)
            self._waiting += shown
        self._waiting += more
        while len(self._waiting) >= PAGE:
            self._write(counts)

    def finish(self, counts: Mapping[str, int]) -> None:
        """The run is over: what waits is written."""
        if self._waiting and self.vid is not None:
            self._write(counts)

    def _write(self, counts: Mapping[str, int]) -> None:
        assert self.vid is not None
        page, self._waiting = self._waiting[:PAGE], self._waiting[PAGE:]
        self._shelf.add(self.vid, self._written, [_stored(step) for step in page], counts)
        self._written += len(page)


def _stored(step: Step) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in step.as_json().items()
    }


@dataclass(slots=True)
class Report:
    """The first steps up to ``limit``, and how many of each kind there were; ``keeper`` keeps them all."""

    limit: int = DEFAULT_LIMIT
    steps: list[Step] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    keeper: Keeper | None = None

    @property
    def omitted(self) -> int:
        """How many steps are not shown."""
        return self.counts.total() - len(self.steps)

    @property
    def replay(self) -> str | None:
        """By what all steps can be read, where there are more than it shows and they were kept."""
        return self.keeper.vid if self.keeper is not None else None

    @property
    def room(self) -> int:
        """How many more steps it can show."""
        return self.limit - len(self.steps)

    def as_json(self) -> dict[str, Any]:
        return {
            "steps": [step.as_json() for step in self.steps],
            "counts": dict(self.counts),
            "omitted": self.omitted,
        } | ({"replay": self.replay} if self.replay is not None else {})


def reported(env: Environment, report: Report, tell: Callable[[Step], None] | None = None) -> Environment:
    """The environment in which everything that happens is written into the report, and told at once if wished."""

    def hear(uow: UnitOfWork, zone: ZoneInfo, heard: Sequence[Heard]) -> None:
        kinds = [(one, kind) for one in heard if (kind := _kind_of(one)) is not None]
        room = max(report.room, 0)
        described = _described(uow, zone, kinds if report.keeper is not None else kinds[:room])
        report.counts.update(step.what for step in described)
        report.counts.update(kind for _, kind in kinds[len(described) :])
        if report.keeper is not None:
            before = [*report.steps, *described[:room]] if described[room:] else ()
            report.keeper.keep(before, described[room:], report.counts)
        report.steps += described[:room]
        if tell is not None:
            for step in described[:room]:
                tell(step)

    return env.heard_by(hear)


_KINDS = {
    ("invoices", "billed"): "billed",
    ("invoices", "postponed"): "postponed",
    ("invoices", "overdue"): "overdue",
    ("invoices", "paid"): "paid",
    ("invoices", "unpaid"): "not paid",
    ("transactions", "attempt succeeded"): "paid",
    ("transactions", "attempt failed"): "declined",
    ("transactions", "attempt pending"): "pending",
    ("transactions", "attempt unanswered"): "unanswered",
    ("transactions", "captured"): "captured",
    ("entitlements", "start"): "entitled",
    ("entitlements", "stop"): "disentitled",
    ("autobills", "start"): "started",
    ("autobills", "stop"): "ended",
    ("autobills", "parked"): "parked",
    ("adjustments", "refund"): "refund",
    ("adjustments", "chargeback"): "chargeback",
}
"""What the steps are called, by topic and event. Others are not told."""


def _kind_of(heard: Heard) -> str | None:
    return "notice" if heard.topic == notice.TOPIC else _KINDS.get((heard.topic, heard.event))


def _described(uow: UnitOfWork, zone: ZoneInfo, kinds: Sequence[tuple[Heard, str]]) -> list[Step]:
    """Steps of what was heard; what it is about is read from the store."""
    if not kinds:
        return []
    subjects = _Subjects(uow, [heard for heard, _ in kinds])
    return [_Describer(uow, subjects, zone, heard, kind).step() for heard, kind in kinds]


class _Subjects:
    """What was heard of, read together."""

    def __init__(self, uow: UnitOfWork, heard: Sequence[Heard]) -> None:
        by_topic: dict[str, set[str]] = defaultdict(set)
        for one in heard:
            by_topic[one.topic].add(one.subject_vid)
        self.transactions = uow.transactions.with_vids(by_topic["transactions"] | by_topic[notice.TOPIC])
        self.entitlements = uow.entitlements.with_vids(by_topic["entitlements"])
        paid = {one.invoice_vid for one in self.transactions.values() if one.invoice_vid is not None}
        self.invoices = uow.invoices.with_vids(by_topic["invoices"] | paid)
        owners: list[Transaction | Entitlement | Invoice] = [
            *self.transactions.values(),
            *self.entitlements.values(),
            *self.invoices.values(),
        ]
        told = {one.facts["autobill"] for one in heard if "autobill" in one.facts}
        self.autobills = uow.autobills.with_vids(
            by_topic["autobills"] | told | {one.autobill_vid for one in owners if one.autobill_vid}
        )
        # Those that AutoBills and transactions refer to are found in the session from here on.
        accounts = {one.account_vid for one in self.autobills.values()}
        self.accounts = uow.accounts.with_vids(
            accounts | {one.account_vid for one in owners if one.account_vid}
        )


@dataclass(slots=True)
class _Describer:
    """Finds out whom something happened to."""

    uow: UnitOfWork
    subjects: _Subjects
    zone: ZoneInfo
    heard: Heard
    kind: str
    facts: dict[str, Any] = field(default_factory=dict)

    def step(self) -> Step:
        about = notice.TOPIC if self.heard.topic == notice.TOPIC else self.heard.topic
        getattr(self, f"_about_{about}")()
        on = self.heard.facts.get("on") or self.heard.at.astimezone(self.zone).date()
        return Step(on=on, what=self.kind, **self.facts)

    def _about_invoices(self) -> None:
        invoice = self.subjects.invoices.get(self.heard.subject_vid)
        if invoice is None:
            return
        self._of_autobill(self.subjects.autobills.get(invoice.autobill_vid or ""))
        total = invoice.charges + invoice.exclusive_tax
        self.facts |= {"invoice": invoice.invoice_id, "amount": _shown(total, invoice.currency)}
        if self.kind == "not paid":
            self.facts["next"] = self.heard.facts.get("next")

    def _about_transactions(self) -> None:
        transaction = self.subjects.transactions.get(self.heard.subject_vid)
        if transaction is not None:
            self._of_transaction(transaction)
            if self.kind == "declined" and transaction.autobill is not None:
                self.facts["next"] = transaction.autobill.retry_on

    def _about_entitlements(self) -> None:
        entitlement = self.subjects.entitlements.get(self.heard.subject_vid)
        if entitlement is None:
            return
        self._of_autobill(self.subjects.autobills.get(entitlement.autobill_vid or ""))
        until = entitlement.end_at.astimezone(self.zone).date() if entitlement.end_at is not None else None
        self.facts |= {"entitlement": entitlement.merchant_entitlement_id, "until": until}

    def _about_autobills(self) -> None:
        autobill = self.subjects.autobills.get(self.heard.subject_vid)
        self._of_autobill(autobill)
        if autobill is not None and self.kind == "ended":
            self.kind = autobill.status.lower()
            self.facts["reason"] = autobill.billing_state
        elif self.kind == "parked":
            self.facts["reason"] = self.heard.facts.get("reason")

    def _about_adjustments(self) -> None:
        if self.kind == "refund":
            made = self.uow.refunds.by_vid(self.heard.subject_vid)
            transaction = made.transaction if made is not None else None
            told = (made.amount, made.currency) if made is not None else None
        else:
            disputed = self.uow.chargebacks.by_vid(self.heard.subject_vid)
            transaction = disputed.transaction if disputed is not None else None
            told = (disputed.amount, disputed.currency) if disputed is not None else None
        if transaction is not None:
            self._of_transaction(transaction)
        if told is not None:
            self.facts["amount"] = _shown(*told)
        self.facts |= {"code": None, "attempt": None, "reason": self.heard.facts.get("status")}

    def _about_emails(self) -> None:
        self.facts["notice"] = self.heard.event
        subject = self.heard.facts.get("autobill")
        if subject is not None:
            self._of_autobill(self.subjects.autobills.get(subject))
            self.facts["invoice"] = self.heard.facts.get("invoice")
            return
        self._about_transactions()
        self.facts |= {"code": None, "attempt": None}

    def _of_transaction(self, transaction: Transaction) -> None:
        self._of_autobill(transaction.autobill)
        if transaction.account is not None:
            self.facts["account"] = transaction.account.merchant_account_id
        invoice = self.subjects.invoices.get(transaction.invoice_vid or "")
        self.facts |= {
            "invoice": invoice.invoice_id if invoice is not None else None,
            "transaction": transaction.merchant_transaction_id,
            "amount": _shown(transaction.amount, transaction.currency),
            "attempt": transaction.retry_number,
            "code": transaction.status_log[0].auth_code if transaction.status_log else None,
        }

    def _of_autobill(self, autobill: AutoBill | None) -> None:
        if autobill is not None:
            self.facts |= {
                "autobill": autobill.merchant_autobill_id,
                "account": autobill.account.merchant_account_id,
            }


def _shown(amount: Decimal, currency: str) -> str:
    return f"{Money.of(amount, currency).amount:f} {currency}"
