"""What can go wrong while a department's table is opened or read, in words for a person.

A wrong *source* ends the run with one of these; a wrong *record* inside a right source does not:
it becomes a `Reject` (see `rejects.py`) and the run goes on. `location` never holds a password.
"""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
from jingwei.kernel.text import Text


class SourceMissing(BadInput):
    code = "source-missing"
    what = Text("找不到文件：{location}。", "There is no such file: {location}.")
    do = Text(
        "请核对路径；文件可能尚未送达或已改名。",
        "Check the path; the file may not have arrived or has a new name.",
    )


class SourceIsFolder(BadInput):
    code = "source-is-folder"
    what = Text("{location} 是文件夹，不是表。", "{location} is a folder, not a table.")
    do = Text("请指明文件夹里的哪个文件：{inside}。", "Say which file inside it: {inside}.")


class SourceNotFile(BadInput):
    code = "source-not-file"
    what = Text("{location} 不是普通文件。", "{location} is not a regular file.")
    do = Text(
        "请给出 CSV、Excel、JSON 文件或数据库地址。", "Give a CSV, Excel or JSON file, or a database address."
    )


class SourceEmpty(BadInput):
    code = "source-empty"
    what = Text("{location} 是空的，连表头也没有。", "{location} is empty: it has not even a header.")
    do = Text("请提供方重新导出后再试。", "Ask the provider to export it again.")


class SourceUnreadable(BadInput):
    code = "source-unreadable"
    what = Text("无法读取 {location}（{reason}）。", "{location} cannot be read ({reason}).")
    do = Text(
        "请为运行本程序的账号开通读取权限，或关闭占用该文件的程序。",
        "Give this program's account the right to read it, or close the program that holds it.",
    )


class SourceBroke(Failed):
    code = "source-broke"
    retry_helps = True
    what = Text("读取 {location} 时中断（{reason}）。", "Reading {location} broke off ({reason}).")
    do = Text("请检查磁盘或网络共享后再试。", "Check the disk or network share, then try again.")


class SourceChanged(Failed):
    code = "source-changed"
    retry_helps = True
    what = Text("{location} 在读取过程中被改动。", "{location} changed while it was being read.")
    do = Text("等提供方写完后再试。", "Try again when the provider has finished writing it.")


class SourceIncomplete(Failed):
    code = "source-incomplete"
    retry_helps = True
    what = Text(
        "{location} 应有 {declared} 条，只读到 {read} 条。",
        "{location} has {declared} records but only {read} came.",
    )
    do = Text(
        "请再试一次；仍不符时请查看该业务系统。", "Try again; if it stays so, look at the source system."
    )


class LockFile(BadInput):
    code = "lock-file"
    what = Text(
        "{location} 是 Excel 打开表格时留下的占位文件。",
        "{location} is the marker Excel leaves while a workbook is open.",
    )
    do = Text(
        "请给出不带“~$”的那个文件，并先在 Excel 中关闭它。",
        "Give the file without “~$”, and close it in Excel first.",
    )


class FormatUnknown(BadInput):
    code = "format-unknown"
    what = Text("认不出 {location} 的格式（{found}）。", "The format of {location} is not known ({found}).")
    do = Text("可用的格式：{formats}。", "Formats that can be read: {formats}.")


class EncodingUnknown(BadInput):
    code = "encoding-unknown"
    what = Text(
        "认不出 {location} 的文字编码（最像 {guess}）。",
        "The encoding of {location} cannot be told (most like {guess}).",
    )
    do = Text(
        "请提供方以 UTF-8 或 GB18030 导出，或在契约的 server 中写明 encoding。",
        "Ask for an export in UTF-8 or GB18030, or declare `encoding` in the contract's server entry.",
    )


class OptionWrong(BadInput):
    code = "option-wrong"
    what = Text("读取选项 {option} 的值“{value}”不能用。", "The reading option {option} cannot be “{value}”.")
    do = Text("请改正契约 server 中的这一项。", "Correct it in the contract's server entry.")


class HeaderMissing(BadInput):
    code = "header-missing"
    what = Text(
        "在 {location} 的前 {rows} 行里找不到表头。应有：{expected}；开头是：{found}。",
        "No header in the first {rows} rows of {location}. Expected: {expected}; it begins: {found}.",
    )
    do = Text(
        "请核对是否拿错了表；若对方改了列名，请把新列名写进契约的 aliases。",
        "Check whether this is the right table; if columns were renamed, add the new names as aliases.",
    )


