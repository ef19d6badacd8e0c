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
    "run.read": Text("看采集批次和隔离的行", "read runs and quarantined rows"),
    "run.start": Text("发起采集", "start a collection"),
}

ROLES: dict[str, tuple[Text, frozenset[str]]] = {
    "clerk": (
        Text("综合窗口", "Window clerk"),
        frozenset({"window.serve", "register.read", "register.reveal"}),
    ),
    "steward": (
        Text("数据管理员", "Data steward"),
        frozenset({"register.read", "register.reveal", "run.read", "run.start"}),
    ),
    # An administrator keeps the system and has no business with residents' records.
    "administrator": (Text("系统管理员", "Administrator"), frozenset({"run.read", "run.start"})),
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
