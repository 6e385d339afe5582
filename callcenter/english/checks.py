"""What is wrong with seats, calendar, prompts, accounts and Excel files, at the field."""

from collections.abc import Mapping
from typing import Final

_SEATS: Final[Mapping[str, str]] = {
    "坐席号应为 3 到 6 位数字。": "A seat's number has 3 to 6 digits.",
    "名称为 1 到 20 个字，只用文字、数字、空格和括号。": (
        "1 to 20 letters, digits, spaces or brackets."
    ),
    "级别应为市级或省级。": "Municipal or provincial.",
    "省级坐席不属于任何市州。": "A provincial seat belongs to no city.",
    "市级坐席要选择所属市州。": "A municipal seat needs its city.",
    "没有这个市州。": "There is no such city.",
    "请选择坐席会说的语种。": "Choose the languages that the seat speaks.",
    "权重为 1 到 {}。": "The weight goes from 1 to {0}.",
    "班次最多 {} 条。": "At most {0} shifts.",
    "至少选择一个事项，否则不会有来电。": "At least one matter, or no call would ever come.",
    "没有这个事项：{}。": "There is no such matter: {0}.",
    "没有这个事项。": "There is no such matter.",
    "同一事项写了两次。": "A matter stands here twice.",
    "技能等级为 1 到 {}，{} 最高。": "Levels go from 1 to {0}, {1} the best.",
    "{} 已是{}的号码。": "{0} is the number of {1:said} already.",
    "班长话机": "a supervisor's telephone",
    "另一坐席": "another seat",
    "至少要有一个坐席。": "At least one seat must stay.",
    "最多 {} 个坐席。": "At most {0} seats.",
    "没有省级坐席办理“{}”，来电可能无人可接。": (
        "No provincial seat deals with “{0}”: its callers might find nobody."
    ),
    "代号用小写字母开头，只含小写字母、数字和下划线，最多 32 个。": (
        "a-z, 0-9 and _, a letter first, at most 32."
    ),
    "代号与另一事项相同。": "Another matter has this code.",
    "名称为 1 到 12 个字，只用文字、数字和括号。": "1 to 12 letters, digits or brackets.",
    "“{}”还在语音导航流程 {} 中使用，不能删除。": (
        "The flows {1} send callers to “{0}”: it cannot go."
    ),
    "请选择日期：周一至周日，或工作日、周末、节假日。": (
        "Choose days: Monday to Sunday, or workdays, weekends, holidays."
    ),
    "时间应写成 08:30 这样，最晚 24:00。": "A time like 08:30; the latest is 24:00.",
    "起止时间不能相同；整天是 00:00 到 24:00。": (
        "Beginning and end must differ; a whole day is 00:00 to 24:00."
    ),
    "起止时间不能相同；整天是 00:00-24:00。": (
        "Beginning and end must differ; a whole day is 00:00-24:00."
    ),
    "“{}”不像“工作日 08:30-17:30”。": "“{0}” is not like “workdays 08:30-17:30”.",
    "“{}”不像 08:30-17:00。": "“{0}” is not like 08:30-17:00.",
    "“{}”不是周一至周日、工作日、周末、节假日或每天。": (
        "“{0}” is none of Mon to Sun, workdays, weekends, holidays, every day."
    ),
}
_CALENDAR: Final[Mapping[str, str]] = {
    "没有“{}”这一天。": "There is no day “{0}”.",
    "要有一条对全省、全部事项的服务时间。": (
        "Hours for the whole province and all matters are needed."
    ),
    "请选择下班后由谁接听。": "Choose who answers after hours.",
    "结束时间要晚于开始时间。": "The end must come after the beginning.",
    "请写明停服原因。": "Say why it is closed.",
    "时间应写成 2026-03-01 12:00 这样。": "A time like 2026-03-01 12:00.",
    "这个市州和事项已有一条，请合并。": (
        "There is a line for this city and matter already: put both into one."
    ),
    "年份应在 {} 到 {} 之间。": "The year must be from {0} to {1}.",
    "请写明依据的放假通知。": "Name the notice of holidays.",
    "{} 写了两次。": "{0} stands here twice.",
    "{} 已是{}的放假日。": "{0} is a day off already: {1}.",
    "{} 不是周末，不必写作调休上班。": "{0} is no weekend day: it is worked anyway.",
    "“{}”不是 {} 年的日期。": "“{0}” is no day of {1}.",
    "节日名称为 1 到 30 个字。": "A holiday's name has 1 to 30 characters.",
    "日期应在 {} 年内，写成 {}-10-01 这样。": "A day of {0}, like {1}-10-01.",
    "最后一天不能早于第一天。": "The last day cannot come before the first.",
    "请写明是什么节日。": "Name the holiday.",
    "类型应为“{}”或“{}”。": "The kind is “{0:cell}” or “{1:cell}”.",
    "“{}”不是日期，应写成 2027-01-01。": "“{0}” is no day; write it like 2027-01-01.",
    "不是放假安排文件：{}": "This is no notice of holidays: {0}",
}
_SHEETS: Final[Mapping[str, str]] = {
    "Excel 文件已损坏，请另存一份再导入。": (
        "The Excel file is damaged: save it anew and import that."
    ),
    "没有找到工作表：{}。请先导出一份，在其中修改。": (
        "There is no sheet {0:sheets}. Export the file first, and change that."
    ),
    "文件超过 {} MB。": "The file is larger than {0} MB.",
    "文件展开后过大。": "The file is too large when unpacked.",
    "不是 Excel 文件（.xlsx）。": "This is no Excel file (.xlsx).",
    "缺少“{}”这一列。": "The column “{0:heading}” is missing.",
    "不认识“{}”这一列：既不是坐席的栏目，也不是事项。": (
        "The column “{0}” is neither a field of a seat nor a matter."
    ),
    "最多 {} 行。": "At most {0} rows.",
    "{} 是合并单元格，请取消合并，逐行填写。": "{0} is merged: unmerge it and fill in each row.",
    "公式没有算出结果，请改为文字或数字。": (
        "This formula has no result: write text or a number instead."
    ),
    "与第 {} 行的坐席号相同。": "The same seat's number stands in row {0}.",
    "没有“{}”这个市州。": "There is no city “{0}”.",
    "没有“{}”这个事项。": "There is no matter “{0}”.",
    "没有“{}”这条提示音。": "There is no prompt “{0}”.",
    "“{}”不是：{}。": "“{0}” is none of {1:said}.",
    "“{}”不是整数。": "“{0}” is no whole number.",
    "“{}”不是电话号码。": "“{0}” is no telephone number.",
    "天数为 1 到 {}。": "From 1 to {0} days.",
    "一次最多新建 {} 个账号。": "At most {0} new accounts at once.",
    "账号 {} 在表中出现两次。": "The account {0} stands in the table twice.",
    "没有角色“{}”。": "There is no role “{0}”.",
    "没有地区“{}”。": "There is no place “{0}”.",
}
_SAVING: Final[Mapping[str, str]] = {
    "其他人刚刚改过，请刷新后再改。": "Somebody else has just changed it: load the page anew.",
    "文件写不进去：{}": "The file cannot be written: {0}",
    "文件写不进去：{}。": "The file cannot be written: {0}.",
    "seats.yaml 有错，请先在文件中改正：{}": "seats.yaml is faulty; mend the file first: {0}",
    "文件有错，请先在文件中改正：{}": "The file is faulty; mend it first: {0}",
    "{}（共 {} 处）": "{0:said} ({1} in all)",
}
CHECKS: Final[Mapping[str, str]] = {**_SEATS, **_CALENDAR, **_SHEETS, **_SAVING}
