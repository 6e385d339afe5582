"""Why the server refuses something: of log-in, rights, seats, talks, records, accounts, numbers."""

from collections.abc import Mapping
from typing import Final

_ANY: Final[Mapping[str, str]] = {
    "请求格式有误。": "The request is malformed.",
    "没有这个地址。": "There is no such address.",
    "此地址不支持这种请求方式。": "This address does not take such requests.",
    "请求缺少长度。": "The request does not say how long it is.",
    "请求内容过大。": "The request is too large.",
    "请求未能完成。": "The request could not be completed.",
    "服务器内部错误，已记录。": "Something went wrong in the server; it has been logged.",
    "数据库暂不可用，请稍后再试。": "The database is away for the moment. Please try again later.",
    "数据库暂不可用，无法核对登录，请稍后再试。": (
        "The database is away, so log-ins cannot be checked. Please try again later."
    ),
    "数据库暂不可用，无法留痕。": "The database is away: nothing is done that cannot be audited.",
    "数据库暂不可用，无法留痕，未呼出。": "The database is away, so no call was made.",
    "数据库暂不可用，无法留痕，未执行。": "The database is away, so nothing was done.",
    "数据库暂不可用，无法留痕，未释放。": "The database is away, so the seat was not released.",
    "呼叫控制暂不可用，请稍后再试。": "Call control is away. Please try again later.",
    "这通电话所在的节点暂时没有响应，请稍后再试。": (
        "The node that has this call does not answer. Please try again later."
    ),
    "呼叫控制未在本进程运行。": "Call control does not run in this process.",
    "与 Asterisk 的连接中断，请稍后再试。": "Asterisk is not reached. Please try again later.",
    "请求内容不符合要求：{}": "The request is not as it should be: {0}",
    "请求内容须为 {}。": "The content must be {0}.",
    "内容超过 {} MB。": "The content is larger than {0} MB.",
    "日期超出范围。": "The date is out of range.",
    "请求过于频繁，请稍后再试。": "Too many requests. Please try again later.",
    "尝试过于频繁，请稍后再试。": "Too many attempts. Please try again later.",
    "同时打开的页面过多，请关闭一些后再试。": "Too many pages are open. Please close some.",
    "不接受其他网站发来的请求。": "Requests from other sites are not taken.",
    "更改须来自本站页面。": "Changes must come from this site's own pages.",
    "此地址不可读取运行指标。": "Metrics cannot be read from this address.",
    "请使用 WebSocket 连接。": "Please connect by WebSocket.",
    "本进程不提供流程管理。": "This process does not manage flows.",
    "此服务进程不处理通话。": "This process handles no calls.",
    "此服务进程不提供工单。": "This process has no call records.",
    "此服务进程不提供通话记录。": "This process has no past calls.",
    "此服务进程不管理受限号码。": "This process does not manage refused numbers.",
    "此服务进程不管理坐席和日历。": "This process does not manage seats and calendar.",
    "此服务进程不管理提示音。": "This process does not manage prompts.",
    "此进程不提供统计数据。": "This process has no figures.",
    "统计数据暂不可用，请稍后再试。": "Figures are not available. Please try again later.",
    "这里没有账号服务。": "There are no accounts here.",
    "这里没有账号服务，请使用访问密钥。": "There are no accounts here; use the access key.",
    "这里没有审计日志。": "There is no audit trail here.",
}
_WHO: Final[Mapping[str, str]] = {
    "请先登录。": "Please log in first.",
    "请先修改密码或设置动态验证码。": "Please change your password or set up the second factor.",
    "您的账号没有这项权限。": "Your account may not do this.",
    "密钥不正确。": "The key is wrong.",
    "访问密钥没有个人账号。": "The access key is no person's account.",
    "账号或密码不正确。": "Wrong account or password.",
    "请输入身份验证器中的六位动态验证码。": "Enter the six digits that your authenticator shows.",
    "动态验证码不正确或已用过，请输入新的验证码。": (
        "The code is wrong or was used before. Please enter a new one."
    ),
    "动态验证码不正确，请核对手机时间。": "The code is wrong. Please check your phone's clock.",
    "连续输错次数过多，账号已锁定，请 {} 分钟后再试，或请管理员解锁。": (
        "Too many wrong attempts: the account is locked. "
        "Try again in {0} minutes, or ask an administrator to unlock it."
    ),
    "这次登录已经结束。": "This log-in has ended already.",
    "您的角色必须使用动态验证码，不能停用。": (
        "Your role demands a second factor: it cannot be removed."
    ),
    "账号名须为 2 至 32 位小写字母、数字、点、下划线或连字符，以字母或数字开头。": (
        "2 to 32 small letters, digits, dots, underscores or hyphens; a letter or digit first."
    ),
    "姓名须为 1 至 40 个字。": "A name has 1 to 40 characters.",
    "至少选择一个角色。": "Choose at least one role.",
    "审计员不能兼任其他角色（三权分立）。": (
        "An auditor can have no other role: powers are kept apart."
    ),
    "坐席号须为 2 至 8 位数字。": "A seat's number has 2 to 8 digits.",
    "坐席角色须填写坐席号。": "The role seat needs a seat's number.",
    "密码须为 {} 至 {} 位。": "A password has {0} to {1} characters.",
    "密码须含大写字母、小写字母、数字、符号中的至少三种，或不少于 {} 位。": (
        "A password needs three of capital letters, small letters, digits and signs, "
        "or {0} characters and more."
    ),
    "密码中重复的字符过多。": "The password repeats too many characters.",
    "密码不能包含账号名或常见密码。": "The password holds the account's name or a common password.",
    "不能更改自己的角色，请由其他管理员操作。": (
        "You cannot change your own roles: another administrator can."
    ),
    "不能停用自己的账号。": "You cannot disable your own account.",
    "请在“我的账号”中更改自己的密码和动态验证码。": (
        "Change your own password and second factor under “My account”."
    ),
    "原密码不正确。": "The old password is wrong.",
    "密码不正确。": "The password is wrong.",
    "不能使用最近用过的密码。": "This password was used lately.",
    "已启用动态验证码；如需更换，请先停用。": (
        "A second factor is set up already; remove it first to change it."
    ),
    "请先生成二维码。": "Please make the QR code first.",
    "没有账号 {}。": "There is no account {0}.",
    "账号 {} 已存在。": "The account {0} exists already.",
    "这是最后一个可用的管理员账号，不能停用或取消。": (
        "This is the last administrator's account: it cannot be disabled or changed."
    ),
    "没有这个地区。": "There is no such place.",
    "您只能更改本市州的坐席。": "You can change only your own city's seats.",
    "服务时间由省级管理员更改。": "Hours are changed by the province's administrators.",
    "流程和派线策略由全省统一管理，您的账号只限本地区。": (
        "Flows and the routing policy are the province's; your account is for one city only."
    ),
    "历史版本由省级管理员查看和恢复。": (
        "Earlier versions are looked at and restored by the province's administrators."
    ),
    "这个版本就是现在的内容，无需恢复。": "This version is what holds now: nothing to restore.",
    "没有这个历史版本。": "There is no such earlier version.",
    "该坐席不属于您管理的市州。": "This seat does not belong to your city.",
    "这个坐席不属于您的地区。": "This seat does not belong to your city.",
    "这通电话不属于您管理的市州。": "This call does not belong to your city.",
    "只能使用本人的坐席。": "Only your own seat.",
    "您的账号没有分配坐席话机，请联系管理员。": (
        "Your account has no seat's telephone. Please ask an administrator."
    ),
    "您的账号没有坐席。": "Your account has no seat.",
    "您的账号没有班长话机，请联系管理员。": (
        "Your account has no supervisor's telephone. Please ask an administrator."
    ),
}
_TALK: Final[Mapping[str, str]] = {
    "没有坐席 {}。": "There is no seat {0}.",
    "没有代码为 {} 的市州。": "There is no city with the code {0}.",
    "没有线路 {}。": "There is no line {0}.",
    "没有坐席服务于业务组 {}。": "No seat serves the group {0}.",
    "坐席 {} 的话机没有注册，请先登录话机。": "The telephone of seat {0} is not registered.",
    "坐席 {} 正在处理来电，请稍后再试。": "Seat {0} is busy with a call. Please try again later.",
    "坐席 {} 没有在通话。": "Seat {0} is in no call.",
    "坐席 {} 不在话后处理中。": "Seat {0} is not in wrap-up.",
    "坐席 {} 不在线。": "Seat {0} is offline.",
    "坐席 {} 已是这个状态。": "Seat {0} is in this state already.",
    "坐席 {} 现在不能接听。": "Seat {0} cannot answer now.",
    "坐席 {} 已在另一个页面签入（{}）。": "Seat {0} is signed in on another page ({1}).",
    "该坐席已在其他页面签入。": "The seat has signed in on another page.",
    "您没有签入该坐席，或已在其他页面签入。": (
        "You have not signed in to this seat, or have done so on another page."
    ),
    "话机尚未连接，请稍候。": "The telephone is not connected yet. Please wait a moment.",
    "正在处理来电，请稍后再试。": "A call is being handled. Please try again later.",
    "正在处理来电，请稍后再拨。": "A call is being handled. Please call later.",
    "正在处理来电，请结束后再签出。": "A call is being handled: sign off when it has ended.",
    "现在没有通话，请直接示忙或就绪。": "There is no call now: set ready or not ready at once.",
    "没有可以回拨的通话。": "There is no call to call back.",
    "该号码无法呼出。": "This number cannot be called.",
    "坐席当前没有可操作的通话。": "The seat is in no talk now.",
    "正在咨询或会议中，请先完成或取消。": (
        "There is a consultation or conference: complete or cancel it first."
    ),
    "来电者已在保持中。": "The caller is on hold already.",
    "来电者没有在保持中。": "The caller is not on hold.",
    "没有正在咨询的对象。": "Nobody is being consulted.",
    "对方还没有接听。": "The other side has not answered yet.",
    "当前没有三方会议。": "There is no conference now.",
    "请说明转给谁。": "Say to whom.",
    "该线路现在不在服务时间内，来电者仍在您的通话中。": (
        "This line is closed now. The caller is still with you."
    ),
    "班长在通话中，须由班长退出；您也可以离开，由班长继续。": (
        "A supervisor is in the talk and must leave it; you may leave it to the supervisor too."
    ),
    "另一位班长已在这通电话中，您可以监听或耳语。": (
        "Another supervisor is in this call; you may listen or whisper."
    ),
    "另一位班长正在耳语，您可以监听。": "Another supervisor is whispering; you may listen.",
    "这位来电者现在不在排队。": "This caller does not wait now.",
    "这通电话所在的节点暂时没有响应，请稍后再试。": (
        "The node that has this call does not answer. Please try again later."
    ),
    "这通电话已经结束。": "This call has ended.",
    "这通电话现在不在坐席通话中。": "This call is with no seat now.",
    "您已在这通电话中。": "You are in this call already.",
    "您的班长话机没有连接。": "Your supervisor's telephone is not connected.",
    "通话已结束，请立即自行拨打求助电话。": (
        "The call has ended. Please call for help yourself at once."
    ),
    "求助电话已在本通话中，请勿挂机。": "Help is in this talk already. Please do not hang up.",
}
_RECORD: Final[Mapping[str, str]] = {
    "没有这个通话，或不在您的权限范围内。": "There is no such call, or you may not see it.",
    "没有这通来电，或您无权查看。": "There is no such call, or you may not see it.",
    "接通后才有工单。": "There is a record only once the call is answered.",
    "只有参与通话的坐席可以填写工单。": "Only seats that were in the call can write its record.",
    "只有参与通话的坐席可以确认来电人身份。": (
        "Only seats that were in the call can confirm who calls."
    ),
    "磁盘与数据库暂时都无法写入，工单尚未保存，请勿关闭页面。": (
        "Neither disk nor database takes it now: the record is not saved. Keep the page open."
    ),
    "工单已在别处修改，请核对后再保存。": (
        "The record was changed elsewhere. Please look at it before saving."
    ),
    "工单已提交，如需更正请填写更正原因。": "The record is filed; to correct it, say why.",
    "请先填写：{}。": "Still missing: {0:said}.",
    "{} 不在可选范围内。": "{0} is none of the choices.",
    "outcome 不在可选范围内。": "outcome is none of the choices.",
    "次要类别最多两个，且不得与其他类别重复。": "At most two secondary categories, each another.",
    "请先选择主要类别。": "Choose the main category first.",
    "没有可选的类别 {}。": "There is no category {0} to choose.",
    "没有这项待办，或已处理完毕。": "There is no such request, or it is done already.",
    "这通来电没有录音，或录音不在本机。": "This call has no recording, or it is not kept here.",
    "请先说明调听事由。": "Say first why you listen to it.",
}
_NUMBERS: Final[Mapping[str, str]] = {
    "请从您接听的来电中提出。": "Propose it from a call that you answered.",
    "不是电话号码。": "This is no telephone number.",
    "没有这一条。": "There is no such entry.",
    "{} 不是可以限制的电话号码": "{0} is no telephone number that can be refused",
    "至少要有 {} 通不同的来电作为依据，现有 {} 通": (
        "At least {0} different calls are needed as evidence; there are {1}"
    ),
    "截止时间应在今后 {} 天之内": "It must end within {0} days",
    "提出人不能批准自己的提议": "Nobody can approve what he proposed himself",
    "只有待审批的才能批准": "only what was proposed can be approved",
    "已经解除或到期": "it was lifted or is over already",
    "第 {} 条：{}": "No. {0}: {1:said}",
    "请写明经办人（最多 40 个字）": "Say who does it (at most 40 characters)",
    "请写明{}（最多 {} 个字）": "Say the {0:said} (at most {1} characters)",
    "没有第 {} 条": "There is no entry {0}",
    "该号码已有第 {} 条，尚未到期": "Entry {0} stands for this number and is not over yet",
    "没有编号为 {} 的来电": "There is no call {0}",
    "来电 {} 不是这个号码打来的": "The call {0} did not come from this number",
}
REFUSALS: Final[Mapping[str, str]] = {**_ANY, **_WHO, **_TALK, **_RECORD, **_NUMBERS}
