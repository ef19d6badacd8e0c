"""What can go wrong with to-dos, the calendar and the addresses messages go to."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, NotAllowed
from jingwei.kernel.text import Text


class ToDoOfOthers(NotAllowed):
    """Also where there is no such to-do: a number must not tell what others have."""

    code = "todo-of-others"
    what = Text("没有这件待办，或者不归您办。", "There is no such to-do, or it is not meant for you.")
    do = Text("回到待办，从您的清单里打开。", "Go back to your to-dos and open it from your list.")


class ToDoDone(BadInput):
    code = "todo-done"
    what = Text("这件待办已经办完。", "This to-do is done already.")
    do = Text("不用再办；经过在它的记录里。", "Nothing is left to do; its record says who did it.")


class NotAColleague(BadInput):
    code = "todo-no-colleague"
    what = Text("不能转给 {who}。", "It cannot be handed to {who}.")
    do = Text(
        "转给也归他办的同事：同一单位，或同一岗位。",
        "Choose somebody it is meant for too: of the same organization, or with the same post.",
    )


class TextRefused(BadInput):
    code = "text-refused"
    what = Text("{field}不能用：{why}。", "{field} cannot be used: {why}.")
    do = Text("改短或去掉这些字符再来一次。", "Shorten it or take the signs out, then try again.")


class CalendarRefused(BadInput):
    code = "calendar-refused"
    what = Text("日历没有导入：{faults}", "The calendar was not imported: {faults}")
    do = Text(
        "每行写日期和类别：2027-01-01,holiday。改好再导一次。",
        "Each line is a date and a kind, such as 2027-01-01,holiday. Mend it and import it again.",
    )


class AddressRefused(BadInput):
    code = "address-refused"
    what = Text("这个地址不能用：{why}", "This address cannot be used: {why}")
    do = Text("改好再存一次。", "Mend it and save it again.")


class AddressOfOthers(NotAllowed):
    code = "address-of-others"
    what = Text("没有这个通知地址，或者不归您管。", "There is no such address, or it is not yours.")
    do = Text("回到通知设置，从列表里选。", "Go back to the settings and choose from the list.")
