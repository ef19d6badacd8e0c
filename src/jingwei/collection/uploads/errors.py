"""What can be wrong with a file that somebody hands in, beyond what reading it tells (connectors.errors)."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text

KEPT_NOTHING = Text("文件没有留下，数据没有改动。", "The file was not kept, and nothing was changed.")


class UploadTooLarge(BadInput):
    code = "upload-too-large"
    means = KEPT_NOTHING
    what = Text(
        "{name} 有 {size} MB，这一页只收 {limit} MB 以内的。",
        "{name} has {size} MB; this page takes files up to {limit} MB.",
    )
    do = Text(
        "按社区或月份分成几份交；一直这么大的，请数据管理员改成从文件夹或数据库采集。",
        "Hand it in by parts; where it is always that large, ask the data steward to collect it from a folder or database.",
    )


class UploadNotATable(BadInput):
    code = "upload-not-a-table"
    means = KEPT_NOTHING
    what = Text(
        "{name} 不是表格文件（看内容像 {found}）。", "{name} is no table (its contents look like {found})."
    )
    do = Text(
        "请交 Excel（xlsx、xls、et、ods）或 CSV 文件；压缩包先解开，照片和 PDF 不收。",
        "Hand in Excel (xlsx, xls, et, ods) or CSV; unpack archives first; pictures and PDF cannot be read.",
    )


class UploadNothingChosen(BadInput):
    code = "upload-nothing-chosen"
    means = KEPT_NOTHING
    what = Text("还没有选{what}。", "No {what} was chosen.")
    do = Text("选好再交。", "Choose it, then hand it in.")


class UploadOtherTable(BadInput):
    code = "upload-other-table"
    means = KEPT_NOTHING
    what = Text(
        "{name} 不像“{title}”：该有的列里只认出 {found} 列。它看起来是“{likely}”。",
        "{name} does not look like “{title}”: of its columns only {found} are there. It looks like “{likely}”.",
    )
    do = Text("核对选的是哪张表，再交一次。", "Check which table you chose, and hand it in again.")


class UploadNotYours(BadInput):
    code = "upload-not-yours"
    what = Text("没有您交的这一份：{upload}。", "There is no such file of yours: {upload}.")
    do = Text("在“上报”里看您交过的。", "The page Hand in lists what you handed in.")


class ResourceNotYours(BadInput):
    code = "resource-not-yours"
    what = Text(
        "“{title}”由{organization}提供，不归您上报。", "“{title}” is {organization}'s to provide, not yours."
    )
    do = Text(
        "交本单位的表；单位不对的，请管理员改账号。",
        "Hand in your own tables; ask the administrator if your organization is wrong.",
    )


class UploadClosed(BadInput):
    code = "upload-closed"
    what = Text(
        "{upload} 已经交了或不要了，不能再改。", "{upload} was handed in or dropped and cannot be changed."
    )
    do = Text("要改的，另交一份。", "Hand in another one.")


class UploadNotReady(BadInput):
    code = "upload-not-ready"
    what = Text("{name} 还不能交：{why}", "{name} cannot be handed in yet: {why}")
    do = Text("先把页面上标出的改好。", "Mend what the page marks first.")
