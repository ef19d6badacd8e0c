"""What can go wrong while a node is kept: backed up, restored, brought up to date."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
from jingwei.kernel.text import Text

NOTHING_LEFT = Text("没有留下半份备份。", "No half backup was left.")
NOT_RESTORED = Text("什么也没有恢复。", "Nothing was restored.")


class NoBackup(BadInput):
    code = "no-backup"
    what = Text("{folder} 里没有完整的备份。", "There is no whole backup in {folder}.")
    do = Text("给出 jingwei backup 写的文件夹。", "Give the folder that jingwei backup wrote to.")


class BackupInsideHome(BadInput):
    code = "backup-inside-home"
    what = Text(
        "备份不能放在节点自己的文件夹 {home} 里。", "A backup cannot lie within the node's own folder {home}."
    )
    do = Text("换一个文件夹，最好在另一块盘上。", "Choose another folder, best on another disk.")


class BackupFolderTaken(BadInput):
    code = "backup-folder-taken"
    what = Text("{folder} 里有别的东西（{found}）。", "{folder} holds something else ({found}).")
    do = Text("给备份一个自己的文件夹。", "Give the backups a folder of their own.")


class BackupDamaged(Failed):
    code = "backup-damaged"
    what = Text(
        "备份 {folder} 有 {count} 处不对：{faults}",
        "The backup {folder} is wrong in {count} places: {faults}",
    )
    means = NOT_RESTORED
    do = Text("用另一份备份，并查一查这块盘。", "Use another backup, and have the disk looked at.")


class StoreNotWhole(Failed):
    code = "store-not-whole"
    what = Text("数据湖缺文件：{missing}", "The lake lacks files: {missing}")
    means = NOTHING_LEFT
    do = Text(
        "从较早的备份恢复，或重新采集那张表。", "Restore an earlier backup, or collect that table anew."
    )


class BackupNewer(BadInput):
    code = "backup-newer"
    what = Text("备份出自更新的版本（{version}）。", "The backup was made by a newer version ({version}).")
    means = NOT_RESTORED
    do = Text("用那个版本或更新的经纬恢复。", "Restore it with that version of Jingwei or a newer one.")


class HomeNotEmpty(BadInput):
    code = "home-not-empty"
    what = Text("{home} 不是空的。", "{home} is not empty.")
    means = NOT_RESTORED
    do = Text(
        "恢复到一个新的文件夹，看过之后再换上。", "Restore to a new folder, look at it, then put it in place."
    )


class DatabaseNotEmpty(BadInput):
    code = "database-not-empty"
    what = Text("数据库 {database} 里已有表。", "The database {database} holds tables already.")
    means = NOT_RESTORED
    do = Text("建一个空的数据库来恢复。", "Make an empty database to restore into.")


class StoreKindDiffers(BadInput):
    code = "store-kind-differs"
    what = Text(
        "备份里的{store}是 {kept}，设置的是 {wanted}。",
        "{store} of the backup is {kept}, the settings say {wanted}.",
    )
    means = NOT_RESTORED
    do = Text(
        "按备份设置 JINGWEI_DATABASE_URL 和 JINGWEI_LAKE_CATALOG（指向空的数据库）。",
        "Set JINGWEI_DATABASE_URL and JINGWEI_LAKE_CATALOG as the backup needs them (empty databases).",
    )


class SecretsMissing(BadInput):
    code = "secrets-missing"
    what = Text("备份里没有密钥：{names}。", "The backup lacks the secrets: {names}.")
    means = NOT_RESTORED
    do = Text(
        "用 --secrets 给出另存密钥的文件夹。", "Give the folder they were kept apart in with --secrets."
    )


class ToolFailed(Failed):
    code = "tool-failed"
    what = Text("{tool} 没有成功：{why}", "{tool} did not succeed: {why}")
    do = Text(
        "装好与数据库服务器同版本的 PostgreSQL 客户端工具。",
        "Install PostgreSQL's client programs in the version of the server.",
    )


class NotEnoughRoom(Failed):
    code = "not-enough-room"
    retry_helps = True
    what = Text(
        "{folder} 只剩 {free} MB，需要 {needed} MB。", "{folder} has {free} MB left; {needed} MB are needed."
    )
    do = Text("腾出空间，或换一块盘。", "Free some space, or choose another disk.")
