"""What can go wrong with a service beyond what goes wrong with every source. `location` holds no secret."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
from jingwei.kernel.text import Text


class RestWrong(BadInput):
    code = "rest-wrong"
    what = Text("契约 server 中的 rest 不对：{faults}", "`rest` of the contract's server is wrong: {faults}")
    do = Text("照“采集接口”一页改正。", "Correct it by the page “Collect a service”.")


class SecretMissing(BadInput):
    code = "secret-missing"
    what = Text(
        "读 {location} 要凭据，环境变量 {variable} 没有设。",
        "{location} needs a secret, and the environment variable {variable} is not set.",
    )
    do = Text("向提供方要凭据，设好这个变量再试。", "Ask the provider for it and set the variable.")


class EndpointMissing(BadInput):
    code = "endpoint-missing"
    what = Text("{location} 没有这个接口（{status}）。", "{location} has no such endpoint ({status}).")
    do = Text("请核对 location 和 rest 的 path。", "Check location, and path of rest.")


class RequestRefused(BadInput):
    code = "request-refused"
    what = Text(
        "{location} 不接受这个请求（{status}）：{said}",
        "{location} does not accept the request ({status}): {said}",
    )
    do = Text("请核对 rest 的 params、body 和 paging。", "Check params, body and paging of rest.")


class ServiceMoved(BadInput):
    code = "service-moved"
    what = Text(
        "{location} 把请求转到了 {where}，多半是登录页或新地址。",
        "{location} sends the request on to {where}: most likely a sign-in page or a new address.",
    )
    do = Text("请核对地址和 auth。", "Check the address and auth.")


class ServiceBusy(Failed):
    code = "service-busy"
    retry_helps = True
    what = Text(
        "{location} 嫌请求太频繁（429），等了还是不行。",
        "{location} says there are too many requests (429), after waiting too.",
    )
    do = Text(
        "稍后再试；常这样的，调低 rest 的 perSecond。", "Try later; if it stays so, lower perSecond of rest."
    )


class AnswerNotJson(BadInput):
    code = "answer-not-json"
    what = Text(
        "{location} 答的不是 JSON（{found}）。",
        "{location} answers with something other than JSON ({found}).",
    )
    do = Text(
        "请核对接口地址；要登录的，写明 auth。", "Check the endpoint; declare auth if it needs a sign-in."
    )


class ServiceError(Failed):
    code = "service-error"
    retry_helps = True
    what = Text("{location} 报错：{said}", "{location} reports an error: {said}")
    do = Text(
        "把这句话告诉提供方；偶发的稍后再试。", "Tell the provider what it says; try again if it was passing."
    )


class RecordsMissing(BadInput):
    code = "answer-without-records"
    what = Text(
        "{location} 的回答里，{path} 处没有记录的列表；有：{found}。",
        "The answer of {location} has no list of records at {path}; it has: {found}.",
    )
    do = Text("在 rest 的 records 写明记录在哪里。", "Say in records of rest where they are.")


class PagingUnknown(BadInput):
    code = "paging-unknown"
    what = Text(
        "{location} 分了页（{sign}），看不出怎样翻页。",
        "{location} gives its records in pages ({sign}), and how to turn them cannot be told.",
    )
    do = Text("在 rest 的 paging 写明翻页方式。", "Declare paging of rest.")


class PagingLoops(BadInput):
    code = "paging-loops"
    what = Text(
        "{location} 翻页翻回了读过的一页（第 {page} 页）。",
        "Turning the pages of {location} led back to one that was read (page {page}).",
    )
    do = Text("请核对 rest 的 paging，或告诉提供方。", "Check paging of rest, or tell the provider.")


class PagingLeaves(BadInput):
    code = "paging-leaves"
    what = Text(
        "{location} 的下一页在另一台主机（{where}），凭据不会交给它。",
        "The next page of {location} is on another host ({where}), which is not given the secret.",
    )
    do = Text("请提供方改正下一页的地址。", "Ask the provider to correct the address of the next page.")


class PagesShifted(Failed):
    code = "pages-shifted"
    retry_helps = True
    what = Text(
        "{location} 在翻页时增删了记录，{tries} 次都没能读到同一份。",
        "{location} gained or lost records while its pages were turned; {tries} readings were not of one state.",
    )
    do = Text(
        "换在闲时读；能按不变的主键排序或用游标翻页的更稳。",
        "Read it in quiet hours; sorting by an unchanging key, or paging by cursor, is safer.",
    )
