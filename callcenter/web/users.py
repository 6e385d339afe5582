"""Accounts of all: what administrators do to them and auditors see of them."""

from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from callcenter.accounts.account import Account, Refused
from callcenter.accounts.accounts import Accounts
from callcenter.accounts.desk import AccountDesk
from callcenter.web.account_models import (
    USER_MOVES,
    GivenPassword,
    NewUser,
    RoleAnswer,
    UserAnswer,
    UserChange,
    UsersAnswer,
    Why,
)
from callcenter.web.auth import GATE
from callcenter.web.errors import ApiFault
from callcenter.web.models import Done
from callcenter.web.person import person_of
from callcenter.web.rights import RIGHTS, Right, Role
from callcenter.web.route import Route, json_answer, read_model
from callcenter.web.sessions import city_name
from callcenter.web.web_parts import PARTS
from seats.places import seat_places

# Whoever finds an administrator's page open must not get at his account: his own page asks for the
# password first.
_BY_OWN_PASSWORD = frozenset({"reset_password", "remove_second_factor"})
_STATUS = {"user_unknown": 404, "name_taken": 409, "last_admin": 409}
NAME_PATH = {"name": {"type": "string", "minLength": 1, "maxLength": 40}}


async def get_users(request: web.Request) -> web.Response:
    """All accounts, and what the roles may do."""
    accounts = accounts_of(request)
    found = await accounts.store.every()
    logged_in = Counter(session.name for session in await accounts.sessions.of())
    places = seat_places()
    return json_answer(
        UsersAnswer(
            users=[_answer(one, accounts, logged_in[one.name]) for one in found],
            roles=[
                RoleAnswer(
                    role=role,
                    rights=sorted(RIGHTS[role]),
                    second_factor=role in accounts.rules.second_factor,
                )
                for role in Role
            ],
            seats=sorted(request.app[PARTS].phones()),
            cities={code: place.name for code, place in places.items()},
        )
    )


def _answer(account: Account, accounts: Accounts, logged_in: int) -> UserAnswer:
    now = accounts.desk.clock()
    return UserAnswer(
        name=account.name,
        display_name=account.display_name,
        roles=list(account.roles),
        seat=account.seat,
        city=account.city,
        city_name=city_name(account.city),
        totp=account.has_second_factor,
        must_change_password=account.must_change_password(accounts.rules, now),
        is_locked=account.is_locked(now),
        is_disabled=account.is_disabled,
        created_at=account.created_at,
        last_login_at=account.last_login_at,
        logged_in=logged_in,
    )


async def post_user(request: web.Request) -> web.Response:
    """A new account; its first password is shown this once."""
    accounts, by = accounts_of(request), person_of(request).name
    wish = await read_model(request, NewUser)
    _check_places(request, wish)
    try:
        password = await accounts.desk.add(
            wish.name,
            display_name=wish.display_name,
            roles=wish.roles,
            seat=wish.seat,
            city=wish.city,
            by=by,
            reason=wish.reason,
        )
    except Refused as refused:
        raise fault_of(refused) from None
    return json_answer(GivenPassword(name=wish.name.strip().lower(), password=password))


async def put_user(request: web.Request) -> web.Response:
    """Another name to be read, other roles, seat or city."""
    accounts, by = accounts_of(request), person_of(request).name
    wish = await read_model(request, UserChange)
    _check_places(request, wish)
    try:
        await accounts.desk.change(
            request.match_info["name"],
            display_name=wish.display_name,
            roles=wish.roles,
            seat=wish.seat,
            city=wish.city,
            by=by,
            reason=wish.reason,
        )
    except Refused as refused:
        raise fault_of(refused) from None
    return json_answer(Done())


async def post_move(request: web.Request) -> web.Response:
    """Disable, unlock and so on; each with its reason."""
    accounts, by = accounts_of(request), person_of(request).name
    name, what = request.match_info["name"], request.match_info["move"]
    why = await read_model(request, Why)
    if name == by and what in _BY_OWN_PASSWORD:
        raise ApiFault(422, "own_account", "请在“我的账号”中更改自己的密码和动态验证码。")
    password = None
    try:
        if what == "reset_password":
            password = await accounts.desk.reset_password(name, by=by, reason=why.reason)
        elif what == "log_out":
            await accounts.desk.note_log_out(name, by=by, reason=why.reason)
        else:
            await _move(accounts.desk, what)(name, by=by, reason=why.reason)
    except Refused as refused:
        raise fault_of(refused) from None
    if what in ("reset_password", "log_out", "disable"):
        await accounts.sessions.end(name)
    return json_answer(GivenPassword(name=name, password=password))


def _move(desk: AccountDesk, what: str) -> Callable[..., Awaitable[Account]]:
    moves: dict[str, Callable[..., Awaitable[Account]]] = {
        "disable": desk.disable,
        "enable": desk.enable,
        "unlock": desk.unlock,
        "remove_second_factor": desk.remove_second_factor,
    }
    if what not in moves:
        raise ApiFault(404, "not_found", "没有这个地址。")
    return moves[what]


def _check_places(request: web.Request, wish: UserChange) -> None:
    phones = request.app[PARTS].phones()
    if wish.seat is not None and phones and wish.seat not in phones:
        raise ApiFault(422, "seat_unknown", f"没有坐席 {wish.seat}。", where="seat")
    if wish.city is not None and wish.city not in seat_places():
        raise ApiFault(422, "city_unknown", "没有这个地区。", where="city")


def accounts_of(request: web.Request) -> Accounts:
    """The accounts that this process serves; raises ApiFault 503 where there are none."""
    accounts = request.app[GATE].accounts
    if accounts is None:
        raise ApiFault(503, "no_accounts", "这里没有账号服务。")
    return accounts


def fault_of(refused: Refused) -> ApiFault:
    """With its field."""
    status = _STATUS.get(refused.error, 422)
    return ApiFault(status, refused.error, refused.message, where=refused.field)


ROUTES = (
    Route(
        method="GET",
        path="/api/v1/users",
        handler=get_users,
        name="users",
        summary="All accounts, and what the roles may do",
        right=Right.USERS_SEE,
        answer=UsersAnswer,
        faults=(503,),
    ),
    Route(
        method="POST",
        path="/api/v1/users",
        handler=post_user,
        name="add_user",
        summary="A new account; its first password is told this once",
        right=Right.USERS_EDIT,
        body=NewUser,
        answer=GivenPassword,
        faults=(409, 503),
    ),
    Route(
        method="PUT",
        path="/api/v1/users/{name}",
        handler=put_user,
        name="change_user",
        summary="Another name to be read, other roles, seat or city",
        right=Right.USERS_EDIT,
        body=UserChange,
        answer=Done,
        path_types=NAME_PATH,
        faults=(409, 503),
    ),
    Route(
        method="POST",
        path="/api/v1/users/{name}/{move}",
        handler=post_move,
        name="move_user",
        summary="Disable, enable, unlock, a new password, no second factor, log out",
        right=Right.USERS_EDIT,
        body=Why,
        answer=GivenPassword,
        path_types={
            **NAME_PATH,
            "move": {"type": "string", "enum": list(USER_MOVES)},
        },
        faults=(409, 503),
    ),
)
