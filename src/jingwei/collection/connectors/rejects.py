"""Why a stretch of a source is no record: the words a steward reads in the quarantine.

A reader gives a `Reject` with one of these codes; the text is filled with the reject's `values`.
"""

from __future__ import annotations

from collections.abc import Mapping

from jingwei.collection.connectors.base import Reject
from jingwei.kernel.text import Text

REASONS: Mapping[str, Text] = {
    "ragged": Text("应有 {expected} 列，来了 {found} 列", "{found} cells came where {expected} are expected"),
    "unclosed-quote": Text(
        "引号没有成对，后面的行不受影响", "a quotation mark is never closed; later lines are unaffected"
    ),
    "stray-quote": Text("结束引号之后还有文字", "there is text after a closing quotation mark"),
    "nul": Text("含有空字节（NUL）", "holds NUL bytes"),
    "undecodable": Text("有字节不符合编码 {encoding}", "holds bytes that are not {encoding}"),
    "line-too-long": Text(
        "这一行有 {length} 个字符，超过上限 {limit}",
        "the line has {length} characters, over the limit of {limit}",
    ),
    "malformed-json": Text("不是合格的 JSON：{detail}", "is not well-formed JSON: {detail}"),
    "not-object": Text("是 JSON，但不是对象", "is JSON but not an object"),
    "repeated-key": Text("同一个对象里“{key}”出现两次", "the object has “{key}” twice"),
    "too-narrow": Text(
        "这一行宽 {found}，应宽 {expected}", "the line is {found} wide where {expected} is expected"
    ),
    "too-wide": Text(
        "这一行宽 {found}，超出应有的 {expected}",
        "the line is {found} wide, more than the expected {expected}",
    ),
    "cut-character": Text("有的字跨在两列之间", "a character stands across two columns"),
    "between-columns": Text("两列之间的空白处有文字", "there is text where columns are parted by blanks"),
    "not-feature": Text("是对象，但不是 GeoJSON 要素", "is an object but no GeoJSON feature"),
    "geometry-faulty": Text("几何图形不合格", "its geometry is not well formed"),
    "not-literal": Text("有的值不是字面量，要执行才知道", "a value is no plain literal"),
    "formula-error": Text(
        "{columns}：公式算错了（{errors}），请在表格里改好公式再送",
        "{columns}: the formula failed ({errors}); mend it in the workbook and send it again",
    ),
    "formula-uncomputed": Text(
        "{columns}：公式还没有算出值，请用 Excel 打开并保存后再送",
        "{columns}: the formula was never computed; open and save the workbook in Excel, then send it again",
    ),
    "number-ruined": Text(
        "{columns}：超过 15 位的号码被 Excel 存成数字，末位已丢失，请改为文本格式重填",
        "{columns}: Excel stored this long number as a number and lost its last digits; re-enter it as text",
    ),
}

TEXT_LIMIT = 20_000
"""Characters of a reject's original text that are kept; a longer one ends in `…[+N]`."""


def reason(reject: Reject) -> Text:
    """The reject's reason in words; unknown codes speak for themselves."""
    pattern = REASONS.get(reject.code, Text(reject.code, reject.code))
    return pattern.fill(**reject.values)


def shorten(text: str, length: int | None = None) -> str:
    """The text as it is kept in quarantine; `length` when `text` is only its beginning."""
    full = len(text) if length is None else length
    return text if full <= TEXT_LIMIT else f"{text[:TEXT_LIMIT]}…[+{full - TEXT_LIMIT}]"
