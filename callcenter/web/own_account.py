"""What everybody may do with his own account: log-ins, password, second factor."""

from aiohttp import web

from callcenter.accounts.account import Account, Refused
from callcenter.accounts.accounts import Accounts
from callcenter.accounts.sessions import Session
from callcenter.web.account_models import (
    Code,
    OwnPassword,
    PasswordChange,
    SecondFactorAnswer,
    SessionAnswer,
    SessionsAnswer,
)
from callcenter.web.auth import VISITOR
from callcenter.web.errors import ApiFault
from callcenter.web.models import Done
from callcenter.web.route import json_answer, read_model
from callcenter.web.sessions import TRIES, accounts_here, get_route, post_route


async def get_sessions(request: web.Request) -> web.Response:
    """One's own log-ins."""
    accounts, account, session = _own(request)
    return json_answer(
        SessionsAnswer(
            sessions=[
                SessionAnswer(
                    id=one.id,
                    created_at=one.created_at,
                    seen_at=one.seen_at,
                    ends_at=one.ends_at,
                    address=one.address,
                    browser=one.browser,
                    is_this=one.id == session.id,
                )
                for one in await accounts.sessions.of(account.name)
            ]
        )
    )


async def post_end_session(request: web.Request) -> web.Response:
    """End a log-in of one's own elsewhere."""
    accounts, account, _ = _own(request)
    if not await accounts.sessions.end(account.name, only=request.match_info["id"]):
        raise ApiFault(404, "session_unknown", "这次登录已经结束。")
    return json_answer(Done())


async def post_password(request: web.Request) -> web.Response:
    """Change one's own password; all other log-ins end."""
    accounts, account, session = _own(request)
    change = await read_model(request, PasswordChange)
    request.app[TRIES].person(account.name)
    try:
        await accounts.desk.change_own_password(account.name, old=change.old, new=change.password)
    except Refused as refused:
        raise _fault(refused) from None
    await accounts.sessions.end(account.name, but=session.id)
    accounts.sessions.forget(session.id)
    return json_answer(Done())


async def post_second_factor(request: web.Request) -> web.Response:
    """A new secret for one's telephone."""
    accounts, account, _ = _own(request)
    try:
        secret, address = await accounts.desk.begin_second_factor(account.name)
    except Refused as refused:
        raise _fault(refused) from None
    return json_answer(SecondFactorAnswer(secret=secret, address=address))


async def post_confirm(request: web.Request) -> web.Response:
    """The telephone makes the right codes."""
    accounts, account, session = _own(request)
    given = await read_model(request, Code)
    request.app[TRIES].person(account.name)
    try:
        await accounts.desk.confirm_second_factor(account.name, given.code)
    except Refused as refused:
        raise _fault(refused) from None
    accounts.sessions.forget(session.id)
    return json_answer(Done())


async def post_drop(request: web.Request) -> web.Response:
    """No second factor any more, where no role demands one."""
    accounts, account, session = _own(request)
    given = await read_model(request, OwnPassword)
    request.app[TRIES].person(account.name)
    if accounts.rules.second_factor.intersection(account.roles):
        raise ApiFault(409, "second_factor_demanded", "您的角色必须使用动态验证码，不能停用。")
    try:
        await accounts.desk.drop_own_second_factor(account.name, password=given.password)
    except Refused as refused:
        raise _fault(refused) from None
    accounts.sessions.forget(session.id)
    return json_answer(Done())


def _own(request: web.Request) -> tuple[Accounts, Account, Session]:
    visitor = request[VISITOR]
    if visitor.account is None or visitor.session is None:
        raise ApiFault(409, "no_account", "访问密钥没有个人账号。")
    return accounts_here(request), visitor.account, visitor.session


def _fault(refused: Refused) -> ApiFault:
    return ApiFault(409, refused.error, refused.message, where=refused.field)


ROUTES = (
    get_route("me/sessions", get_sessions, "own_sessions", "One's own log-ins", SessionsAnswer),
    post_route("me/sessions/{id}/end", post_end_session, "end_own_session", "End one's own log-in"),
    post_route("me/password", post_password, "change_password", "Change it", body=PasswordChange),
    post_route(
        "me/second_factor",
        post_second_factor,
        "begin_second_factor",
        "A new secret for the telephone that makes codes",
        answer=SecondFactorAnswer,
    ),
    post_route(
        "me/second_factor/confirm",
        post_confirm,
        "confirm_second_factor",
        "A first code: codes are asked for from now on",
        body=Code,
    ),
    post_route(
        "me/second_factor/remove",
        post_drop,
        "remove_own_second_factor",
        "No code at log-in any more",
        body=OwnPassword,
    ),
)
