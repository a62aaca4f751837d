"""Parameters and answers that older versions have otherwise, and the operations that only they have.

Source: spec account §3.1 and §14, autobill §6.1 and §7, transaction §7, payment-method §4, catalog §5.4.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cashbox_service.domain.errors import InvalidRequest, InvalidValue
from cashbox_service.soap.projection.money import add_first_bill
from cashbox_service.soap.projection.objects import latest
from cashbox_service.soap.projection.rows import Key, OperationRow, Passage

_TODAY, _NEXT_BILL = "today", "nextBill"
_UPGRADE_DATES = {"TODAY": _TODAY, "NEXT": _NEXT_BILL}
_SET_TOTAL = "SetTotal"
_EVERYTHING = 2**31 - 1
"""As a page size: cut to the largest that the server gives."""


def _take_scope(older: Any, ours: Any, _: Passage) -> None:
    if older.replaceOnAllAutoBills is not None:
        ours.updateScopeOnAccount = "AllActive" if older.replaceOnAllAutoBills else "MatchingPaymentMethod"
    ours.updateScopeOnChildren = "None"


def _take_validation(older: Any, ours: Any, _: Passage) -> None:
    ours.validateForFuturePayment = older.validatePaymentMethod


def _give_updated(ours: Any, older: Any, passage: Passage, _: Any) -> None:
    older.created = bool(ours.created)
    add_first_bill(ours, older, passage)


def _give_latest(ours: Any, older: Any, passage: Passage, _: Any) -> None:
    older.entitlement = passage.record("Entitlement", latest(ours.entitlements))


def _recording(request: Any) -> Key:
    """Which operation records the events: all of one call have to be recorded alike."""
    methods = {event.recordMethod or "Add" for event in request.event}
    if len(methods) > 1:
        raise InvalidRequest("Events of one call must have the same recordMethod.")
    return "RatePlan", "deductEvent" if methods == {"Deduct"} else "recordEvent"


def _take_total(older: Any, ours: Any, _: Passage) -> None:
    if any(event.recordMethod == _SET_TOTAL for event in older.event):
        ours.setTotal = True


def _take_upgrade(older: Any, ours: Any, passage: Passage) -> None:
    """One modification: to the template's plan, and each of its new items in place of the present one."""
    ours.effectiveDate = _upgrade_date(older.effectiveDate)
    _refuse_conditions(older)
    ours.billProratedPeriod = ours.effectiveDate == _TODAY
    template = ours.autobill
    if template is None:
        return
    ours.changeBillingPlanTo = template.billingPlan
    ours.autoBillItemModifications = tuple(
        [
            passage.make(
                "AutoBillItemModification",
                removeAutoBillItem=passage.make("AutoBillItem", index=position),
                addAutoBillItem=item,
            )
            for position, item in enumerate(template.items)
            if item.VID is None
        ]
    )


def _upgrade_date(given: str | None) -> str:
    found = _UPGRADE_DATES.get((given or "").strip().upper())
    if found is None:
        raise InvalidValue("effectiveDate", given or "", "is not supported: TODAY or NEXT")
    return found


def _refuse_conditions(older: Any) -> None:
    """What a modification cannot promise is refused before anything happens."""
    if older.costLimit is not None:
        raise InvalidValue("costLimit", older.costLimit, "is not supported: try with dryrun first")
    if older.skipOnetimeCharge:
        raise InvalidValue("skipOnetimeCharge", "1", "is not supported")


def _give_upgrade(ours: Any, older: Any, _passage: Passage, _request: Any) -> None:
    debit, credit = _charged(ours), _refunded(ours)
    older.debit, older.credit, older.netcost = debit, credit, debit - credit


def _take_addition(older: Any, ours: Any, passage: Passage) -> None:
    ours.effectiveDate = _NEXT_BILL if older.addNextPeriod else _TODAY
    ours.billProratedPeriod = bool(older.prorate or older.billImmediately) and not older.addNextPeriod
    item = passage.record("AutoBillItem", older.item)
    ours.autoBillItemModifications = (passage.make("AutoBillItemModification", addAutoBillItem=item),)


