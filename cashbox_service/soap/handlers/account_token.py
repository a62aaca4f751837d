"""Service Account: token balances (account §4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from cashbox_service.app.credit import token_calls
from cashbox_service.app.credit.drafts import TokenAmountDraft, TokenDraft
from cashbox_service.app.credit.token_calls import Balance, SomeUnknown, TokenTransactionDraft
from cashbox_service.domain.errors import AccountNotFound, BalanceTooLow, InvalidRequest, TokenNotFound
from cashbox_service.soap import records as r
from cashbox_service.soap.call import Call
from cashbox_service.soap.record import Record
from cashbox_service.soap.registry import handles
from cashbox_service.soap.returns import FailedWith, Row
from cashbox_service.soap.wire.credit import token
from cashbox_service.soap.wire.inbound import drafts, reference
from cashbox_service.soap.wire.narrowing import narrowed_all

R = TypeVar("R", bound=Record)

_TOKEN = Row(404, "Token not found", "documented", TokenNotFound, "a token type does not exist")
_ACCOUNT = Row(404, 'No match found for {key} "{value}"', "decided", AccountNotFound, "account unknown")
_TOO_LOW = Row(401, "Balance too low", "documented", BalanceTooLow, "a balance would fall below 0")

RETURNS: dict[str, tuple[Row, ...]] = {
    "tokenBalance": (_TOKEN, _ACCOUNT, Row(400, "{detail}", "decided", InvalidRequest, "no account")),
    "tokenTransaction": (
        _TOO_LOW,
        _TOKEN,
        _ACCOUNT,
        Row(400, "{detail}", "decided", InvalidRequest, "no account, no token, an amount of 0"),
    ),
    "incrementTokens": (
        _TOKEN,
        _ACCOUNT,
        Row(400, "{detail}", "documented", InvalidRequest, "no account, an amount that is not positive"),
    ),
    "decrementTokens": (
        _TOO_LOW,
        _TOKEN,
        _ACCOUNT,
        Row(400, "{detail}", "documented", InvalidRequest, "no account, an amount that is not positive"),
    ),
}


@handles("Account", "tokenBalance")
def token_balance(call: Call, request: r.AccountTokenBalanceRequest) -> r.AccountTokenBalanceResponse:
    asked = drafts(TokenDraft, request.tokens)
    return _told(
        call,
        r.AccountTokenBalanceResponse,
        lambda: token_calls.balances(call.work, reference(request.account, "merchantAccountId"), asked),
    )


@handles("Account", "tokenTransaction")
def token_transaction(
    call: Call, request: r.AccountTokenTransactionRequest
) -> r.AccountTokenTransactionResponse:
    wanted = drafts(TokenTransactionDraft, request.transactions)
    return _told(
        call,
        r.AccountTokenTransactionResponse,
        lambda: token_calls.transact(call.work, reference(request.account, "merchantAccountId"), wanted),
    )


@handles("Account", "incrementTokens")
def increment_tokens(
    call: Call, request: r.AccountIncrementTokensRequest
) -> r.AccountIncrementTokensResponse:
    wanted = drafts(TokenAmountDraft, request.tokenAmounts)
    return _told(
        call,
        r.AccountIncrementTokensResponse,
        lambda: token_calls.increment(call.work, reference(request.account, "merchantAccountId"), wanted),
    )


@handles("Account", "decrementTokens")
def decrement_tokens(
    call: Call, request: r.AccountDecrementTokensRequest
) -> r.AccountDecrementTokensResponse:
    wanted = drafts(TokenAmountDraft, request.tokenAmounts)
    return _told(
        call,
        r.AccountDecrementTokensResponse,
        lambda: token_calls.decrement(call.work, reference(request.account, "merchantAccountId"), wanted),
    )


def _told(call: Call, response: Callable[..., R], ask: Callable[[], Sequence[Balance]]) -> R:
    """The response with the balances, also where some could not be told."""
    try:
        return response(tokenAmounts=_amounts(call, ask()))
    except SomeUnknown as failed:
        raise FailedWith(response(tokenAmounts=_amounts(call, failed.balances)), failed.error) from failed


def _amounts(call: Call, balances: Sequence[Balance]) -> tuple[r.TokenAmount, ...]:
    amounts = [r.TokenAmount(token=token(one.token), amount=one.amount) for one in balances]
    return narrowed_all(amounts, call.srd.child("tokenAmounts"))
