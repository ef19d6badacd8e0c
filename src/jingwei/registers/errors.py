"""What can go wrong with registers and that a person has to hear of."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, NotAllowed
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


class NothingToCompare(BadInput):
    code = "nothing-to-compare"
    what = Text(
        "这份名单的列不足以在{register}里认出是谁。",
        "The columns of this list do not tell who is meant in {register}.",
    )
    do = Text(
        "至少要有一列对应{identifiers}，或者名称再加一列别的（出生日期、电话、地址……）。",
        "At least one column must stand for {identifiers}, or the name and one column more (date of birth, phone, address ...).",
    )


class ListTooLong(BadInput):
    code = "list-too-long"
    what = Text(
        "这份名单有 {rows} 行，一次最多比 {most} 行。", "The list has {rows} rows; at most {most} at once."
    )
    do = Text("分成几份来比。", "Compare it in parts.")


class ListTooLarge(BadInput):
    code = "list-too-large"
    what = Text(
        "{name} 有 {size} MB，最多收 {most} MB。", "{name} has {size} MB; at most {most} MB are taken."
    )
    do = Text("只留要比的列，或分成几份。", "Keep only the columns to compare, or send it in parts.")


class ListUnreadable(BadInput):
    code = "list-unreadable"
    what = Text("{name} 不是名单：{why}", "{name} is no list: {why}")
    do = Text(
        "要一份 Excel 或 CSV，第一行是列名。",
        "It must be Excel or CSV with the names of the columns in its first row.",
    )


class ListGone(BadInput):
    code = "list-gone"
    what = Text("这份名单已经不在了。", "This list is no longer here.")
    do = Text(
        "名单只留一天，只给上传的人；请再上传一次。",
        "A list is kept for a day, for its uploader alone; upload it again.",
    )


class PurposeMissing(BadInput):
    code = "purpose-missing"
    what = Text("没有写明用途。", "The purpose is missing.")
    do = Text(
        "写清为哪件事用（至少四个字）；它会记入台账。",
        "Say what it is for in at least four characters; it goes on the ledger.",
    )


class NoSuchCollision(BadInput):
    code = "no-such-collision"
    what = Text(
        "{left} 和 {right} 不是{register}的两个不同来源。",
        "{left} and {right} are not two different sources of {register}.",
    )
    do = Text("可选：{known}。", "Choose from: {known}.")


class RegisterNotSeen(NotAllowed):
    code = "register-not-seen"
    what = Text("{register}不对您的岗位开放。", "{register} is not open to your post.")
