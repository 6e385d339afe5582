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
    "release_seat": ("释放坐席", "Seat released"),
    "import_taxonomy": ("导入咨询分类", "Categories imported"),
}


def action_words(action: str) -> str:
    """In Chinese; an action of an older or newer program by its id."""
    return ACTIONS.get(action, (action, action))[0]
