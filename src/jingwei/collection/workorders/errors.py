"""What can go wrong on the way back."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, NotAllowed
from jingwei.kernel.text import Text


class UnknownOrder(BadInput):
    code = "unknown-order"
    what = Text("没有工单 {order}。", "There is no work order {order}.")
    do = Text("在工单列表里找，或运行 jingwei orders。", "Look in the list of orders, or run jingwei orders.")


class OrderOfOthers(NotAllowed):
    code = "order-of-others"
    what = Text("工单 {order} 不是您单位的。", "The work order {order} is not your organization's.")
    do = Text(
        "请它的提供部门办理；确实归您单位的，请管理员改契约里的单位。",
        "Its provider answers it; if it is yours after all, ask the administrator to correct the contract.",
    )


class OrderClosed(BadInput):
    code = "order-closed"
    what = Text("工单 {order} 已经办结（{by}）。", "The work order {order} is closed already ({by}).")
    do = Text("不用再做什么。", "There is nothing left to do.")


class NotDeclared(BadInput):
    code = "order-without-contract"
    what = Text(
        "资源 {resource} 已不在目录里，它的行没法核对。",
        "The resource {resource} is not declared any more; its rows cannot be checked.",
    )
    do = Text("装回它的应用包再办。", "Install its pack again.")


class RowsGone(BadInput):
    code = "rows-gone"
    what = Text(
        "这 {rows} 行刚才已由别人改好，或来源换了内容。",
        "These {rows} rows were mended by somebody else meanwhile, or the source sent them anew.",
    )
    do = Text("刷新列表，看还剩哪些。", "Reload the list to see what is left.")


class NotReturned(BadInput):
    """The file is none of ours, or not one that can be taken back."""

    code = "not-an-order-file"
    what = Text(
        "{name} 里没有“{column}”这一列，认不出是哪张工单的表。",
        "{name} has no column “{column}”, so whose rows these are cannot be told.",
    )
    do = Text(
        "请用从本工单下载的表来改；隐藏的编号列不要删。",
        "Use the table downloaded from this order, and leave its hidden column of numbers in place.",
    )


class OtherOrder(BadInput):
    code = "other-order"
    what = Text(
        "{name} 是工单 {found} 的表，不是 {order} 的。",
        "{name} belongs to the order {found}, not to {order}.",
    )
    do = Text("到那张工单里上传，或换成本工单的表。", "Upload it there, or choose this order's file.")


class FileUnreadable(BadInput):
    code = "order-file-unreadable"
    what = Text("{name} 打不开：{why}", "{name} cannot be opened: {why}")
    do = Text(
        "请上传从工单下载的 .xlsx 或 .csv；设了密码的先去掉密码。",
        "Upload the .xlsx or .csv that came from the order; remove a password first.",
    )


class ColumnTwice(BadInput):
    code = "order-column-twice"
    what = Text("{name} 里有两列都叫“{column}”。", "{name} has two columns named “{column}”.")
    do = Text("删掉多出来的一列再传。", "Remove the one that is too many and upload again.")


class NothingSaid(BadInput):
    code = "nothing-said"
    what = Text("还没有写理由。", "The reason is missing.")
    do = Text("写一句为什么。", "Say why in a sentence.")


class ValueRefused(BadInput):
    code = "value-refused"
    what = Text("{field}不能是这个值：{why}", "{field} cannot be this value: {why}")
    do = Text("换一个值再交。", "Give another one.")


class DisputedAlready(BadInput):
    code = "disputed-already"
    what = Text(
        "这个值已经有人提出异议，工单 {order}。", "This value is disputed already: work order {order}."
    )
    do = Text("等提供部门答复。", "Wait for the provider's answer.")


class NotDisputable(BadInput):
    code = "not-disputable"
    what = Text(
        "{field} 这一项找不到来源的行，没法提出异议。",
        "No source's row stands behind {field}; it cannot be disputed.",
    )
    do = Text("重新建一次库再试。", "Link the register again, then try.")
