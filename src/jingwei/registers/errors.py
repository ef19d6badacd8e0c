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


class NoSourceOfRegister(BadInput):
    code = "no-source-of-register"
    what = Text("{resource} 不是 {register} 的来源。", "{resource} is no source of {register}.")
    do = Text("收陈述的来源有：{known}。", "These sources take statements: {known}.")


class NotAFieldToState(BadInput):
    code = "not-a-field-to-state"
    what = Text("{resource} 没有可以陈述的字段 {field}。", "{resource} has no field {field} to state.")
    do = Text("可以陈述的有：{known}。", "These can be stated: {known}.")


class NothingStated(BadInput):
    code = "nothing-stated"
    what = Text("没有要交存的内容。", "There is nothing to deposit.")
    do = Text("至少给一个字段的值。", "Give the value of at least one field.")


class TwoEntities(BadInput):
    code = "two-entities"
    what = Text(
        "号码说的是 {by_number}，指名的却是 {named}，一条陈述不能说两个主体。",
        "The number belongs to {by_number}, but {named} was named; one statement cannot be about two.",
    )
    do = Text(
        "请核对号码；两处确是同一个时，由数据管理员先合并。",
        "Check the number; if the two are one, a steward joins them first.",
    )


class NumberContradicted(BadInput):
    code = "number-contradicted"
    what = Text(
        "{field}已由 {entity_id} 使用，而所说的姓名、日期等与其全都不符。",
        "{field} belongs to {entity_id}, and everything else stated contradicts its records.",
    )
    do = Text(
        "请核对号码；对方用错了号的，请提出异议。",
        "Check the number; if the other side is wrong, dispute it.",
    )


class NotKnownThen(BadInput):
    code = "not-known-then"
    what = Text(
        "{day} 时 {register} 里还没有 {entity_id}。", "On {day} {register} did not yet know {entity_id}."
    )
    do = Text("最早到 {first}；请换一个日期。", "It goes back to {first}; choose another day.")


class NoSuchPair(BadInput):
    code = "no-such-pair"
    what = Text("{register} 里没有这一对记录了。", "{register} has this pair of records no longer.")
    do = Text(
        "库可能重新建过，或者别人已经判了；回到待判的第一对。",
        "The register may have been linked again, or somebody has decided; go back to the first pair.",
    )


class LinkFirst(BadInput):
    code = "link-first"
    what = Text(
        "{register} 的声明改过，查询库还没有跟上。",
        "The declaration of {register} changed and the lookup copy has not followed.",
    )
    do = Text("先运行 jingwei link {register}。", "Run jingwei link {register} first.")


class NoSuchTrial(BadInput):
    code = "no-such-trial"
    what = Text("{register} 没有这次试算。", "{register} has no such trial.")
    do = Text("只留最近十次；再试一次。", "The last ten are kept; try it again.")


class TrialTooLong(BadInput):
    code = "trial-too-long"
    what = Text(
        "这份声明有 {size} 字节，最多 {most} 字节。", "The declaration has {size} bytes; at most {most}."
    )
    do = Text("确认给的是基础库的 YAML。", "Make sure that it is the YAML of a register.")
