"""What can be wrong with organizations and accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class UnknownOrganization(BadInput):
    code = "unknown-organization"
    what = Text("没有代码为 {code} 的机构。", "There is no organization with the code {code}.")
    do = Text("从机构树里找。", "Look for it in the tree of organizations.")


class UnknownAccount(BadInput):
    code = "unknown-account"
    what = Text("没有账号 {username}。", "There is no account {username}.")
    do = Text("从账号列表里找。", "Look for it in the list of accounts.")


class FactsWrong(BadInput):
    """What a form said, field by field: the page shows each beside its field."""

    code = "facts-wrong"
    what = Text("还差 {count} 处：{list}", "{count} to mend: {list}")
    do = Text("按提示改好再交。", "Mend them as said and hand it in again.")

    def __init__(self, faults: dict[str, Text]) -> None:
        self.faults = faults
        listed = Text("；".join(f.zh for f in faults.values()), "; ".join(f.en for f in faults.values()))
        super().__init__(count=len(faults), list=listed)

    def as_dict(self) -> dict[str, Any]:
        return {**super().as_dict(), "fields": {name: str(text) for name, text in self.faults.items()}}


class RolesExclude(BadInput):
    code = "roles-exclude"
    what = Text(
        "{a}和{b}不能是同一个人。",
        "One person cannot be both {a} and {b}.",
    )
    do = Text(
        "系统、安全、审计三员分立：请把其中一个交给别人。",
        "The administrators of system, security and audit are apart: give one of the roles to somebody else.",
    )


class NotForOneself(BadInput):
    code = "not-for-oneself"
    what = Text("不能给自己办这件事。", "Nobody does this for themselves.")
    do = Text("请另一位同事办。", "Ask a colleague.")


class GuardedAccount(BadInput):
    code = "guarded-account"
    what = Text(
        "{username} 是三员之一，页面上不能重设密码或停用。",
        "{username} is one of the three administrators; pages neither reset the password nor disable the account.",
    )
    do = Text(
        "请在服务器上运行 jingwei account disable 或 reset。",
        "Run jingwei account disable or reset on the server.",
    )


class StillInUse(BadInput):
    code = "organization-in-use"
    what = Text(
        "{name} 还有 {children} 个下级机构、{posts} 个在任岗位。",
        "{name} still has {children} organizations below it and {posts} posts held.",
    )
    do = Text(
        "先移走下级、结束岗位，或者并入另一个机构。", "Move and end them first, or merge it into another."
    )


class TableFaulty(BadInput):
    """Everything wrong with an imported table, by row. Nothing of it was taken."""

    code = "table-faulty"
    what = Text(
        "表里有 {count} 处要改，一行也没有导入。", "{count} to mend in the table; not a row was taken."
    )
    do = Text("按所列逐处改好再导入。", "Mend them as listed and import it again.")

    def __init__(self, faults: Sequence[tuple[int, str, Text]]) -> None:
        self.faults = list(faults)
        super().__init__(count=len(self.faults))

    def as_dict(self) -> dict[str, Any]:
        listed = [{"row": row, "column": column, "text": str(text)} for row, column, text in self.faults]
        return {**super().as_dict(), "faults": listed}


class OrganizationsUnreadable(BadInput):
    code = "organizations-unreadable"
    what = Text("{name} 读不成表：{why}", "{name} cannot be read as a table: {why}")
    do = Text(
        "用 CSV 或 XLSX，第一行是表头；可以先下载模板。",
        "Use CSV or XLSX with a header row; there is a template to download.",
    )


class PasswordWeak(BadInput):
    code = "password-weak"
    what = Text("这个密码不行：{why}", "This password will not do: {why}")
    do = Text("换一个再试。", "Choose another.")
