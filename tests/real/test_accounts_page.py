"""Log-in and accounts in a real browser, over the real application and a fake hotline."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pyotp
import pytest
from aiohttp import web
from sqlalchemy import text

from callcenter.accounts.account import Rules
from callcenter.accounts.sheet import SHEET
from callcenter.bench.browser import Page, log_in, open_page
from callcenter.documents.workbook import Column, Sheet, write_workbook
from callcenter.web.app import make_app
from callcenter.web.auth import SESSION_COOKIE, load_api_key
from callcenter.web.rights import Role
from callcenter.web.web_parts import WebParts
from tests.callcenter.web.fake_view import FakeSettings, FakeView
from tests.callcenter.web.people import PASSWORD, RULES, People, people_in
from tests.real.looks import keep_picture, low_contrast

NEW = "Battery-staple8"
APPLY = ".el-dialog__footer .el-button--primary"
Open = Callable[[Rules], Awaitable[tuple[str, People]]]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    async with open_page() as opened:
        yield opened


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def start(rules: Rules = RULES) -> tuple[str, People]:
            people = await people_in(tmp_path, rules)
            stack.push_async_callback(people.store.close)
            view = FakeView()
            parts = WebParts(
                figures=view, accounts=people.accounts, phones=lambda: ["8001", "8002", "7001"]
            )
            made = make_app(view, FakeSettings(tmp_path), parts=parts)
            runner = web.AppRunner(made, shutdown_timeout=1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            return f"http://127.0.0.1:{runner.addresses[0][1]}", people

        yield start


def visible(text: str) -> str:
    return f"document.body?.innerText.includes({text!r})"


def at(path: str) -> str:
    return f"location.pathname === {path!r}"


async def fill(page: Page, selector: str, text: str) -> None:
    """Text in place of what the field holds."""
    await page.click(selector)
    await page.value(f"document.querySelector({selector!r}).select()")
    await page.type(text)


async def offer(page: Page, name: str, password: str) -> None:
    await fill(page, "input[name=username]", name)
    await fill(page, "input[name=password]", password)
    await page.click("form button[type=submit]")


async def test_wrong_password_is_told_and_the_fifth_locks(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    await people.add(Role.SUPERVISOR, "limei")
    await page.open(f"{url}/calls?page=1")
    await page.until(at("/login"))
    await page.until("document.querySelector('input[name=username]')")
    await keep_picture(page, "login", tmp_path)
    assert await low_contrast(page, texts=6) == []
    await offer(page, "limei", "wrong")
    await page.until(visible("账号或密码不正确。"))
    await keep_picture(page, "login-wrong", tmp_path)
    for _ in range(2):
        await offer(page, "limei", "wrong")
        await page.until("!document.querySelector('.is-loading')")
    await page.until(visible("账号已锁定，请 10 分钟后再试"))
    await offer(page, "limei", PASSWORD)
    await page.until("!document.querySelector('.is-loading')")
    assert await page.value(visible("账号已锁定"))
    people.clock.pass_s(601)
    await offer(page, "limei", PASSWORD)
    await page.until(at("/calls"))  # where the way led at first
    assert await page.value("document.cookie") == ""


async def test_a_second_factor_is_set_up_before_anything_and_asked_for_after(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(Rules(second_factor=frozenset({Role.ADMIN})))
    await people.add(Role.ADMIN, "manager", must_change=True)
    await page.open(f"{url}/users")
    await page.until("document.querySelector('input[name=username]')")
    await offer(page, "manager", PASSWORD)
    await page.until(at("/account/start"))
    await page.until(visible("初始密码或过期密码须先修改"))
    await fill(page, "input[name=old-password]", PASSWORD)
    await fill(page, "input[name=new-password]", "short")
    await fill(page, "input[name=new-password-again]", "short")
    await page.click("form button[type=submit]")
    await page.until(visible("密码须为 10 至 128 位"))
    await keep_picture(page, "first-password", tmp_path)
    await fill(page, "input[name=new-password]", NEW)
    await fill(page, "input[name=new-password-again]", NEW)
    await page.click("form button[type=submit]")
    await page.until(visible("您的角色须启用动态验证码"))
    await page.click(".door-card .el-button--primary")
    await page.until("document.querySelector('.factor-qr path')")
    await keep_picture(page, "second-factor", tmp_path)
    assert await low_contrast(page, texts=6) == []
    secret = (await page.text(".factor-secret")).replace(" ", "")
    totp = pyotp.TOTP(secret)
    await fill(page, "input[name=code]", totp.at(people.clock()))
    await page.click(".factor-steps button[type=submit]")
    await page.until("location.pathname !== '/account/start'")
    await page.open(f"{url}/account")
    await page.until(visible("已启用"))
    await keep_picture(page, "account", tmp_path)
    await page.click(".header-person")
    await page.until(visible("退出登录"))
    await page.value("[...document.querySelectorAll('.el-dropdown-menu__item')].at(-1).click()")
    await page.until(visible("您已安全退出"))
    people.clock.pass_s(30)
    await offer(page, "manager", NEW)
    await page.until("document.querySelector('input[name=code]')")
    await keep_picture(page, "login-code", tmp_path)
    await page.type("000000")
    await page.click("form button[type=submit]")
    await page.until(visible("动态验证码不正确"))
    await fill(page, "input[name=code]", totp.at(people.clock()))
    await page.click("form button[type=submit]")
    await page.until("location.pathname !== '/login'")


async def test_who_comes_back_too_late_logs_in_again_and_goes_on_where_he_was(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    await people.add(Role.AUDITOR, "auditor")
    await page.open(f"{url}/audit")
    await page.until("document.querySelector('input[name=username]')")
    await offer(page, "auditor", PASSWORD)
    await page.until("document.querySelectorAll('.audit .el-table__row').length > 1")
    await keep_picture(page, "audit", tmp_path)
    assert await low_contrast(page) == []
    people.clock.pass_s(1801)
    await page.click(".audit-bar button[type=submit]")
    await page.until(visible("登录已结束，请重新登录"))
    await offer(page, "auditor", PASSWORD)
    await page.until("document.querySelectorAll('.audit .el-table__row').length > 1")
    assert await page.value(visible("登录"))


async def test_an_administrator_makes_an_account_and_is_told_of_faults_at_the_field(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    await people.add(Role.ADMIN, "manager")
    await people.add(Role.SUPERVISOR, "limei", city="220100", seat="7001")
    for n in range(8):
        await people.add(Role.SEAT, f"lawyer{n}", seat="8001")
    await page.open(f"{url}/users")
    await page.until("document.querySelector('input[name=username]')")
    await offer(page, "manager", PASSWORD)
    await page.until("document.querySelectorAll('.users .el-table__row').length === 10")
    await page.until("!document.querySelector('.el-loading-mask')")
    assert await low_contrast(page) == []
    await keep_picture(page, "users", tmp_path)
    await page.click(".users-bar .el-button--primary")
    await fill(page, ".el-dialog input[name=name]", "limei")
    await fill(page, ".el-dialog input[name=display_name]", "李梅")
    await page.click(".el-dialog .el-checkbox-group .el-checkbox:nth-child(3)")
    await page.click(".el-dialog__footer .el-button--primary")
    await page.until(visible("请填写此项"))
    await fill(page, ".el-dialog input[name=reason]", "新入职")
    await page.click(".el-dialog__footer .el-button--primary")
    await page.until(visible("账号 limei 已存在"))
    await keep_picture(page, "user-form", tmp_path)
    await fill(page, ".el-dialog input[name=name]", "limei2")
    await page.click(".el-dialog__footer .el-button--primary")
    await page.until("document.querySelector('.given-password')")
    password = await page.text(".given-password")
    opened = await people.accounts.logins.log_in("limei2", password, None, address="", browser="")
    assert (opened.account.display_name, opened.account.must_change) == ("李梅", True)
    await page.click(".el-dialog__footer .el-button--primary")
    await page.until("!document.querySelector('.given-password')")
    await page.until("document.querySelectorAll('.users-table .el-table__row').length === 11")
    await page.value("document.querySelector('#tab-1').click()")
    await page.until(visible("监听、耳语、插话、接管"))
    await keep_picture(page, "roles", tmp_path)


def _sheet(folder: Path, name: str, *rows: tuple[str, str, str, str]) -> Path:
    columns = [Column(heading, 16) for heading in ("账号名", "姓名", "角色", "坐席")]
    file = folder / name
    file.write_bytes(write_workbook([Sheet(SHEET, columns, rows)]))
    return file


def _button(bar: str, words: str) -> str:
    return f"[...document.querySelectorAll('{bar} button')].find((e) => e.innerText === '{words}')"


async def test_accounts_come_out_of_an_excel_file_once_its_faults_are_corrected(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    await people.add(Role.ADMIN, "manager")
    new = ("lawyer1", "张律师", "坐席", "8001")
    faulty = _sheet(tmp_path, "faulty.xlsx", new, ("lawyer2", "王律师", "律师", "8002"))
    right = _sheet(tmp_path, "right.xlsx", new, ("lawyer2", "王律师", "坐席", "8002"))
    await page.open(f"{url}/users")
    await page.until("document.querySelector('input[name=username]')")
    await offer(page, "manager", PASSWORD)
    await page.until(f"{_button('.users-bar', '导入')}")
    await page.value(f"{_button('.users-bar', '导入')}.click()")
    await page.until("document.querySelector('.sheet-input')")
    await page.give_file(".sheet-input", faulty)
    await page.until(visible("有 1 处错误"))
    row = await page.text(".el-dialog .el-table__body tr")
    assert row.split() == ["账号", "3", "C", "没有角色“律师”。"]
    assert await page.value(f"document.querySelector('{APPLY}').disabled")
    await keep_picture(page, "users-import-faulty", tmp_path)
    assert await low_contrast(page) == []

    await page.give_file(".sheet-input", right)
    await page.until(visible("读入 2 行"))
    await keep_picture(page, "users-import", tmp_path)
    await page.click(APPLY)
    await page.until(visible("请写明原因"))
    await page.click(".el-dialog input.el-input__inner")
    await page.type("新入职")
    await page.click(APPLY)
    await page.until("document.querySelectorAll('.given-password').length === 2")
    await keep_picture(page, "users-import-given", tmp_path)
    password = await page.text(".given-password")
    opened = await people.accounts.logins.log_in("lawyer1", password, None, address="", browser="")
    assert (opened.account.seat, opened.account.must_change) == ("8001", True)
    # a stranger's first look at who he is
    assert [one for one in page.complaints if not one.endswith("/api/v1/me")] == []


async def test_it_speaks_english_in_large_type_and_both_last(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    await people.add(Role.ADMIN, "manager")
    await page.open(f"{url}/users")
    await page.until("document.querySelector('.door-language')")
    await page.click(".door-language")
    await page.until(visible("With your own account, please"))
    await offer(page, "manager", PASSWORD)
    await page.until(visible("New account"))
    await page.click(".header-person")
    await page.until(visible("Large type"))
    await page.value("document.querySelectorAll('.el-dropdown-menu__item')[1].click()")
    await page.until("document.documentElement.classList.contains('large-type')")
    await page.open(f"{url}/users")
    await page.until(visible("New account"))
    assert await page.value("document.documentElement.classList.contains('large-type')")
    assert await page.value("document.documentElement.scrollWidth") <= 1366
    assert await low_contrast(page) == []
    await keep_picture(page, "users-english-large", tmp_path)
    assert await page.value("document.documentElement.lang") == "en"


async def test_the_operators_key_opens_the_pages_too(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, _ = await serve(RULES)
    await page.open(f"{url}/users")
    await page.until("document.querySelector('.login-other')")
    await page.click(".login-other")
    await page.until("document.querySelector('input[name=key]')")
    await page.type("wrong")
    await page.click("form button[type=submit]")
    await page.until(visible("密钥不正确"))
    await fill(page, "input[name=key]", load_api_key(tmp_path))
    await page.click("form button[type=submit]")
    await page.until(visible("新建账号"))
    assert SESSION_COOKIE not in await page.value("document.cookie")


async def test_an_auditors_search_is_kept_in_the_address(page: Page, serve: Open) -> None:
    url, people = await serve(RULES)
    for name in ("limei", "wangqiang"):
        await people.add(Role.SUPERVISOR, name)
    await people.add(Role.AUDITOR, "auditor")
    await log_in(page, url, "auditor", PASSWORD)
    rows = "document.querySelectorAll('.audit tbody tr').length"
    await page.open(f"{url}/audit?words=limei")
    await page.until(f"{rows} === 1")
    assert await page.value("document.querySelector('.audit-words input').value") == "limei"
    await page.value("document.querySelector('.audit-words input').select()")
    await page.type("nobody")
    await page.click(".audit-bar .el-button--primary")
    await page.until("document.querySelector('.audit').innerText.includes('没有符合条件的记录')")
    await page.value("history.back()")
    await page.until(f"{rows} === 1")
    assert await page.value("location.search") == "?words=limei"


async def test_an_auditor_sees_that_the_trail_is_whole_and_that_it_is_no_more(
    page: Page, serve: Open, tmp_path: Path
) -> None:
    url, people = await serve(RULES)
    for name in ("limei", "wangqiang", "zhaolei"):
        await people.add(Role.SUPERVISOR, name)
    await people.add(Role.AUDITOR, "auditor")
    await page.open(f"{url}/audit")
    await page.until("document.querySelector('input[name=username]')")
    await offer(page, "auditor", PASSWORD)
    await page.until(visible("新建账号"))
    await page.click("[data-test=chain]")
    await page.until(visible("已核对 5 条，全部完好衔接。"))
    await keep_picture(page, "audit-whole", tmp_path)
    assert await low_contrast(page, texts=6) == []
    async with people.store.writing() as connection:  # as only the database's owner can
        await connection.execute(text("DROP TRIGGER audit_stays"))
        await connection.execute(text("DELETE FROM audit WHERE n = 2"))
    await page.click("[data-test=chain]")
    await page.until(visible("第 3 条与前一条不衔接"))
    await keep_picture(page, "audit-broken", tmp_path)
    async with people.store.writing() as connection:
        await connection.execute(text("DELETE FROM audit WHERE n > 1"))
    await page.click("[data-test=chain]")
    await page.until(visible("日志末尾被截去或重写过"))
    await keep_picture(page, "audit-cut-off", tmp_path)
    await page.click(".chain .el-alert button")
    await page.until(visible("已核对 1 条，全部完好衔接。"))
