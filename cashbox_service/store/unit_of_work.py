"""The unit of work: everything one call does to the store of one merchant.

Reads run in a transaction that begins by itself and is ended before a write begins. ``with work.writing():`` is one
atomic change: it commits on leaving, rolls everything back on an exception. Entities stay loaded after a commit, so
that an answer can be built from them; ``close`` ends the call.

A unit of work belongs to one thread and one call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from cashbox_service.domain.errors import ConcurrentChange
from cashbox_service.lazily import made_once
from cashbox_service.store.direct import Batch
from cashbox_service.store.engine import Database
from cashbox_service.store.held import Held, KnownCatalog
from cashbox_service.store.held_repositories import REPOSITORIES, changed_of
from cashbox_service.store.repositories.accounts import AccountRepository
from cashbox_service.store.repositories.activities import ActivityRepository
from cashbox_service.store.repositories.autobill_history import AutoBillHistoryRepository
from cashbox_service.store.repositories.autobills import AutoBillRepository
from cashbox_service.store.repositories.base import BATCH
from cashbox_service.store.repositories.campaigns import CampaignRepository
from cashbox_service.store.repositories.cancel_reasons import CancelReasonRepository
from cashbox_service.store.repositories.catalog import CatalogRepository
from cashbox_service.store.repositories.chargebacks import ChargebackRepository
from cashbox_service.store.repositories.credits import CreditRepository
from cashbox_service.store.repositories.deltas import DeltaRepository
from cashbox_service.store.repositories.entitlements import EntitlementRepository
from cashbox_service.store.repositories.events import HEARD, NEW_NAMES, TOLD, EventRepository, Heard
from cashbox_service.store.repositories.gift_cards import GiftCardRepository
from cashbox_service.store.repositories.invoices import InvoiceRepository
from cashbox_service.store.repositories.ledger import LedgerRepository
from cashbox_service.store.repositories.mails import MailRepository
from cashbox_service.store.repositories.merges import MergeRepository
from cashbox_service.store.repositories.naming import NamingRepository
from cashbox_service.store.repositories.payment_methods import PaymentMethodRepository
from cashbox_service.store.repositories.payments import PaymentRepository
from cashbox_service.store.repositories.push import PushRepository
from cashbox_service.store.repositories.refunds import RefundRepository
from cashbox_service.store.repositories.request_keys import RequestKeyRepository
from cashbox_service.store.repositories.risk import RiskRepository
from cashbox_service.store.repositories.signatures import SignatureRepository
from cashbox_service.store.repositories.statement_templates import StatementTemplateRepository
from cashbox_service.store.repositories.taxes import TaxRepository
from cashbox_service.store.repositories.transactions import TransactionRepository
from cashbox_service.store.repositories.usage import UsageRepository
from cashbox_service.store.repositories.web_sessions import WebSessionRepository
from cashbox_service.store.session import CallSession

_OTHERS_WERE_FIRST = frozenset(
    {
        "23505",  # a unique constraint: someone else took the id
        "40001",  # serialization failure, as distributed databases report what PostgreSQL's row locks prevent
        "40P01",  # deadlock: this transaction was chosen to make room
    }
)


def _came_second(error: DBAPIError) -> bool:
    """Whether the database refused because of another transaction. Anything else is a fault of ours."""
    return getattr(error.orig, "sqlstate", None) in _OTHERS_WERE_FIRST or "UNIQUE constraint" in str(
        error.orig
    )


class UnitOfWork:
    """The repositories of one merchant over one session."""

    def __init__(
        self,
        database: Database,
        merchant_vid: str,
        listener: Callable[[Sequence[Heard]], None] | None = None,
        teller: Callable[[Sequence[Heard]], None] | None = None,
        session: CallSession | None = None,
    ) -> None:
        """``listener`` hears, after each commit, what was enqueued and mentioned in it.

        ``teller`` is given, right before each commit, what merchants may be told of; what it writes is committed too.
        """
        self.database = database
        self.merchant_vid = merchant_vid
        self.session = database.session() if session is None else session
        self._writing = False
        self._listener = listener
        self._teller = teller
        self._held: Held | None = None
        self._meanwhile: Callable[[], None] | None = None

    @contextmanager
    def writing(self, *, batched: bool = False) -> Iterator[None]:
        """One write transaction; ``batched``: new entities are written table by table without the ORM's bookkeeping.

        Raises ConcurrentChange when another call changed the same object first; nothing is stored then.
        """
        if self._writing:
            raise RuntimeError("a unit of work writes one transaction at a time")
        self.session.rollback()  # ends the read transaction, if one is open
        self._writing = True
        if batched:
            self.session.info[BATCH] = Batch()
        heard: list[Heard] = []
        if self._listener is not None:
            self.session.info[HEARD] = heard
        told: list[Heard] = []
        if self._teller is not None:
            self.session.info[TOLD] = told
        try:
            with self.database.write_turn(self.session):
                try:
                    yield
                    self.flush()
                    if told and self._teller is not None:
                        self._teller(told)
                    self._commit()
                    self._remember_names()
                except BaseException:
                    self.session.rollback()
                    raise
        except StaleDataError as error:
            raise ConcurrentChange from error
        except (DBAPIError, self.database.engine.dialect.loaded_dbapi.Error) as error:
            shown = self._as_of_the_toolkit(error)
            if _came_second(shown):
                raise ConcurrentChange from error
            if shown is error:
                raise
            raise shown from error
        finally:
            self._writing = False
            self._meanwhile = None
            self.session.info.pop(BATCH, None)
            self.session.info.pop(NEW_NAMES, None)
            self.session.info.pop(HEARD, None)
            self.session.info.pop(TOLD, None)
        if heard and self._listener is not None:
            self._listener(heard)

    def meanwhile(self, job: Callable[[], None]) -> None:
        """Do ``job`` while the running transaction is committed, if that can be: it may not be done at all.

        It must need nothing but what is loaded. Whether the transaction will stand is not known when it is done.
        """
        self._meanwhile = job

    def _commit(self) -> None:
        job, aside = self._meanwhile, self.database.aside
        if job is None or not self.session.writes_directly or not aside.begin(job):
            self.session.commit()
            return
        try:
            self.session.commit()
        finally:
            aside.end()

    def again(self) -> UnitOfWork:
        """The rows as the running transaction sees them, read anew: whatever is loaded here stays as it is."""
        session = CallSession(connection=self.session.connection())
        return UnitOfWork(self.database, self.merchant_vid, session=session)

    def before(self) -> UnitOfWork:
        """The rows as others see them while the running transaction is not committed."""
        return UnitOfWork(self.database, self.merchant_vid)

    def end_reading(self) -> None:
        """End the read transaction, so that what follows sees what others committed since."""
        if not self._writing:
            self.session.rollback()
            self.session.expire_all()

    @contextmanager
    def noting_new(self) -> Iterator[set[str]]:
        """Collects the VIDs of everything that is stored for the first time meanwhile, once it is flushed."""
        made: set[str] = set()

        def note(session: Session, _context: object) -> None:
            made.update(entity.vid for entity in session.new if hasattr(entity, "vid"))

        event.listen(self.session, "after_flush", note)
        try:
            yield made
        finally:
            event.remove(self.session, "after_flush", note)

    @property
    def is_writing(self) -> bool:
        return self._writing

    @contextmanager
    def holding(self, vids: Sequence[str], known: KnownCatalog, *, wait: bool = True) -> Iterator[Held]:
        """One write transaction over a group of AutoBills, which is read and locked at once (see ``store.held``).

        Those that somebody else has locked are left out, unless the caller is to ``wait`` for them.
        """
        with self.writing():
            self.session.info[BATCH] = Batch(watches=True)
            held = self._held = Held(self, vids, known, wait=wait)
            for name, kind in REPOSITORIES.items():
                repository = kind(self.session, self.merchant_vid)
                repository.held = held
                self.__dict__[name] = repository
            event.listen(self.session, "do_orm_execute", self._before_query)
            try:
                yield held
                self._write_held()
            finally:
                event.remove(self.session, "do_orm_execute", self._before_query)
                for name in REPOSITORIES:
                    self.__dict__.pop(name, None)
                held.let_go()
                self._held = None

    def _as_of_the_toolkit(self, error: Exception) -> DBAPIError:
        """What the driver itself raised, as other statements raise it."""
        if isinstance(error, DBAPIError):
            return error
        driver = self.database.engine.dialect.loaded_dbapi
        kind = OperationalError if isinstance(error, driver.OperationalError) else DBAPIError
        return kind(None, None, error)

    def _before_query(self, _query: object) -> None:
        """A query sees what was done before it, although flushes are put off."""
        self._write_held()

    def _write_held(self) -> None:
        if self.session.new or self.session.dirty:
            self.session.flush()
        batch: Batch = self.session.info[BATCH]
        changed_of(self._held, batch)
        if not batch.is_empty:
            batch.write(self.session.direct())

    def flush(self) -> None:
        """Write what was added and changed, so that the queries that follow see it."""
        if self._held is not None:
            return  # put off until a query asks for it, or to the end
        self.session.flush()
        batch: Batch | None = self.session.info.get(BATCH)
        if batch is not None:
            batch.write(self.session.direct())

    def _remember_names(self) -> None:
        """Name-value names that are stored for good need not be looked up again."""
        names = self.session.info.get(NEW_NAMES)
        if names:
            self.database.known_names.update(names)

    def close(self) -> None:
        self.session.close()

    def __enter__(self) -> UnitOfWork:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @made_once
    def accounts(self) -> AccountRepository:
        return AccountRepository(self.session, self.merchant_vid)

    @made_once
    def payments(self) -> PaymentRepository:
        return PaymentRepository(self.session, self.merchant_vid)

    @made_once
    def payment_methods(self) -> PaymentMethodRepository:
        return PaymentMethodRepository(self.session, self.merchant_vid)

    @made_once
    def activities(self) -> ActivityRepository:
        return ActivityRepository(self.session, self.merchant_vid)

    @made_once
    def signatures(self) -> SignatureRepository:
        return SignatureRepository(self.session, self.merchant_vid)

    @made_once
    def gift_cards(self) -> GiftCardRepository:
        return GiftCardRepository(self.session, self.merchant_vid)

    @made_once
    def merges(self) -> MergeRepository:
        return MergeRepository(self.session, self.merchant_vid)

    @made_once
    def request_keys(self) -> RequestKeyRepository:
        return RequestKeyRepository(self.session, self.merchant_vid)

    @made_once
    def campaigns(self) -> CampaignRepository:
        return CampaignRepository(self.session, self.merchant_vid)

    @made_once
    def catalog(self) -> CatalogRepository:
        return CatalogRepository(self.session, self.merchant_vid)

    @made_once
    def usage(self) -> UsageRepository:
        return UsageRepository(self.session, self.merchant_vid)

    @made_once
    def autobills(self) -> AutoBillRepository:
        return AutoBillRepository(self.session, self.merchant_vid)

    @made_once
    def cancel_reasons(self) -> CancelReasonRepository:
        return CancelReasonRepository(self.session, self.merchant_vid)

    @made_once
    def autobill_history(self) -> AutoBillHistoryRepository:
        return AutoBillHistoryRepository(self.session, self.merchant_vid)

    @made_once
    def invoices(self) -> InvoiceRepository:
        return InvoiceRepository(self.session, self.merchant_vid)

    @made_once
    def transactions(self) -> TransactionRepository:
        return TransactionRepository(self.session, self.merchant_vid)

    @made_once
    def deltas(self) -> DeltaRepository:
        return DeltaRepository(self.session, self.merchant_vid)

    @made_once
    def credits(self) -> CreditRepository:
        return CreditRepository(self.session, self.merchant_vid)

    @made_once
    def entitlements(self) -> EntitlementRepository:
        return EntitlementRepository(self.session, self.merchant_vid)

    @made_once
    def refunds(self) -> RefundRepository:
        return RefundRepository(self.session, self.merchant_vid)

    @made_once
    def push(self) -> PushRepository:
        return PushRepository(self.session, self.merchant_vid)

    @made_once
    def web_sessions(self) -> WebSessionRepository:
        return WebSessionRepository(self.session, self.merchant_vid)

    @made_once
    def chargebacks(self) -> ChargebackRepository:
        return ChargebackRepository(self.session, self.merchant_vid)

    @made_once
    def ledger(self) -> LedgerRepository:
        return LedgerRepository(self.session, self.merchant_vid)

    @made_once
    def statement_templates(self) -> StatementTemplateRepository:
        return StatementTemplateRepository(self.session, self.merchant_vid)

    @made_once
    def mails(self) -> MailRepository:
        return MailRepository(self.session, self.merchant_vid)

    @made_once
    def taxes(self) -> TaxRepository:
        return TaxRepository(self.session, self.merchant_vid)

    @made_once
    def risk(self) -> RiskRepository:
        return RiskRepository(self.session, self.merchant_vid)

    @made_once
    def naming(self) -> NamingRepository:
        return NamingRepository(self.session, self.merchant_vid)

    @made_once
    def events(self) -> EventRepository:
        return EventRepository(self.session, self.merchant_vid, self.database.known_names)
