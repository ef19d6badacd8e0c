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
    "todo.read": Text("看待办", "read to-dos"),
    "todo.hand_over": Text("转交待办", "hand a to-do over"),
    "catalog.read": Text("看数据目录", "read the catalog"),
    "figure.read": Text("看本领域的指标", "read the figures of one's field"),
    "ledger.read": Text("查看台账", "search the ledger"),
    "ledger.verify": Text("核验台账", "verify the ledger"),
    "ledger.suppress": Text("依法暂不告知", "withhold looks from a resident where the law says so"),
    "trace.own": Text("看谁查过我的数据", "see who looked at one's own data"),
    "organization.edit": Text("维护机构", "edit organizations"),
    "account.edit": Text("维护账号", "edit accounts"),
    "role.grant": Text("授予角色", "grant roles"),
    "client.edit": Text("维护接口客户端", "edit API clients"),
    "operations.read": Text("看系统运行", "see how the system runs"),
}

ROLES: dict[str, tuple[Text, frozenset[str]]] = {
    "clerk": (
        Text("综合窗口", "Window clerk"),
        frozenset(
            {
                "window.serve",
                "register.read",
                "register.reveal",
                "dispute.raise",
                "notice.read",
                "todo.read",
                "todo.hand_over",
                "catalog.read",
            }
        ),
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
                "todo.read",
                "todo.hand_over",
                "catalog.read",
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
                "todo.read",
                "todo.hand_over",
                "catalog.read",
            }
        ),
    ),
    "grid_worker": (Text("网格员", "Grid worker"), frozenset({"notice.read", "todo.read"})),
    "analyst": (Text("分析员", "Analyst"), frozenset({"notice.read", "todo.read", "catalog.read"})),
    "leader": (
        Text("领导", "Leader"),
        frozenset({"notice.read", "todo.read", "catalog.read", "figure.read"}),
    ),
    # Three administrators who cannot stand in for each other (三员分立): of the system, of who may do what,
    # and of the record. An administrator keeps the system and has no business with residents' records.
    "administrator": (
        Text("系统管理员", "Administrator"),
        frozenset(
            {
                "run.read",
                "run.start",
                "notice.read",
                "todo.read",
                "catalog.read",
                "organization.edit",
                "account.edit",
                "operations.read",
            }
        ),
    ),
    "security": (
        Text("安全管理员", "Security administrator"),
        frozenset({"notice.read", "todo.read", "role.grant", "client.edit"}),
    ),
    "auditor": (
        Text("安全审计员", "Auditor"),
        frozenset({"notice.read", "todo.read", "ledger.read", "ledger.verify", "ledger.suppress"}),
    ),
    "resident": (Text("居民", "Resident"), frozenset({"trace.own"})),
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
