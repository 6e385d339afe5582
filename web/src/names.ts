import { i18n } from "./i18n";

type Pair = readonly [zh: string, en: string];

/** Ids of the API -> the words that people read: Chinese, English. */
const NAMES = {
  stage: {
    ivr: ["语音导航", "Menu"],
    queue: ["排队等候", "Waiting"],
    ringing: ["坐席振铃", "Ringing"],
    talking: ["通话中", "Talking"],
    survey: ["满意度评价", "Rating"],
    recording: ["留言登记", "Message"],
    transfer: ["转接外线", "Outside line"],
    blocked: ["受限", "Refused"],
  },
  seat: {
    offline: ["离线", "Offline"],
    not_ready: ["示忙", "Not ready"],
    ready: ["空闲", "Ready"],
    reserved: ["即将来电", "Call coming"],
    ringing: ["振铃中", "Ringing"],
    talking: ["通话中", "Talking"],
    wrap_up: ["话后处理", "Wrap-up"],
    held: ["保持中", "On hold"],
  },
  callback: { waiting: ["等候回拨", "To be called"], calling: ["正在回拨", "Calling back"] },
  alarm: { emergency: ["紧急求助", "Emergency"], emergency_seat: ["坐席紧急求助", "Emergency, by a seat"] },
  group: {
    family: ["婚姻家庭", "Family"],
    labour: ["劳动劳务", "Labour"],
    contract: ["合同债务", "Contract and debt"],
    general: ["综合咨询", "General"],
    service: ["服务办理", "Services"],
  },
  reason: {
    no_answer: ["未接来电", "Call not answered"],
    declined: ["拒接来电", "Call declined"],
    unreachable: ["话机不通", "Phone unreachable"],
    supervisor: ["后台设置", "Set by a supervisor"],
    forced: ["主管释放", "Released by a supervisor"],
    phone: ["话机设置", "Set on the phone"],
    signed_off: ["已签出", "Signed off"],
    registered: ["刚刚上线", "Just came online"],
    unregistered: ["话机未注册", "Phone not registered"],
    recovered: ["状态恢复", "State recovered"],
    off_shift: ["不在班次", "Off shift"],
    break: ["小休", "Break"],
    meal: ["用餐", "Meal"],
    training: ["培训", "Training"],
    meeting: ["会议", "Meeting"],
    record: ["补录工单", "Records to finish"],
    other: ["其他", "Other"],
  },
  dependency: {
    asterisk: ["电话交换", "Telephony"],
    redis: ["实时状态", "Live state"],
    database: ["数据库", "Database"],
    controller: ["呼叫控制", "Call control"],
    calendar: ["日历", "Calendar"],
    nodes: ["节点", "Nodes"],
  },
  level: { municipal: ["市级", "Municipal"], provincial: ["省级", "Provincial"] },
  special: {
    migrant_worker: ["农民工", "Migrant worker"],
    elderly: ["老年人", "Elderly"],
    disabled: ["残疾人", "Disabled"],
    minor: ["未成年人", "Minor"],
    women: ["妇女", "Women"],
    military: ["军人军属", "Military family"],
    low_income: ["低收入群体", "Low income"],
  },
  caller_group: {
    migrant_worker: ["农民工", "Migrant worker"],
    elderly: ["老年人", "Elderly"],
    disabled: ["残疾人", "Disabled"],
    minor: ["未成年人", "Minor"],
    women: ["妇女", "Women"],
    military: ["军人军属", "Military family"],
    low_income: ["低收入群体", "Low income"],
    student: ["学生", "Student"],
    enterprise: ["企业", "Enterprise"],
    other: ["其他", "Other"],
  },
  sex: { male: ["男", "Male"], female: ["女", "Female"] },
  record_outcome: {
    answered: ["当场答复", "Answered at once"],
    legal_aid: ["转法律援助", "To legal aid"],
    mediation: ["转人民调解", "To mediation"],
    notary: ["转公证", "To a notary"],
    appraisal: ["转司法鉴定", "To appraisal"],
    other_line: ["转其他热线", "To another line"],
    visit: ["引导来访", "Asked to visit"],
    complaint: ["受理投诉", "Complaint taken"],
  },
  matter: {
    callback: ["待回拨", "Callback due"],
    message: ["留言待处理", "Message to hear"],
    unfiled: ["工单未提交", "Record not filed"],
    follow_up: ["待回访", "Follow-up due"],
  },
  language: { "zh-CN": ["普通话", "Mandarin"], "ko-KR": ["朝鲜语", "Korean"], en: ["英语", "English"] },
  city_source: {
    dialled: ["拨打的号码", "Number dialled"],
    landline: ["固话区号", "Area code"],
    confirmed: ["以前来电确认", "Told in an earlier call"],
    mobile_hint: ["手机号段", "Mobile prefix"],
    menu: ["来电人按键", "Told by key"],
    seat: ["坐席询问", "Asked by the seat"],
    unknown: ["未知", "Unknown"],
  },
  ended_by: { caller: ["来电人", "Caller"], seat: ["坐席", "Seat"], system: ["系统", "System"] },
  outcome: {
    answered: ["接通", "Answered"],
    no_answer: ["无人接听", "No answer"],
    declined: ["拒接", "Declined"],
    busy: ["忙线", "Busy"],
    closed: ["未开放", "Closed"],
    unreachable: ["不通", "Unreachable"],
    caller_gone: ["来电人已挂机", "Caller gone"],
    retrieved: ["取回", "Retrieved"],
    completed: ["已接续", "Went on"],
    cancelled: ["已取消", "Cancelled"],
    withdrawn: ["已撤回", "Withdrawn"],
    seat_gone: ["坐席离开", "Seat gone"],
    back: ["已恢复", "Came back"],
    another_seat: ["改由其他坐席", "Another seat"],
  },
  note: {
    callback: ["请求回拨时所说", "Said when asking for a callback"],
    message: ["留言", "Message"],
    complaint: ["投诉内容", "Complaint"],
    booking: ["预约事项", "Booking"],
  },
  overflow: { callback: ["请求回拨", "Callback"], message: ["留言", "Message"] },
  rating: {
    1: ["非常满意", "Very satisfied"],
    2: ["满意", "Satisfied"],
    3: ["基本满意", "Fairly satisfied"],
    4: ["不满意", "Dissatisfied"],
    5: ["非常不满意", "Very dissatisfied"],
  },
  role: {
    seat: ["坐席", "Seat"],
    supervisor: ["主管", "Supervisor"],
    quality: ["质检", "Quality"],
    admin: ["管理员", "Administrator"],
    auditor: ["审计", "Auditor"],
  },
  metric: {
    answer_rate_gross: ["接通率（呼入口径）", "Answer rate (all calls)"],
    answer_rate_agent: ["人工接通率", "Answer rate"],
    answer_rate_net_in: ["接通率（呼入净口径）", "Answer rate (calls, net)"],
    answer_rate_net_agent: ["接通率（人工净口径）", "Answer rate (net)"],
    sl_15: ["15秒服务水平", "Service level 15 s"],
    sl_20: ["20秒服务水平", "Service level 20 s"],
    timely_15: ["15秒应答及时率", "Answered within 15 s"],
    abandon_rate: ["放弃率", "Abandon rate"],
    rated_rate: ["测评率", "Rated share"],
    satisfaction: ["满意率", "Satisfaction"],
  },
  // What the API says in place of a number that was not sent.
  caller: { 未知号码: ["未知号码", "Number withheld"] },
  // The API names places in Chinese; these are theirs in English.
  place: {
    长春市: ["长春市", "Changchun"],
    吉林市: ["吉林市", "Jilin City"],
    四平市: ["四平市", "Siping"],
    辽源市: ["辽源市", "Liaoyuan"],
    通化市: ["通化市", "Tonghua"],
    白山市: ["白山市", "Baishan"],
    松原市: ["松原市", "Songyuan"],
    白城市: ["白城市", "Baicheng"],
    延边朝鲜族自治州: ["延边朝鲜族自治州", "Yanbian"],
    公主岭市: ["公主岭市", "Gongzhuling"],
    梅河口市: ["梅河口市", "Meihekou"],
    长白山保护开发区: ["长白山保护开发区", "Changbaishan"],
    哈尔滨市: ["哈尔滨市", "Harbin"],
    齐齐哈尔市: ["齐齐哈尔市", "Qiqihar"],
    鸡西市: ["鸡西市", "Jixi"],
    鹤岗市: ["鹤岗市", "Hegang"],
    双鸭山市: ["双鸭山市", "Shuangyashan"],
    大庆市: ["大庆市", "Daqing"],
    伊春市: ["伊春市", "Yichun"],
    佳木斯市: ["佳木斯市", "Jiamusi"],
    七台河市: ["七台河市", "Qitaihe"],
    牡丹江市: ["牡丹江市", "Mudanjiang"],
    黑河市: ["黑河市", "Heihe"],
    绥化市: ["绥化市", "Suihua"],
    大兴安岭地区: ["大兴安岭地区", "Greater Khingan"],
  },
} as const satisfies Record<string, Record<string, Pair>>;

export type NameKind = keyof typeof NAMES;

/**
 * The word for an id of the API in the language of the page; "" for none. An id without a word
 * (a reason that somebody typed, a place or group of another province) is shown as it is.
 * Read in a template or computed, it follows the language.
 */
export function nameOf(kind: NameKind, id: string | number | null | undefined): string {
  if (id === null || id === undefined || id === "") return "";
  const pair = (NAMES[kind] as Record<string, Pair>)[id];
  if (!pair) return String(id);
  return pair[i18n.global.locale.value === "en" ? 1 : 0];
}

/** The ids that have a word of this kind, in the order in which people read them. */
export function idsOf(kind: NameKind): string[] {
  return Object.keys(NAMES[kind]);
}
