"""What can go wrong with a page's parts."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NoTitle(BadInput):
    code = "view-without-title"
    what = Text("这个视图还没有名字。", "This view has no name yet.")
    do = Text("回到表格，起个名字再存。", "Go back to the table and give it one.")


class TooManyViews(BadInput):
    code = "too-many-views"
    what = Text("一个账号最多存 {most} 个视图。", "An account keeps at most {most} views.")
    do = Text("先删一个不用的。", "Remove one you no longer use.")
