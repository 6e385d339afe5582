"""What the checks of flows and policies find, in Chinese: for those who write them in a page.

The checks speak English, as `hotline check` and programs read it. One table, from the sentence to
its Chinese; a sentence that is not in it is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

_KINDS: Final[Mapping[str, str]] = {
    "group": "业务组",
    "line": "外线",
    "city": "地区",
    "service": "服务",
    "fact": "依据",
    "verb": "动作",
}
_WAYS: Final[Mapping[str, str]] = {"callback": "回拨", "message": "留言"}
_LANGUAGES: Final[Mapping[str, str]] = {"zh-CN": "普通话", "ko-KR": "朝鲜语", "en": "英语"}

_FLOW: Final = (
    (r"there is no step (\S+)", "没有名为 {0} 的步骤"),
    (r"there is no flow (\S+)", "没有名为 {0} 的流程"),
    (r"there is no prompt (\S+), said when a step breaks", "没有步骤出错时播放的提示语 {0}"),
    (r"there is no group (\S+), joined when a step breaks", "没有步骤出错时转入的业务组 {0}"),
    (r"there is no prompt (\S+) in (\S+)", "提示语 {0} 没有{1}版本"),
    (r"there is no prompt (\S+)", "没有名为 {0} 的提示语"),
    (r"there is no (\S+) variant of (\S+): \S+ is heard", "提示语 {1} 没有{0}版本，将播放普通话"),
    (r"there are no prompts in (\S+): \S+ is heard", "没有{0}提示语，将播放普通话"),
    (r"there is no (\w+) (\S*); (?:known|verbs): (.+)", "没有名为 {1} 的{0}；可用：{2}"),
    (r"the program itself says what has no (\S+) variant: (.+)", "系统提示语缺少{0}版本：{1}"),
    (
        r"what is said just before is heard in (\S+) too: .*",
        "前面刚播放的内容也会变成{0}，请提前切换语言",
    ),
    (
        r"the text names the key (\S), which does nothing here(.*)",
        "提示语里说可按 {0}，但这里没有这个按键{1}",
    ),
    (r"no text tells the caller of the key (\S)(.*)", "没有提示语告诉来电人可按 {0}{1}"),
    (
        r"has (\d+) keys; more than (\d+) are hard to keep in mind",
        "有 {0} 个按键，超过 {1} 个不易记住",
    ),
    (
        r"offers (\w+), but the step does not say where \w+ leads",
        "提供了{0}，但没有写明{0}之后到哪一步",
    ),
    (r"no key of offers leads to (\w+)", "没有按键通向{0}"),
    (r"(\S+) is never (\S+); it is (.+)", "{0} 不会是 {1}，只可能是 {2}"),
    (r"the service (\S+) does not take (\S+)", "服务 {0} 不接收 {1}"),
    (r"the service (\S+) wants (\S+), which is not sent", "服务 {0} 需要 {1}，但没有送出"),
    (r"a path comes here without having asked for (\S+)", "有一条路径没有问过 {0} 就到了这里"),
    (r"no path asks the service (\S+) for (\S+) before", "没有一条路径先向服务 {0} 查询 {1}"),
    (r"no path leads to this step", "没有路径能到这一步"),
    (
        r"no flow goes to this one, and calls begin in (\S+)",
        "没有流程转入本流程，而来电从 {0} 开始",
    ),
    (r"loops without waiting for the caller: (.+)", "在这些步骤间循环而不等来电人操作：{0}"),
    (
        r"passes (\d+) steps without waiting; at most (\d+) may",
        "连续 {0} 步不等来电人操作，最多 {1} 步",
    ),
    (r"is a dead end: no way from here ends the call(.*)", "是死路：从这里出发通话永远不会结束{0}"),
    (
        r"refuses callers and has no line outside for those in danger",
        "拒接来电的流程必须给遇险者留一条外线",
    ),
    (r"hangs up on a caller who had no way to a person", "来电人没有机会转人工就被挂断"),
    (r"lacks the key 0, which leads to a person", "缺少转人工的 0 键"),
    (r"the key 0 does not lead straight to a person", "0 键没有直接通向人工"),
    (
        r"(no key or wrong keys|no digits or wrong ones) do not lead to a person",
        "不按键或按错后没有通向人工",
    ),
    (
        r"does not say where (\S+) (\S+) leads; otherwise is for when .*",
        "没有写明 {0} 为 {1} 时到哪一步（“其他情况”只用于不知道时）",
    ),
    (
        r"callers who come when closed wait here and can leave neither .*",
        "非服务时间来电的人在此排队，却不能选择回拨或留言",
    ),
    (
        r"the calendar has closed hours, and no step branches on hours",
        "日历里有非服务时间，但没有步骤按服务时间分支",
    ),
    (
        r"lies (\d+) menus deep; more than (\d+) are hard to follow",
        "位于第 {0} 层菜单，超过 {1} 层不易理解",
    ),
    (r"is (\S+), but the file is (\S+)\.yaml", "流程名写成了 {0}，应为 {1}"),
    (r"is (\d+), but the next one of (\S+) is (\d+)", "版本号是 {0}，下一个应为 {2}"),
    (r"is missing: the next one of (\S+) is (\d+)", "缺少版本号，下一个应为 {1}"),
    (r"the prompt (\S+) has no audio.*", "提示语 {0} 没有录音文件"),
    (r"the prompt (\S+) has audio that cannot be read.*", "提示语 {0} 的录音文件损坏"),
    (r"the prompt (\S+) has audio that Asterisk cannot play.*", "提示语 {0} 的录音格式不能播放"),
    (r"the prompt (\S+) has empty audio.*", "提示语 {0} 的录音是空的"),
)
_FORM: Final = (
    (r"is missing", "没有填写"),
    (r"is not known here", "这里没有这一项"),
    (r"do is missing; verbs: .+", "没有写明动作（do）"),
    (r"should hold at least one", "至少要有一项"),
    (r"String should have at least 1 character", "不能为空"),
    (r"String should have at most (\d+) characters?", "最多 {0} 个字符"),
    (
        r"should be a name of a-z, 0-9 and _, at most 40, not (.+)",
        "应为小写字母、数字和下划线组成的名称（最多40个字符），不能是 {0}",
    ),
    (r"should be one of the keys 0-9 \* #, not (.+)", "应为按键 0-9、* 或 #，不能是 {0}"),
    (
        r"should be the GB/T 2260 code of a prefecture.*, not (.+)",
        "应为市州代码或 {{city}}，不能是 {0}",
    ),
    (r"should be a mapping, not (.+)", "应为“名称: 值”的形式，不能是 {0}"),
    (r"should be a list, not (.+)", "应为列表，不能是 {0}"),
    (r"should be a (?:whole number|valid string), not (.+)", "填写的内容类型不对：{0}"),
    (r"should be (greater|less) than or equal to (\S+), not (.+)", "应{0} {1}，不能是 {2}"),
    (r"should be (.+), not (.+)", "应为 {0}，不能是 {1}"),
    (r"should name the fewest digits first.*", "应先写最少位数"),
    (r"should have (.+), not (.+)", "长度不对：{1}"),
    (r"the key (.+) must be quoted: (.+)", "按键 {0} 须加引号，写作 {1}"),
    (r"(\S+) stands here twice, first on line (\d+)", "{0} 重复，第 {1} 行已经有了"),
)
_TEXT: Final = (
    (r"is empty", "文本是空的"),
    (r"is not YAML: (.+)", "YAML 语法有误：{0}"),
    (r"is not UTF-8 text", "不是 UTF-8 文本"),
    (r"is not text: it holds the character (\S+)", "含有不能使用的字符 {0}"),
    (r"holds a tab: .+", "含有制表符，请用空格缩进"),
    (r"has Windows line ends .+", "换行符是 Windows 格式，请改为 LF"),
    (r"begins with a byte order mark: .+", "文件开头有 BOM，请另存为不带 BOM 的 UTF-8"),
    (r"is larger than the limit of (\S+) bytes", "超过 {0} 字节的上限"),
    (r"holds more than the limit of (\S+) values", "超过 {0} 个值的上限"),
    (r"is nested deeper than the limit of (\d+)", "嵌套超过 {0} 层"),
    (
        r"(?:anchors and aliases|anchors and tags|tags) .*are not used here.*",
        "不能使用 YAML 的锚点、引用或标签",
    ),
    (r"holds a second document: .+", "一个文本只能有一份内容"),
    (r"a key must be a word, not a list or mapping", "名称必须是一个词"),
)  # fmt: skip
_POLICY: Final = (
    (
        r"a caller of no known city reaches no seat and no line, .+",
        "归属地不明的来电人在任何阶段都没有坐席、外线、回拨或留言可去",
    ),
    (
        r"a caller of (\S+) reaches no seat and no line, .+",
        "{0} 的来电人在任何阶段都没有坐席、外线、回拨或留言可去",
    ),
    (r"(.+) is a group that no seat serves", "业务组 {0} 没有坐席承接"),
    (r"(.+) is no place of `hotline places show`", "没有代码为 {0} 的地区"),
    (r"(.+) is none of (.+)", "{0} 不可用，可用：{1}"),
    (r"(.+) is no whole number from (\S+) to (\S+)", "应为 {1} 到 {2} 的整数，不能是 {0}"),
    (r"(.+) is no time like 08:30", "应为 08:30 这样的时间，不能是 {0}"),
    (r"(.+) is no share from 0.0 to 1.0", "应为 0.0 到 1.0 的比例，不能是 {0}"),
    (r"(.+) is neither true nor false", "应为 true 或 false，不能是 {0}"),
    (r"(.+) is not in lines\.yaml \((.+)\)", "没有名为 {0} 的外线；可用：{1}"),
    (r"does not go with who: (\w+).*", "不能与 who: {0} 同时使用"),
    (r"has (\S+) entries, not 1 to (\S+)", "有 {0} 项，应为 1 到 {1} 项"),
    (
        r"nobody is called back from (\S+) to (\S+): .+",
        "回拨时段 {0} 至 {1} 不成立，结束须晚于开始",
    ),
    (r"is the next day: the latest is 23:59", "到了第二天，最晚为 23:59"),
    (r"unknown key (.+) \(known: (.+)\)", "没有 {0} 这一项；可用：{1}"),
    (r"(\S+) is missing(?:: .+)?", "没有填写 {0}"),
    (r"(\S*) ?is this city itself", "{0} 就是本市"),
    (r"(\S*) ?stands here twice", "{0} 重复"),
    (r"are more than (\d+)", "超过 {0} 项"),
    (r"neighbours names no neighbour of any city", "用到了邻近市州，但没有写明哪些市州相邻"),
    (r"says nothing: leave it out for .+", "没有写条件；一直放开的阶段请去掉这一项"),
    (r"must be a single value", "应只有一个值"),
    (r"must be a table of keys and values", "应为“名称: 值”的形式"),
    (r"must be a list.*", "应为列表"),
    (r"names no day", "没有写明哪几天"),
)  # fmt: skip
_TABLE: Final = tuple(
    (re.compile(pattern, re.DOTALL), words) for pattern, words in (*_FLOW, *_FORM, *_TEXT, *_POLICY)
)
_WORDS: Final = {
    **_KINDS,
    **_WAYS,
    **_LANGUAGES,
    **{f" in {name}": f"（{words}）" for name, words in _LANGUAGES.items()},
    "greater": "不小于",
    "less": "不大于",
    "none": "无",
}


def in_chinese(what: str) -> str:
    """What a check says of a value, as a Chinese sentence without its full stop."""
    for pattern, words in _TABLE:
        if found := pattern.fullmatch(what):
            return words.format(*(_WORDS.get(one, one) for one in found.groups(default="")))
    return what
