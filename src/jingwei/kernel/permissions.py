"""What somebody may do: named actions that their roles give, checked by every command and page.

Which role has which action is declared in packs (`packs/standards/roles`); see `roles` and `standing`.
"""

from __future__ import annotations

from jingwei.kernel import ledger, organizations
from jingwei.kernel.errors import NotAllowed
from jingwei.kernel.models import Account, Organization
from jingwei.kernel.roles import ROLES
from jingwei.kernel.standing import Standing, standings
from jingwei.kernel.text import Text

__all__ = ["ACTIONS", "ROLES", "allowed", "require", "scopes", "standing_for"]

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


def allowed(account: Account, action: str, *, within: Organization | None = None) -> bool:
    """Whether a post of the account, or one it stands in for, has the action; `within` an organization only if that
    lies in the post's scope. Unknown actions are a mistake of ours."""
    return standing_for(account, action, within) is not None


def standing_for(account: Account, action: str, within: Organization | None = None) -> Standing | None:
    """The standing by which the account may, one's own before another's."""
    if action not in ACTIONS:
        raise KeyError(action)
    return next(
        (
            one
            for one in standings(account)
            if one.has(action) and (within is None or organizations.contains(one.scope_id, within))
        ),
        None,
    )


def require(account: Account, action: str, object: str = "", *, within: Organization | None = None) -> None:
    """Raises NotAllowed, and puts the refusal on record, unless the account may."""
    found = standing_for(account, action, within)
    if found is None:
        ledger.record(account, action, object, outcome="refused")
        raise NotAllowed(action=ACTIONS[action])
    account.__dict__["_stead"] = found.in_stead_of


def scopes(account: Account, action: str) -> set[int] | None:
    """The organizations below which the account has the action; None means everywhere."""
    found = {one.scope_id for one in standings(account) if one.has(action)}
    return None if None in found else {one for one in found if one is not None}
