"""Lines outside, services, supervisors' telephones, emergency notices: what is said of them."""

from collections.abc import Mapping
from typing import Final

_FAULTS: Final[Mapping[str, str]] = {
    "名称为 1 到 100 个字。": "1 to 100 characters.",
    "号码为 2 到 32 位数字，可含 * # 和 +。": "2 to 32 digits; * # and + may be among them.",
    "请选择能呼出的中继。": "Choose a trunk that leads out.",
    "中继 {} 不能呼出，请选择能呼出的中继。": (
        "The trunk {0} does not lead out: choose one that does."
    ),
    "请选择全天或服务时间内。": "Choose always or within service hours.",
    "代号以小写字母开头，只含小写字母、数字和下划线，最多 40 个。": (
        "a-z, 0-9 and _, a letter first, at most 40."
    ),
    "代号 {} 写了两次。": "The code {0} stands here twice.",
    "号码 {} 写了两次。": "The number {0} stands here twice.",
    "网址以 https:// 开头，不含账号、密码、空格和 #；http:// 只用于本机上的服务。": (
        "An https:// address without account, password, blanks or #; http:// only on this machine."
    ),
    "发送内容最多 10 项，用小写字母、数字和下划线命名。": (
        "At most 10 items, named by a-z, 0-9 and _."
    ),
    "至少要有一个结果，每个结果至少一个取值，都用小写字母、数字和下划线命名。": (
        "At least one result with one value or more, named by a-z, 0-9 and _."
    ),
    "密钥名称以字母开头，只含字母、数字、下划线和连字符。": (
        "A secret's name has letters, digits, _ and -, a letter first."
    ),
    "同一结果写了两次。": "A result stands here twice.",
    "结果 {} 由程序自己得出，请换一个代号。": (
        "The program itself finds {0}: choose another code."
    ),
    "结果 {} 已由接口 {} 提供，请换一个代号。": (
        "The service {1} tells {0} already: choose another code."
    ),
    "话机号码应为 3 到 6 位数字。": "A telephone's number has 3 to 6 digits.",
    "{} 已是坐席的号码。": "{0} is a seat's number already.",
    "外线、业务接口和班长话机由省级管理员更改。": (
        "Outside lines, services and supervisors' telephones are changed by the province's "
        "administrators."
    ),
    "{} 有错，请先在文件中改正：{}": "{0} has a fault; mend it in the file first: {1}",
}
_NOTICES: Final[Mapping[str, str]] = {
    "另一节点暂时没有响应，请稍后再试。": ("Another node does not answer. Please try again later."),
    "只有其他节点可以这样做。": "Only other nodes may do this.",
    "此服务进程不管理紧急通知。": "This process does not manage notices.",
    "紧急通知由全省来电人听到，由省级人员设置。": (
        "Callers of the whole province hear notices: people of the province set them."
    ),
    "没有这条紧急通知，请刷新后再试。": "There is no such notice: please look again.",
    "本机不能合成语音，请上传录音。": "No voice is installed here: please bring a recording.",
    "紧急通知没有设置：声音文件放不出来。": "The notice was not set: its sound cannot be played.",
    "结束时间要在开始时间和现在之后。": "It must end after its beginning, and after now.",
    "已合成语音 {} 秒：{}": "{0} s were spoken: {1}",
    "{}（{} 至 {}）": "{0} ({1} to {2})",
    "启用，{}": "switched on: {0:said}",
    "停用，{}": "switched off: {0:said}",
}
_CHANGES: Final[Mapping[str, str]] = {
    "新增外线 {}（{}）": "New outside line {0} ({1})",
    "删除外线 {}（{}）": "Outside line {0} ({1}) removed",
    "新增业务接口 {}（{}）": "New service {0} ({1})",
    "删除业务接口 {}（{}）": "Service {0} ({1}) removed",
    "新增班长话机 {}（{}）": "New telephone of a supervisor: {0} ({1})",
    "删除班长话机 {}（{}）": "Supervisor's telephone {0} ({1}) removed",
    "{}的顺序有调整": "The order of {0:said} changed",
}
_WORDS: Final[Mapping[str, str]] = {
    "业务接口": "services",
    "号码": "number",
    "中继": "trunk",
    "时段": "hours",
    "全天": "always",
    "服务时间内": "within service hours",
    "网址": "address",
    "发送": "sent",
    "结果": "results",
    "密钥": "secret",
}
OUTSIDE: Final[Mapping[str, str]] = {**_FAULTS, **_NOTICES, **_CHANGES, **_WORDS}
