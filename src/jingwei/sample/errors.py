"""What can go wrong when a sample is made."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
from jingwei.kernel.text import Text


class NotASampleFolder(BadInput):
    code = "not-a-sample-folder"
    what = Text("{path} 里已有别的东西，不是示例城区。", "{path} holds something that is no sample district.")
    do = Text("换一个空文件夹。", "Choose an empty folder.")


class FolderNotWritable(BadInput):
    code = "sample-folder-not-writable"
    what = Text("写不进 {path}：{reason}。", "{path} cannot be written: {reason}.")
    do = Text(
        "换一个能写的文件夹，或请管理员给权限。", "Choose a folder you may write, or ask for the right to."
    )


class ResidentsOutOfRange(BadInput):
    code = "residents-out-of-range"
    what = Text(
        "居民数应在 {least} 到 {most} 之间，来的是 {residents}。",
        "The number of residents must lie between {least} and {most}; {residents} was given.",
    )
    do = Text("换一个数再来。", "Give another number.")


class PostgresRefused(Failed):
    code = "sample-postgres"
    retry_helps = True
    what = Text("写不进 PostgreSQL：{reason}。", "PostgreSQL did not take the tables: {reason}.")
    means = Text(
        "数据库里没有留下半张表，示例文件夹没有改动。",
        "No half-written table was left there; the sample folder is as it was.",
    )
    do = Text("看看地址、账号和权限，再来一次。", "Check the address, account and rights, then try again.")
