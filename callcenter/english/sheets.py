"""Excel files: names of sheets, headings, words in cells, and the notes at headings.

Headings and words are written in the page's language and read in either. A word of a cell begins
a line of its own, so it is not always what stands within a sentence (`words`).
"""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, str]] = {
    "坐席": "Seats",
    "服务时间": "Hours",
    "下班后": "After hours",
    "临时停服": "Closures",
    "节假日": "Holidays",
    "提示音": "Prompts",
    "受限号码": "Refused numbers",
    "提议": "Proposals",
    "账号": "Accounts",
    "审计日志": "Audit trail",
}
HEADINGS: Final[Mapping[str, str]] = {
    "坐席号": "Seat",
    "名称": "Name",
    "级别": "Level",
    "市州": "City",
    "语种": "Languages",
    "权重": "Weight",
    "班次": "Shifts",
    "事项": "Matter",
    "由谁接听": "Who answers",
    "开始": "From",
    "结束": "Until",
    "原因": "Reason",
    "日期": "Date",
    "类型": "Kind",
    "节日": "Holiday",
    "依据": "Notice",
    "工作日": "Workdays",
    "周末": "Weekends",
    "节假日": "Holidays",
    "编号": "Code",
    "文字": "Text",
    "本单位文字": "Own text",
    "现用": "Heard now",
    "时长（秒）": "Length (s)",
    "用于流程": "Used by flows",
    "序号": "No.",
    "号码": "Number",
    "状态": "State",
    "理由": "Reason",
    "依据来电": "Calls",
    "依据（通）": "Evidence (calls)",
    "天数": "Days",
    "提出人": "Proposed by",
    "提出时间": "Proposed at",
    "截止时间": "Until",
    "批准人": "Approved by",
    "批准时间": "Approved at",
    "解除人": "Lifted by",
    "解除时间": "Lifted at",
    "申诉": "Appeal",
    "账号名": "Account",
    "姓名": "Name",
    "角色": "Roles",
    "坐席": "Seat",
    "地区范围": "City",
    "动态验证码": "Second factor",
    "最近登录": "Last log-in",
    "时间": "Time",
    "操作人": "By",
    "操作": "Action",
    "对象": "Subject",
    "操作前": "Before",
    "校验值": "Checksum",
}
CELLS: Final[Mapping[str, str]] = {
    "放假": "Day off",
    "上班": "Worked",
    "真人录音": "Human voice",
    "合成语音": "Synthetic voice",
    "无": "No recording",
    "待审批": "Proposed",
    "生效中": "In force",
    "已到期": "Over",
    "已解除": "Lifted",
    "停用": "Disabled",
    "锁定": "Locked",
    "正常": "Active",
    "已启用": "Set up",
    "未启用": "Not set up",
    "从未登录": "Never",
}
NOTES: Final[Mapping[str, str]] = {
    "技能等级 1-{}，{} 最高；空着就是不接": (
        "Skill level 1-{0}, {1} the best; empty: none of these calls"
    ),
    "例如：工作日 08:30-17:30；周六、周日 09:00-12:00。空着为不限": (
        "For example: workdays 08:30-17:30; Sat, Sun 09:00-12:00. Empty: always"
    ),
    "例如：08:30-11:30、13:00-17:00；{}写“{}”": (
        "For example: 08:30-11:30, 13:00-17:00; where there is no service: {1:said}"
    ),
    "空着：同工作日或周末": "Empty: as on workdays or weekends",
    "要改说法时写在这里，导入后按新文字录音；空着用原来的文字": (
        "Write your own words here, import the file and record them; empty: the text as it is"
    ),
    "至少三通来电的编号，用顿号或换行隔开": (
        "The ids of three calls at least, with commas or line breaks between them"
    ),
    "1 到 {} 天，空着为 {} 天": "1 to {0} days; empty: {1}",
    "{}；多个用顿号隔开": "{0:said}; several with commas between them",
    "空着为全省": "Empty: the whole province",
}
