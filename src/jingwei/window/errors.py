"""What can go wrong at the window and that a clerk has to hear of."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NoSuchItem(BadInput):
    code = "no-such-item"
    what = Text("没有叫 {item} 的事项。", "There is no item called {item}.")
    do = Text("从左下角的事项里选。", "Choose one of the items at the lower left.")


class WrongStart(BadInput):
    code = "wrong-start"
    what = Text("{item}不从{register}办起。", "{item} does not begin with a record of {register}.")
    do = Text("换一个人或企业，或换一个事项。", "Choose another person or company, or another item.")


class NoSuchCase(BadInput):
    code = "no-such-case"
    what = Text("没有办件 {number}。", "There is no case {number}.")
    do = Text("核对编号，或从办件列表里找。", "Check the number, or find it in the list of cases.")


class CaseClosed(BadInput):
    code = "case-closed"
    what = Text(
        "办件 {number} 已经受理，不能再改。", "Case {number} has been handed in and cannot be changed."
    )
    do = Text("要改请新办一件，并写明替换哪一件。", "Begin a new case and say which one it replaces.")


class NotHeld(BadInput):
    code = "not-held"
    what = Text("{field} 没有可显示的全号。", "{field} has no full value to show.")
    do = Text("刷新这一页再看。", "Reload the page and look again.")
