"""The audit trail's actions as people read them: id → Chinese, English. Each action has a line."""

from collections.abc import Mapping

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
    "prompt_replaced": ("更换提示音", "Prompt replaced"),
    "prompt_restored": ("恢复原提示音", "Prompt restored"),
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
    "import_taxonomy": ("导入咨询分类", "Categories imported"),
}


def action_words(action: str) -> str:
    """In Chinese; an action of an older or newer program by its id."""
    return ACTIONS.get(action, (action, action))[0]