class NothingToTurn(BadInput):
    code = "nothing-to-turn"
    what = Text(
        "{location} 里没有一列的表头符合 unpivot 的 {pattern}；现有：{present}。",
        "No header of {location} fits the contract's unpivot {pattern}; there are: {present}.",
    )
    do = Text("请核对契约里 unpivot 的 columns。", "Check `columns` of the contract's unpivot.")


class HeaderRepeated(BadInput):
    code = "header-repeated"
    what = Text(
        "{location} 有多列都叫“{header}”（{places}），分不清该用哪一列。",
        "{location} has several columns named “{header}” ({places}); which one is meant cannot be told.",
    )
    do = Text(
        "请提供方改名，或在契约中使用带上级表头的列名。",
        "Ask the provider to rename one, or use the name joined with its upper header in the contract.",
    )


class LineTooLong(BadInput):
    code = "line-too-long"
    what = Text(
        "{location} 的表头所在行超过 {limit} 个字符。",
        "The header line of {location} is longer than {limit} characters.",
    )
    do = Text(
        "多半缺少换行：请提供方重新导出。", "Line breaks are most likely missing: ask for a new export."
    )


class WorkbookEncrypted(BadInput):
    code = "workbook-encrypted"
    what = Text("{location} 设有打开密码。", "{location} is protected by a password.")
    do = Text("请提供方去掉密码后另存一份。", "Ask the provider for a copy without the password.")


class WorkbookDamaged(BadInput):
    code = "workbook-damaged"
    what = Text(
        "{location} 不是完好的 Excel 工作簿（{reason}）。", "{location} is not a sound workbook ({reason})."
    )
    do = Text(
        "多半没有传完：请重新传送，或在 Excel 中打开后另存为 xlsx。",
        "It was probably cut off: send it again, or open it in Excel and save it as xlsx.",
    )


class WorkbookTooLarge(BadInput):
    code = "workbook-too-large"
    what = Text(
        "{location} 解开后有 {size} MB，超过上限 {limit} MB。",
        "{location} unpacks to {size} MB, more than the limit of {limit} MB.",
    )
    do = Text("请以 CSV 提供。", "Ask for it as CSV.")


class SheetVast(BadInput):
    code = "sheet-vast"
    what = Text(
        "{location} 的工作表“{sheet}”在很远的 {cell} 还有内容，展开后放不进内存。",
        "The sheet “{sheet}” of {location} has something far away in {cell}; spread out it fits in no memory.",
    )
    do = Text(
        "请在 Excel 中删去那个单元格（连同多余的行列）再送。",
        "Delete that cell in Excel (with its spare rows and columns) and send it again.",
    )


class WebPageNotTable(BadInput):
    code = "web-page"
    what = Text(
        "{location} 其实是网页（HTML/XML），不是 Excel 或 CSV。",
        "{location} is really a web page (HTML/XML), not Excel or CSV.",
    )
    do = Text(
        "请在 Excel 中打开后另存为 xlsx 再采集。", "Open it in Excel, save it as xlsx, and collect that."
    )


class SheetMissing(BadInput):
    code = "sheet-missing"
    what = Text(
        "{location} 里没有工作表“{sheet}”；现有：{sheets}。",
        "{location} has no sheet “{sheet}”; it has: {sheets}.",
    )
    do = Text("请在契约的 physicalName 中写明工作表名。", "Name the sheet in the contract's physicalName.")


class SheetAmbiguous(BadInput):
    code = "sheet-ambiguous"
    what = Text(
        "{location} 有多张工作表的表头都相符：{sheets}。",
        "Several sheets of {location} have the expected header: {sheets}.",
    )
    do = Text(
        "请在契约的 physicalName 中写明要哪一张。", "Say in the contract's physicalName which one is meant."
    )


class SheetDiffers(BadInput):
    code = "sheet-differs"
    what = Text(
        "{location} 的工作表“{sheet}”和“{like}”的列不一样，不能当一张表读。",
        "The sheets “{sheet}” and “{like}” of {location} have different columns; they are not one table.",
    )
    do = Text(
        "请提供方统一表头，或在契约的 sheets 中只写列相同的工作表。",
        "Ask the provider for the same header, or let the contract's `sheets` name only those that have it.",
    )