def _give_addition(ours: Any, older: Any, _passage: Passage, _request: Any) -> None:
    older.debit = _charged(ours)


def _take_removal(older: Any, ours: Any, passage: Passage) -> None:
    ours.effectiveDate = _NEXT_BILL if older.removeNextPeriod else _TODAY
    ours.billProratedPeriod = bool(older.prorate) and not older.removeNextPeriod
    item = passage.make("AutoBillItem", product=passage.record("Product", older.product))
    ours.autoBillItemModifications = (passage.make("AutoBillItemModification", removeAutoBillItem=item),)


def _give_removal(ours: Any, older: Any, _passage: Passage, _request: Any) -> None:
    older.credit = _refunded(ours)


def _charged(ours: Any) -> Decimal:
    transaction = ours.transaction
    return transaction.amount if transaction is not None and transaction.amount is not None else Decimal(0)


def _refunded(ours: Any) -> Decimal:
    return sum((refund.amount for refund in ours.refunds if refund.amount is not None), Decimal(0))


def _take_success(older: Any, ours: Any, _: Passage) -> None:
    ours.confirmationCode = None if older.success is None else ("true" if older.success else "false")


def _take_search(older: Any, ours: Any, _: Passage) -> None:
    ours.vid = older.VID


def _give_search(ours: Any, older: Any, passage: Passage, request: Any) -> None:
    """The one transaction, if it has the name-value pairs asked for, on the first page."""
    if request is None:
        return
    older.objectsPerPage, older.pageNumber = request.objectsPerPage, request.pageNumber
    found = ours.transaction
    if found is None or request.pageNumber:
        return
    pairs = {(pair.name, pair.value) for pair in found.nameValues}
    if all((pair.name, pair.value) in pairs for pair in request.nameValues):
        older.transactions = (passage.record("Transaction", found),)


def _take_provider_vid(older: Any, ours: Any, _: Passage) -> None:
    ours.name = older.vid


def _refuse_provider(_request: Any) -> None:
    raise InvalidRequest("Payment providers are set up by the operator of this server, not by calls.")


def _take_all(_older: Any, ours: Any, _: Passage) -> None:
    ours.page, ours.pageSize = 0, _EVERYTHING


def _take_season(older: Any, ours: Any, _: Passage) -> None:
    ours.page, ours.pageSize, ours.nowDate = older.page or 0, older.pageSize, older.nowDate


def _heard(_request: Any) -> None:
    """How a client measured its own calls is of no use here."""


