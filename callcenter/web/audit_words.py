"""The audit trail's actions as people read them: id → Chinese, English. Each action has a line."""

from collections.abc import Mapping

from callcenter.english.said import LANGUAGE

ACTIONS: Mapping[str, tuple[str, str]] = {
    "log_in": ("登录", "Log-in"),
    "log_in_refused": ("登录被拒绝", "Log-in refused"),
    "log_out": ("退出登录", "Log-out"),
    "password_changed": ("修改密码", "Password changed"),
    "password_reset": ("重置密码", "Password reset"),
    "second_factor_added": ("启用动态验证码", "Second factor set up"),
    "second_factor_removed": ("停用动态验证码", "Second factor removed"),
    "user_added": ("新建账号", "Account added"),
    "user_changed": ("更改账号", "Account changed"),
    "user_disabled": ("停用账号", "Account disabled"),
    "user_enabled": ("启用账号", "Account enabled"),
    "user_unlocked": ("解锁账号", "Account unlocked"),
    "user_logged_out": ("强制退出登录", "Logged out by an administrator"),
    "audit_exported": ("导出审计日志", "Audit trail exported"),
    "seats_changed": ("更改坐席或事项", "Seats or groups changed"),
    "calendar_changed": ("更改服务时间或节假日", "Hours or holidays changed"),
    "lines_changed": ("更改外线", "Outside lines changed"),
    "services_changed": ("更改业务接口", "Services changed"),
    "phones_changed": ("更改班长话机", "Supervisors' telephones changed"),
    "notice_set": ("设置紧急通知", "Notice set"),
    "notice_changed": ("更改紧急通知", "Notice changed"),
    "notice_cleared": ("取消紧急通知", "Notice taken back"),
    "document_restored": ("恢复历史版本", "Earlier version restored"),
    "prompt_replaced": ("更换提示音", "Prompt replaced"),
    "prompt_restored": ("恢复原提示音", "Prompt restored"),
    "recording_restored": ("恢复历史录音", "Earlier recording restored"),
    "prompt_worded": ("更改提示音文字", "Prompt's text changed"),
    "blacklist_proposed": ("提出限制号码", "Number proposed to be refused"),
    "blacklist_approved": ("批准限制号码", "Refusal of a number approved"),
    "blacklist_lifted": ("解除限制号码", "Refusal of a number lifted"),
    "blacklist_appealed": ("记录号码申诉", "Appeal taken down"),
    "release_seat": ("释放坐席", "Seat released"),
    "force_seat": ("强制改变坐席状态", "Seat set by a supervisor"),
    "log_out_seat": ("强制坐席签出", "Seat logged out by a supervisor"),
    "listen": ("监听通话", "Talk listened to"),
    "whisper": ("耳语指导", "Whispered to a seat"),
    "barge": ("插话", "Talk joined"),
    "take_over": ("接管通话", "Talk taken over"),
    "move_call": ("调度排队来电", "Waiting caller moved"),
    "emergency": ("紧急求助", "Emergency"),
    "call_out": ("外呼", "Called out"),
    "request_done": ("办结回拨或留言", "Callback or message done"),
    "confirm_identity": ("确认来电人身份", "Caller's identity confirmed"),
    "hear_call": ("收听录音", "Recording heard"),
    "download_call": ("下载录音", "Recording downloaded"),
    "reveal_number": ("查看完整号码", "Whole number seen"),
    "flow_submit": ("提交流程或策略", "Flow or policy submitted"),
    "flow_review": ("审核流程或策略", "Flow or policy reviewed"),
    "flow_publish": ("发布流程或策略", "Flow or policy published"),
    "flow_withdraw": ("撤回流程或策略", "Flow or policy withdrawn"),
    "flow_rollback": ("回退流程或策略", "Flow or policy rolled back"),
    "import_taxonomy": ("导入咨询分类", "Categories imported"),
}


TOLD = frozenset({"log_in", "log_in_refused", "audit_exported"})
"""Actions whose reasons the program words itself."""


def action_words(action: str) -> str:
    """In the language of the answer; an action of an older or newer program by its id."""
    return ACTIONS.get(action, (action, action))[LANGUAGE.get() == "en"]
