"""What can go wrong with registers and that a person has to hear of."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NoSuchRegister(BadInput):
    code = "no-such-register"
    what = Text("没有叫 {register} 的基础库。", "There is no register called {register}.")
    do = Text("现有：{known}。", "These exist: {known}.")


class NoSuchEntity(BadInput):
    code = "no-such-entity"
    what = Text("{register} 里没有 {entity_id}。", "{register} has no {entity_id}.")
    do = Text("记录可能已并入别的主记录，请重新查找。", "It may have joined another record; search again.")


class NothingCollected(BadInput):
    code = "nothing-collected"
    what = Text(
        "{register} 的来源一个也还没有采集：{resources}。",
        "None of the sources of {register} has been collected yet: {resources}.",
    )
    do = Text("先运行 jingwei collect {first}。", "Run jingwei collect {first} first.")


class NotLinked(BadInput):
    code = "not-linked"
    what = Text("{register} 还没有建好。", "{register} has not been linked yet.")
    do = Text("先运行 jingwei link {register}。", "Run jingwei link {register} first.")


class BadTruth(BadInput):
    code = "bad-truth"
    what = Text("对照文件 {path} 用不了：{reason}。", "The truth file {path} cannot be used: {reason}.")
    do = Text(
        "要一个 CSV，表头为 resource、record_key、true_id，一行一条记录。",
        "It must be a CSV with the header resource, record_key, true_id and one line per record.",
    )


class NoSuchVerdict(BadInput):
    code = "no-such-verdict"
    what = Text(
        "{register} 没有编号 {number} 的有效判定。", "{register} has no standing decision number {number}."
    )
    do = Text("它可能已被撤销；刷新页面再看。", "It may have been taken back already; load the page again.")
