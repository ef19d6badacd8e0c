"""Text that people type: refused, not cut, where it is too long or could deceive.

Signs that turn the direction of reading make a line look like another one; control signs end a header of a
message and begin the next.
"""

from __future__ import annotations

import unicodedata

from jingwei.inbox.errors import TextRefused
from jingwei.kernel.text import Text

TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
KEPT_IN_NOTES = "\n\r\t"


def one_line(text: str, field: Text, most: int) -> str:
    return _checked(text.strip(), field, most, "")


def note(text: str, field: Text, most: int) -> str:
    return _checked(text.strip(), field, most, KEPT_IN_NOTES)


def _checked(text: str, field: Text, most: int, kept: str) -> str:
    if len(text) > most:
        why = Text("有 {n} 个字，最多 {most} 个", "it has {n} characters, {most} is the most")
        raise TextRefused(field=field, why=why.fill(n=len(text), most=most))
    if any(sign in TURNING for sign in text):
        raise TextRefused(
            field=field, why=Text("里面有改变读写方向的字符", "it turns the direction of reading")
        )
    if any(unicodedata.category(sign) == "Cc" and sign not in kept for sign in text):
        raise TextRefused(
            field=field, why=Text("里面有换行或控制字符", "it holds line breaks or control signs")
        )
    return text
