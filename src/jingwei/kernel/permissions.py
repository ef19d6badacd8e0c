"""What a role may do: a list of named actions, checked by every command and page."""

from __future__ import annotations

from jingwei.kernel import ledger
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account
from jingwei.kernel.text import Text

ACTIONS: dict[str, Text] = {
    "window.serve": Text("窗口办理", "serve at the window"),
    "register.read": Text("看基础库记录", "read register records"),
    "register.reveal": Text("显示全号", "show full numbers"),
    "register.review": Text("判定疑似同一的记录", "decide on records that may be one"),
    "register.try": Text("试算基础库规则", "try a change of a register's rules"),
    "register.compare": Text("比对名单", "compare a list with a register"),
    "register.collide": Text("两项资源碰撞", "collide two resources"),
    "run.read": Text("看采集批次和隔离的行", "read runs and quarantined rows"),
    "run.start": Text("发起采集", "start a collection"),
    "run.release": Text("放行扣住的批次", "let a held run through"),
    "order.read": Text("看本单位的工单", "see one's organization's work orders"),
    "order.answer": Text("办理本单位的工单", "answer one's organization's work orders"),
    "order.read_all": Text("看所有单位的工单", "see every organization's work orders"),
    "dispute.raise": Text("对数据提出异议", "dispute a value"),
    "upload.submit": Text("上报表格", "hand in a table"),
    "notice.read": Text("看通知", "read notices"),
}

ROLES: dict[str, tuple[Text, frozenset[str]]] = {
    "clerk": (
        Text("综合窗口", "Window clerk"),
        frozenset({"window.serve", "register.read", "register.reveal", "dispute.raise", "notice.read"}),
    ),
    "officer": (
        Text("部门经办", "Department officer"),
        frozenset(
            {
                "order.read",
                "order.answer",
                "upload.submit",
                "dispute.raise",
                "notice.read",
                "register.compare",
            }
        ),
    ),
    "steward": (
        Text("数据管理员", "Data steward"),
        frozenset(
            {
                "register.read",
                "register.reveal",
                "register.review",
                "register.try",
                "register.compare",
                "register.collide",
                "run.read",
                "run.start",
                "run.release",
                "order.read",
                "order.read_all",
                "order.answer",
                "dispute.raise",
                "upload.submit",
                "notice.read",
            }
        ),
    ),
    # An administrator keeps the system and has no business with residents' records.
    "administrator": (
        Text("系统管理员", "Administrator"),
        frozenset({"run.read", "run.start", "notice.read"}),
    ),
}


def allowed(account: Account, action: str) -> bool:
    """Whether any role of the account, while active, has the action. Unknown actions are a mistake of ours."""
    if action not in ACTIONS:
        raise KeyError(action)
    return account.is_active and any(action in ROLES[role][1] for role in account.roles if role in ROLES)


def require(account: Account, action: str, object: str = "") -> None:
    """Raises NotAllowed, and puts the refusal on record, unless the account may."""
    if not allowed(account, action):
        ledger.record(account, action, object, outcome="refused")
        raise NotAllowed(action=ACTIONS[action])