OPERATIONS: tuple[OperationRow, ...] = (
    OperationRow(
        ("Account", "updatePaymentMethod"),
        ("replaceOnAllAutoBills", "numCycles"),
        "replaceOnAllAutoBills: true is the scope AllActive, false MatchingPaymentMethod; children: None; "
        "numCycles is ignored (account §3.1, §14)",
        takes=_take_scope,
    ),
    OperationRow(
        ("AutoBill", "update"),
        (
            "validatePaymentMethod",
            "duplicateBehavior",
            "created",
            "firstBillDate",
            "firstBillAmount",
            "firstBillingCurrency",
        ),
        "validatePaymentMethod is validateForFuturePayment; duplicateBehavior is ignored, since the AutoBill's own id "
        "tells a repetition; the first bill is that of the initial transaction, else the next billing",
        takes=_take_validation,
        gives=_give_updated,
    ),
    OperationRow(
        ("Entitlement", "fetchByEntitlementIdAndAccount"),
        ("entitlement",),
        "the active one with the latest end, none without an error (account §14)",
        gives=_give_latest,
    ),
    OperationRow(
        ("RatePlan", "recordEvent"),
        (),
        "recordMethod of the events chooses: Add records, Deduct is deductEvent, SetTotal records what is missing to "
        "the total or deducts what is too much (catalog §5.4); one method a call",
        takes=_take_total,
        route=_recording,
        routed_by=("Event", "recordMethod"),
    ),
    *[
        OperationRow(
            (service, "fetchByAccount"),
            (),
            "without pages: all at once, up to the largest page of the server (conventions §7)",
            takes=_take_all,
            lacks="pageSize",
        )
        for service in ("AutoBill", "Transaction")
    ],
    OperationRow(
        ("AutoBill", "futureRebills"),
        (),
        "the former name of fetchFutureRebills (autobill §7.4)",
        target=("AutoBill", "fetchFutureRebills"),
    ),
    OperationRow(
        ("AutoBill", "upgrade"),
        (
            "effectiveDate",
            "skipOnetimeCharge",
            "costLimit",
            "negativeNet",
            "prorate",
            "netcost",
            "credit",
            "debit",
        ),
        "AutoBill.modify to the template's plan, TODAY or NEXT, each new item of the template in place of the item at "
        "its position; the AutoBill stays the same one, and a negative net is refunded. RESTART, a number of cycles, "
        "costLimit and skipOnetimeCharge are refused (autobill §7.2)",
        target=("AutoBill", "modify"),
        takes=_take_upgrade,
        gives=_give_upgrade,
    ),
    OperationRow(
        ("AutoBill", "addProduct"),
        ("item", "addNextPeriod", "prorate", "billImmediately", "debit"),
        "AutoBill.modify that adds the item: at the next bill with addNextPeriod, else today; charged for the rest of "
        "the period with prorate or billImmediately (autobill §7.3)",
        target=("AutoBill", "modify"),
        takes=_take_addition,
        gives=_give_addition,
    ),
    OperationRow(
        ("AutoBill", "removeProduct"),
        ("product", "removeNextPeriod", "prorate", "refundImmediately", "credit"),
        "AutoBill.modify that removes the item; what it gives back is refunded, or credited where it cannot be, "
        "whatever refundImmediately says (autobill §7.3)",
        target=("AutoBill", "modify"),
        takes=_take_removal,
        gives=_give_removal,
    ),
    OperationRow(
        ("Transaction", "finalizeBokuAuthCapture"),
        ("success",),
        "finalizeCarrierBilling with the confirmation code `true` or `false` (transaction §7)",
        target=("Transaction", "finalizeCarrierBilling"),
        takes=_take_success,
    ),
    OperationRow(
        ("Transaction", "fetchSearchPage"),
        ("VID", "objectsPerPage", "pageNumber", "nameValues", "transactions"),
        "the transaction of that VID if it has all of the name-value pairs, on page 0; other pages are empty",
        target=("Transaction", "fetchByVid"),
        takes=_take_search,
        gives=_give_search,
    ),
    OperationRow(
        ("PaymentProvider", "fetchByVid"),
        ("vid",),
        "fetchByName: providers are known by their names",
        target=("PaymentProvider", "fetchByName"),
        takes=_take_provider_vid,
    ),
    OperationRow(
        ("PaymentProvider", "update"),
        ("paymentProvider",),
        "400: providers are set up by the operator of the server",
        answers=_refuse_provider,
    ),
    *[
        OperationRow(
            ("AutoBill", operation),
            ("page", "pageSize", "nowDate"),
            "by the day asked for and in pages, of which 22.0 has none (catalog §7)",
            takes=_take_season,
        )
        for operation in ("fetchAllInSeason", "fetchAllOffSeason")
    ],
    *[
        OperationRow(
            ("BillingPlan", operation),
            ("page", "pageSize", "nowDate"),
            "ignored: the answer is empty whatever the day (catalog §1.4)",
        )
        for operation in ("fetchAllInSeason", "fetchAllOffSeason")
    ],
    OperationRow(
        ("MetricStatistics", "report"),
        ("method", "begin", "end", "numFailed", "stats"),
        "accepted, and of no effect",
        answers=_heard,
    ),
)
