"use strict";
// Ids of the API -> the words a supervisor reads. An id without a word is shown as it is.
const LABELS = {
  stage: {
    ivr: "语音导航", queue: "排队等候", ringing: "坐席振铃", talking: "通话中",
    survey: "满意度评价", recording: "留言登记",
    transfer: "转接外线",
  },
  callback: { waiting: "等候回电", calling: "正在回电" },
  alarm: { emergency: "紧急求助" },
  seat: {
    offline: "离线", not_ready: "示忙", ready: "空闲", reserved: "即将来电", ringing: "振铃中",
    talking: "通话中", wrap_up: "话后处理", held: "保持中",
  },
  group: {
    family: "婚姻家庭", labour: "劳动劳务", contract: "合同债务", general: "综合咨询",
    service: "服务办理",
  },
  reason: {
    no_answer: "未接来电", declined: "拒接来电", unreachable: "话机不通", supervisor: "后台设置",
    forced: "主管释放",
    phone: "话机设置", signed_off: "已签出", registered: "刚刚上线", unregistered: "话机未注册",
    recovered: "状态恢复", off_shift: "不在班次", break: "小休", meal: "用餐", training: "培训",
  },
  dependency: {
    asterisk: "电话交换", redis: "实时状态", database: "数据库", controller: "呼叫控制",
    calendar: "日历",
  },
};

function label(kind, id) {
  if (id === null || id === undefined || id === "") return "";
  return LABELS[kind][id] || id;
}