class JsonNotTable(BadInput):
    code = "json-not-table"
    what = Text(
        "{location} 不是一行一个对象，也不是对象的数组（{found}）。",
        "{location} is neither one object a line nor an array of objects ({found}).",
    )
    do = Text("请以 JSON lines 或对象数组提供。", "Ask for JSON lines, or an array of objects.")


class JsonCutOff(Failed):
    code = "json-cut-off"
    retry_helps = True
    what = Text("{location} 没有写完：数组没有结尾。", "{location} is cut off: its array never ends.")
    do = Text("请重新传送整个文件后再试。", "Have the whole file sent again, then retry.")


class NotDatabase(BadInput):
    code = "not-a-database"
    what = Text(
        "{location} 不是 SQLite 数据库，或已加密。",
        "{location} is not an SQLite database, or it is encrypted.",
    )
    do = Text(
        "请核对路径，向提供方索取未加密的库文件。",
        "Check the path, or ask the provider for an unencrypted file.",
    )


class DatabaseDamaged(Failed):
    code = "database-damaged"
    what = Text("数据库 {location} 已损坏（{reason}）。", "The database {location} is damaged ({reason}).")
    do = Text("请提供方修复或重新备份。", "Ask the provider to repair it or to make a new copy.")


class TableMissing(BadInput):
    code = "table-missing"
    what = Text(
        "{location} 里没有表“{table}”；现有：{tables}。",
        "{location} has no table “{table}”; it has: {tables}.",
    )
    do = Text("请核对契约的 physicalName 与 schema。", "Check the contract's physicalName and schema.")


class TableNotNamed(BadInput):
    code = "table-not-named"
    what = Text(
        "没有说明要读 {location} 的哪张表；现有：{tables}。", "Which table of {location}? It has: {tables}."
    )
    do = Text("请在契约的 physicalName 中写明表名。", "Name the table in the contract's physicalName.")


class TableRefused(BadInput):
    code = "table-refused"
    what = Text(
        "账号无权读取 {location} 的表“{table}”。", "This account may not read table “{table}” of {location}."
    )
    do = Text("请提供方授予只读权限。", "Ask the provider for the right to read it.")


class CredentialsRefused(BadInput):
    code = "credentials-refused"
    what = Text("{location} 不接受所给的用户名或口令。", "{location} refused the user name or password.")
    do = Text(
        "口令放在环境变量 {variable} 中；请核对后再试。",
        "The password comes from the environment variable {variable}; check it.",
    )


class DatabaseMissing(BadInput):
    code = "database-missing"
    what = Text("服务器上没有数据库：{location}。", "The server has no such database: {location}.")
    do = Text("请核对数据库名。", "Check the name of the database.")


class SourceUnreachable(Failed):
    code = "source-unreachable"
    retry_helps = True
    what = Text("连不上 {location}（{reason}）。", "{location} cannot be reached ({reason}).")
    do = Text(
        "请检查网络、地址和端口，待服务恢复后再试。",
        "Check network, address and port; try again when the server is up.",
    )


class SourceLocked(Failed):
    code = "source-locked"
    retry_helps = True
    what = Text("{location} 正被业务系统锁定。", "{location} is locked by its own system.")
    do = Text("稍后再试。", "Try again in a while.")


class SourceWentAway(Failed):
    code = "source-went-away"
    retry_helps = True
    what = Text(
        "读到第 {read} 条时与 {location} 的连接断开（{reason}）。",
        "The connection to {location} was lost after {read} records ({reason}).",
    )
    do = Text(
        "已读的部分没有入库；待连接恢复后再试。",
        "What was read has been put aside; try again when it is back.",
    )


class PartColumnMissing(BadInput):
    code = "part-column-missing"
    what = Text(
        "{location} 的表“{table}”里没有{role}“{column}”；有：{columns}。",
        "Table “{table}” of {location} has no {role} “{column}”; it has: {columns}.",
    )
    do = Text(
        "请核对契约里的 cursor、changes 和 physicalName；对方改了列名的，请改过来。",
        "Check cursor, changes and physicalName of the contract; where the column was renamed, use its new name.",
    )


class CursorIncomparable(BadInput):
    code = "cursor-incomparable"
    what = Text(
        "{location} 的游标列“{column}”现在是 {type}，不能同上次读到的“{since}”比较（{reason}）。",
        "The cursor column “{column}” of {location} is {type} now and cannot be compared with the last value read, “{since}” ({reason}).",
    )
    do = Text(
        "列的类型多半变了：请核对契约的 cursor，再全量读一次。",
        "Its type has most likely changed: check the contract's cursor, then read the whole table once.",
    )


