"""What is refused when flows and policies are tried, edited and published."""

from collections.abc import Mapping
from typing import Final

_MOVES: Final[Mapping[str, str]] = {
    "派线策略": "Routing policy",
    "姓名应为 1 至 {} 个字。": "A name has 1 to {0} characters.",
    "说明应为 {} 至 {} 个字。": "The note has {0} to {1} characters.",
    "{} 的下一个版本号是 {}，不是 {}。": "The next version of {0} is {1}, not {2}.",
    "{} 第 {} 版就是现行版本。": "{0}, version {1}, is in force already.",
    "没有 {} 第 {} 版。": "There is no version {1} of {0}.",
    "没有这个版本。": "There is no such version.",
    "{} 第 {} 版{}，不能回退到它。": "{0}, version {1}, is {2:said}: it cannot be put back.",
    "{} 第 {} 版{}，不能这样操作。": "{0}, version {1}, is {2:said}: this cannot be done.",
    "{} 第 {} 版{}（{}），不能这样操作。": (
        "{0}, version {1}, is {2:said} ({3}): this cannot be done."
    ),
    "{} 没有可以回退的版本。": "There is no version of {0} to go back to.",
    "还没有发布过新版本，无可回退。": "Nothing was published yet: there is nothing to go back to.",
    "现行发布之前没有可以回退的发布。": "There is no earlier release to go back to.",
    "没有第 {} 次发布。": "There is no release {0}.",
    "第 {} 次发布的内容就是现行内容。": "Release {0} is what is in force.",
    "第 {} 次发布含有已撤回的 {} 第 {} 版。": (
        "Release {0} holds version {2} of {1}, which was withdrawn."
    ),
    "{} 刚刚完成了第 {} 次发布，请看过新的现行版本再操作。": (
        "{0} has just published release {1}: look at what is in force now first."
    ),
    "{} 是 {} 第 {} 版的作者，须由他人审核。": (
        "{0} wrote version {2} of {1}: somebody else must review it."
    ),
    "草稿": "a draft",
    "审核中": "under review",
    "已审核": "reviewed",
    "已发布": "published",
    "已撤回": "withdrawn",
    "有 {} 处错误。第 {} 行：{}": "{0} faults. Line {1}: {2:said}",
}
_TRIALS: Final[Mapping[str, str]] = {
    "此时不会发生这样的事。": "This cannot happen now.",
    "有人正在试算，请稍候再试。": "Somebody else runs a trial. Please try again in a moment.",
    "试算时间过长，已经停止。": "The trial took too long and was stopped.",
    "试算没有完成：{}。": "The trial was not completed: {0:said}.",
    "所选七天没有人请求人工": "nobody asked for a person in these seven days",
    "请先改正策略中的错误": "mend the faults of the policy first",
    "文本有语法错误，请先在文本中改正，再用表单修改。": (
        "The text is malformed: mend it there before using the form."
    ),
    "这处改动写不进文本，请直接在文本中修改。": (
        "This change cannot be written into the text: please make it there."
    ),
    "文本中没有 {}，不能修改。": "The text has no {0} to change.",
    "这里没有 {} 这一说；{}": "{0} means nothing here; {1:said}",
    "这里不等按键；{}": "No key is waited for here; {0:said}",
    "这时按 {} 没有作用；{}": "The key {0} does nothing now; {1:said}",
    "可以输入数字（如 13800008000#），或 - 表示不按键": (
        "there may be digits (like 13800008000#), or - for no key"
    ),
    "可以按 {}，按别的键算按错，- 表示不按键": (
        "there may be {0}; other keys count as wrong, - is no key"
    ),
    "可以说 接通（坐席接听并通话完毕）{}": "there may be answered (the talk has ended too){0:said}",
    "，按 {} {}": ", the key {0} {1:said}",
    "可以说 说完": "there may be spoken",
    "可以说 接通（对方接听并通话完毕）或 失败（没有接通）": "there may be answered or failed",
    "可以说 {}（服务答复），或 失败": "there may be {0} (of the service), or failed",
    "可以说 失败": "there may be failed",
    "{}，或 {}": "{0:said}, or {1:said}",
    "通话已经结束": "the call has ended",
    "要求回拨": "asks to be called back",
}
_SITUATIONS: Final[Mapping[str, str]] = {
    "--caller：{} 不是电话号码；不显示号码请写 anonymous": (
        "--caller: {0} is no telephone number; write anonymous for one withheld"
    ),
    "--city：没有代码为 {} 的市州；有：{}": "--city: there is no city {0}; there are {1}",
    "日历里没有 {} 年的节假日，有的事实不知道，流程走 otherwise": (
        "the calendar has no holidays of {0}: some facts are unknown, and flows go otherwise"
    ),
    "--fact：没有名为 {} 的事实；有：{}": "--fact: there is no fact {0}; there are {1}",
    "--fact：{} 不能是 {}；可以是：{}": "--fact: {0} cannot be {1}; it can be {2}",
    "--now：看不懂时间 {}，应像 2026-02-17T21:10+08:00": (
        "--now: {0} is no time like 2026-02-17T21:10+08:00"
    ),
    "--now 没有写时区，按北京时间（Asia/Shanghai）": (
        "--now says no zone: Beijing's (Asia/Shanghai) is taken"
    ),
    "--now：{} 不在历法范围内": "--now: {0} is outside the calendar",
    "--load：没有 {} 这一项；可以写 waiting=3（排队人数）": (
        "--load: there is no {0}; write waiting=3 (callers waiting)"
    ),
    "--load：waiting 应是 0 到 {} 的整数，不能是 {}": (
        "--load: waiting is a whole number from 0 to {0}, not {1}"
    ),
}
FLOWS: Final[Mapping[str, str]] = {**_MOVES, **_TRIALS, **_SITUATIONS}
