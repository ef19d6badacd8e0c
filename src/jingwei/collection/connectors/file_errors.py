"""What can go wrong with files beyond plain text and workbooks; see `errors` for the rest."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text

AGAIN = Text("请重新传送整个文件后再试。", "Have the whole file sent again, then retry.")


class NotAFolder(BadInput):
    code = "not-a-folder"
    what = Text(
        "契约写了 pattern，{location} 却不是文件夹。",
        "The contract has a `pattern`, but {location} is no folder.",
    )
    do = Text(
        "让 path 指向文件夹；只读一个文件的，去掉 pattern。",
        "Let `path` name the folder; to read one file, leave `pattern` out.",
    )
