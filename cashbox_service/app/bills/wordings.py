"""The words of invoices in the languages that are built in, with days and amounts as Babel writes them there.

The English text is what programs read, and needs no Babel: that is imported for the first invoice of another kind.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Final

from cashbox_service.domain.language import ENGLISH, choices
from cashbox_service.domain.money import minor_digits, quantise
from cashbox_service.domain.statement import ENGLISH as IN_ENGLISH
from cashbox_service.domain.statement import Wording

_WORDS: Final = {
    "de": Wording(
        language="de",
        invoice="Rechnung:",
        date="Datum:",
        reminder="{}. Zahlungserinnerung",
        current_balance="Offener Betrag:",
        previous_balance="Saldo der früheren Rechnungen:",
        payments="Zahlungen:",
        total_payments="Summe der Zahlungen",
        balance="SALDO",
        charges="Aktuelle Posten:",
        total_charges="Summe der aktuellen Posten",
        credits="Gutschriften:",
        total_credits="Summe der Gutschriften",
        tax="STEUER",
        total_due="Zu zahlender Betrag:",
        pay_by="Zahlbar bis:",
        payment="Zahlung",
        credit="Gutschrift",
        quantity="Menge",
        amount="Betrag",
    ),
    "fr": Wording(
        language="fr",
        invoice="Facture :",
        date="Date :",
        reminder="Rappel de paiement {}",
        current_balance="Solde actuel :",
        previous_balance="Solde antérieur :",
        payments="Paiements :",
        total_payments="Total des paiements",
        balance="SOLDE",
        charges="Frais de la période :",
        total_charges="Total des frais de la période",
        credits="Avoirs :",
        total_credits="Total des avoirs",
        tax="TAXES",
        total_due="Montant total à payer :",
        pay_by="À payer avant le :",
        payment="Paiement",
        credit="Avoir",
        quantity="Quantité",
        amount="Montant",
    ),
    "es": Wording(
        language="es",
        invoice="Factura:",
        date="Fecha:",
        reminder="Recordatorio de pago {}",
        current_balance="Saldo actual:",
        previous_balance="Saldo anterior:",
        payments="Pagos:",
        total_payments="Total de pagos",
        balance="SALDO",
        charges="Cargos del período:",
        total_charges="Total de cargos del período",
        credits="Abonos:",
        total_credits="Total de abonos",
        tax="IMPUESTOS",
        total_due="Importe total a pagar:",
        pay_by="Pagar antes del:",
        payment="Pago",
        credit="Abono",
        quantity="Cantidad",
        amount="Importe",
    ),
}

LANGUAGES = (ENGLISH, *_WORDS)
"""Languages that have built-in invoices."""


def wording(language: str | None, *, localised: bool) -> Wording:
    """The words of that language, of English where it is not built in.

    ``localised``: days and amounts as people of that language write them. Otherwise amounts stay as programs read them,
    and the line with the amount due is there for them too.
    """
    found = next(code for code in choices(language) if code in LANGUAGES)
    return _wording(found, localised)


@cache
def _wording(language: str, localised: bool) -> Wording:
    words = _WORDS.get(language, IN_ENGLISH)
    if localised:
        return replace(words, day=_day_in(language), money=_money_in(language))
    return words if language == ENGLISH else replace(words, day=_day_in(language), for_programs=True)


def _day_in(language: str) -> Callable[[dt.date], str]:
    from babel.dates import format_date

    def day(on: dt.date) -> str:
        return format_date(on, "medium", locale=language)

    return day


def _money_in(language: str) -> Callable[[Decimal, str], str]:
    from babel import Locale

    locale = Locale.parse(language)

    def money(amount: Decimal, currency: str) -> str:
        pattern = copy.copy(locale.currency_formats["standard"])
        # Babel's own digits of a currency are not those of ISO 4217.
        pattern.frac_prec = (minor_digits(currency),) * 2
        shown: str = pattern.apply(
            quantise(amount, currency),
            locale,
            currency=currency,
            currency_digits=False,
            numbering_system="latn",
        )
        return shown.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")

    return money