class SequenceFaulty(BadInput):
    code = "sequence-faulty"
    what = Text(
        "{location} 的变更表“{table}”里，序号列“{column}”有 {rows} 行是空的或重复的，先后分不清。",
        "In the change table “{table}” of {location} the sequence “{column}” is empty or repeated in {rows} rows: their order cannot be told.",
    )
    do = Text(
        "请提供方补上序号，并给这一列加唯一约束。",
        "Ask the provider to fill it in, and to make the column unique.",
    )


class AcknowledgeRefused(BadInput):
    code = "acknowledge-refused"
    what = Text(
        "账号无权在 {location} 的变更表“{table}”里改写回执列“{column}”。",
        "This account may not write the column “{column}” of the change table “{table}” of {location}.",
    )
    means = Text(
        "读到的变更已经入库；源端没有打上回执，下次会再读一遍，不会重复入库。",
        "The changes read are in the lake; the source was not told, so they come again next time, which does no harm.",
    )
    do = Text("请提供方授予这一列的更新权限。", "Ask the provider for the right to update this column.")


class AcknowledgeFailed(Failed):
    code = "acknowledge-failed"
    retry_helps = True
    what = Text(
        "没能在 {location} 的变更表“{table}”里打上回执（{reason}）。",
        "The changes read from “{table}” of {location} could not be acknowledged ({reason}).",
    )
    means = AcknowledgeRefused.means
    do = Text("再采集一次即可。", "Collect it again.")


class TableChanged(Failed):
    code = "table-changed"
    retry_helps = True
    what = Text(
        "读 {location} 的表“{table}”时，它被删除、改名或改了结构（{reason}）。",
        "Table “{table}” of {location} was dropped, renamed or altered while it was read ({reason}).",
    )
    do = Text(
        "等对方改完再试；仍不行时请核对契约的 physicalName 和列名。",
        "Try again when they have finished; if it stays so, check the contract's physicalName and columns.",
    )


class DriverMissing(BadInput):
    code = "driver-missing"
    what = Text(
        "读 {location} 要用的驱动“{driver}”用不了（{reason}）。",
        "The driver “{driver}” for {location} cannot be used ({reason}).",
    )
    do = Text(
        "ODBC：安装 unixodbc（Debian：apt-get install unixodbc）和数据库厂商的 ODBC 驱动，odbcinst -q -d 列出已装的；"
        "ADBC：安装驱动的 Python 包（如 adbc-driver-sqlite），或在 driver 里写明驱动文件的路径。",
        "ODBC: install unixodbc (Debian: apt-get install unixodbc) and the database maker's ODBC driver; odbcinst -q -d lists "
        "those there are. ADBC: install the driver's Python package (such as adbc-driver-sqlite), or give its file as driver.",
    )


class TableUnreadable(BadInput):
    code = "table-unreadable"
    what = Text(
        "{location} 的表“{table}”读不了（{reason}）。",
        "Table “{table}” of {location} cannot be read ({reason}).",
    )
    do = Text(
        "请核对契约的 physicalName（连同模式名，如 PUBLIC.RESIDENT）和账号的权限。",
        "Check the contract's physicalName (with its schema, as in PUBLIC.RESIDENT) and the account's rights.",
    )


class ValueTooLong(BadInput):
    code = "value-too-long"
    what = Text(
        "{location} 的表“{table}”里有一个值比约定的长。",
        "Table “{table}” of {location} holds a value longer than agreed.",
    )
    do = Text(
        "在契约的 server 里把 maxText（一个值最多的字符数）调大；驱动把某一列的长度说短了的，请提供方做一个把它转成文字的视图。",
        "Set maxText (characters of the longest value) of the contract's server higher; where the driver understates a column, "
        "ask the provider for a view that casts it to text.",
    )


class NotForStatements(BadInput):
    code = "not-for-statements"
    what = Text(
        "{resource} 的契约不收陈述：要有 driver 为 statements 的 server、一个主键字段和 asOf。",
        "The contract of {resource} takes no statements: it needs a server with the driver statements, one key field and asOf.",
    )
    do = Text("请改契约，或把陈述交到另一个资源。", "Change the contract, or deposit under another resource.")
