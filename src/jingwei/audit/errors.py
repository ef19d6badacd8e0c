"""What can go wrong with the ledger's pages and that a person has to hear of."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NotSealedYet(BadInput):
    code = "not-sealed-yet"
    retry_helps = True
    what = Text(
        "第 {number} 条还没有封存，凭证还出不来。", "Entry {number} is not sealed yet, so there is no proof."
    )
    do = Text("记录在；等下一次封存后再取。", "It is on record; fetch the proof after the next sealing.")


class NoSuchFinding(BadInput):
    code = "no-such-finding"
    what = Text("没有第 {number} 条异常使用。", "There is no finding {number}.")
    do = Text("从异常使用的列表里点开。", "Open it from the list of unusual use.")


class NotYourFinding(BadInput):
    code = "not-your-finding"
    what = Text("这一条不是请您说明的。", "It is not you who is asked to explain this.")
    do = Text("只有当事人能写说明，由审计员了结。", "Only the person concerned explains; an auditor closes.")


class OwnFinding(BadInput):
    code = "own-finding"
    what = Text(
        "这是您自己的使用，要由另一位审计员了结。", "This is your own use; another auditor must close it."
    )
    do = Text("请另一位审计员处理。", "Ask another auditor.")


class FindingClosed(BadInput):
    code = "finding-closed"
    what = Text("这一条已由 {by} 了结。", "{by} has closed this already.")
    do = Text("刷新页面看结论。", "Load the page again for the outcome.")


class SayWhy(BadInput):
    code = "say-why"
    what = Text("要写明缘由，至少 {least} 个字。", "A reason of at least {least} characters is needed.")
    do = Text("写上依据或案由，它会记入台账。", "Name the ground or the matter; it goes on the ledger.")


class UnknownWord(BadInput):
    code = "unknown-word"
    what = Text("“{value}”不在可选的{field}里。", "“{value}” is none of the choices of {field}.")
    do = Text("从列表里选一个。", "Choose one from the list.")


class BadPeriod(BadInput):
    code = "bad-period"
    what = Text("起止日期不对：{starts} 至 {until}。", "The dates do not fit: {starts} to {until}.")
    do = Text(
        "止日必填，晚于起日和今天，最多相隔 {most} 天。",
        "The end is required, after the start and after today, at most {most} days later.",
    )


class NoSuchSuppression(BadInput):
    code = "no-such-suppression"
    what = Text("没有第 {number} 号暂不告知。", "There is no suppression {number}.")
    do = Text("从列表里选。", "Choose one from the list.")


class SecondPerson(BadInput):
    code = "second-person"
    what = Text("提出的人不能自己批准。", "Who proposes may not approve.")
    do = Text("请另一位审计员看过再定。", "Ask another auditor to decide.")


class AlreadyDecided(BadInput):
    code = "already-decided"
    what = Text("第 {number} 号已经定过了。", "Suppression {number} has been decided already.")
    do = Text("刷新页面看现在的状态。", "Load the page again.")


class NotBound(BadInput):
    code = "not-bound"
    what = Text("您的账号还没有和本人的记录对上。", "Your account is not tied to a resident's record yet.")
    do = Text(
        "带身份证到街道便民服务中心核对一次就好。",
        "Show your identity card once at the street's service centre.",
    )


class TooManyToExport(BadInput):
    code = "too-many-to-export"
    what = Text(
        "符合的超过 {most} 条，一次导不完。", "More than {most} entries fit; they cannot go into one file."
    )
    do = Text("缩短时间，分几次导出。", "Shorten the period and export in parts.")
