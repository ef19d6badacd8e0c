"""What can go wrong with files beyond plain text and workbooks; see `errors` for the rest."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput, Failed
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


class FolderInParts(BadInput):
    code = "folder-in-parts"
    what = Text(
        "{resource} 是分批送来的，没有哪一个文件是整张表。",
        "{resource} comes in parts: no single file is the whole table.",
    )
    do = Text("用 --from 给出要比对的那个文件。", "Name the file to compare with by --from.")


class RecordsMissing(BadInput):
    code = "records-missing"
    what = Text(
        "{location} 的“{records}”处没有记录的列表；有列表的地方：{found}。",
        "{location} has no list of records at “{records}”; there are lists at: {found}.",
    )
    do = Text("请改正契约 server 中的 records。", "Correct `records` in the contract's server entry.")


class RecordsAmbiguous(BadInput):
    code = "records-ambiguous"
    what = Text(
        "{location} 里有几个一样长的列表，分不清要哪一个：{found}。",
        "{location} has several lists of the same length, and which is meant cannot be told: {found}.",
    )
    do = Text("请在契约的 server 中写明 records。", "Say which by `records` in the contract's server entry.")


class ParquetDamaged(Failed):
    code = "parquet-damaged"
    retry_helps = True
    what = Text(
        "{location} 不是完好的 Parquet 文件（{reason}）。",
        "{location} is not a sound Parquet file ({reason}).",
    )
    do = AGAIN


class ParquetEncrypted(BadInput):
    code = "parquet-encrypted"
    what = Text("{location} 是加密的 Parquet 文件。", "{location} is an encrypted Parquet file.")
    do = Text("请提供方去掉加密后另送一份。", "Ask the provider for a copy without encryption.")


class WidthsUnknown(BadInput):
    code = "widths-unknown"
    what = Text(
        "{location} 是定宽文本，但看不出各列从哪里到哪里。",
        "{location} is text of fixed width, and where its columns begin and end cannot be told.",
    )
    do = Text(
        "请照提供方的文件说明，在契约的 server 中写明 widths：[[列名, 起, 止], ...]。",
        "Give `widths` in the contract's server entry, by the provider's record layout: [[name, first, last], ...].",
    )


class WidthsWrong(BadInput):
    code = "widths-wrong"
    what = Text("契约的 widths 不能用：{why}。", "The contract's `widths` cannot be used: {why}.")
    do = Text(
        "每列写作 [列名, 起, 止]，从 1 数起，互不重叠。",
        "Write each column as [name, first, last], counted from 1, without overlap.",
    )


class WidthsMismatch(BadInput):
    code = "widths-mismatch"
    what = Text(
        "{location} 的行没有一行有 widths 所说的 {expected} 宽（多为 {found}）。",
        "No line of {location} has the {expected} that `widths` says (most have {found}).",
    )
    do = Text(
        "请核对文件说明；widths 按字节还是按字符数，用 count 写明。",
        "Check the record layout; say by `count` whether `widths` counts bytes or characters.",
    )


class DbfDamaged(Failed):
    code = "dbf-damaged"
    retry_helps = True
    what = Text(
        "{location} 不是完好的 DBF 表（{reason}）。", "{location} is not a sound DBF table ({reason})."
    )
    do = AGAIN


class MemoMissing(BadInput):
    code = "memo-missing"
    what = Text(
        "{location} 的长文本放在另一个文件里，而它没有一起送来（{missing}）。",
        "The long texts of {location} lie in a file of their own, which was not sent along ({missing}).",
    )
    do = Text("请提供方把同名的文件一起送来。", "Have the file of the same name sent along.")


class ShapefileIncomplete(BadInput):
    code = "shapefile-incomplete"
    what = Text("Shapefile {location} 缺少 {missing}。", "The shapefile {location} lacks its {missing}.")
    do = Text(
        "Shapefile 由同名的 .shp、.shx、.dbf、.prj 组成：请一起送来，或打成一个 zip。",
        "A shapefile is made of .shp, .shx, .dbf and .prj of one name: have them sent together, or as one zip.",
    )


class ShapefileDamaged(Failed):
    code = "shapefile-damaged"
    retry_helps = True
    what = Text(
        "Shapefile {location} 不完好（{reason}）。", "The shapefile {location} is not sound ({reason})."
    )
    do = AGAIN


class LayerMissing(BadInput):
    code = "layer-missing"
    what = Text(
        "{location} 里没有图层“{layer}”；现有：{layers}。",
        "{location} has no layer “{layer}”; it has: {layers}.",
    )
    do = Text("请改正契约 server 中的 layer。", "Correct `layer` in the contract's server entry.")


class LayerNotNamed(BadInput):
    code = "layer-not-named"
    what = Text(
        "没有说明要读 {location} 的哪个图层；现有：{layers}。",
        "Which layer of {location}? It has: {layers}.",
    )
    do = Text("请在契约的 server 中写明 layer。", "Name it by `layer` in the contract's server entry.")


class ArchiveDamaged(Failed):
    code = "archive-damaged"
    retry_helps = True
    what = Text("压缩包 {location} 不完好（{reason}）。", "The archive {location} is not sound ({reason}).")
    do = AGAIN


class ArchiveEncrypted(BadInput):
    code = "archive-encrypted"
    what = Text(
        "压缩包 {location} 里的 {member} 设有密码。",
        "{member} in the archive {location} is protected by a password.",
    )
    do = Text("请提供方不设密码另打一包。", "Ask the provider for an archive without a password.")


class ArchiveTooLarge(BadInput):
    code = "archive-too-large"
    what = Text(
        "压缩包 {location} 里的 {member} 解开后超过 {limit}（已到 {ratio} 倍）。",
        "{member} in the archive {location} unpacks to more than {limit} ({ratio} times its size).",
    )
    do = Text(
        "多半是恶意或损坏的压缩包；确实这么大的，请分成几包或不压缩送来。",
        "Most likely it is damaged or meant to do harm; a table that is really so large should come in parts, or unpacked.",
    )


class ArchiveNested(BadInput):
    code = "archive-nested"
    what = Text(
        "压缩包 {location} 里又有压缩包：{member}。",
        "The archive {location} holds another archive: {member}.",
    )
    do = Text("请提供方把表直接打在一个包里。", "Ask the provider to pack the tables themselves.")


class ArchiveForeign(BadInput):
    code = "archive-foreign"
    what = Text(
        "{location} 是 {kind} 压缩包，读不了。", "{location} is a {kind} archive, which cannot be read."
    )
    do = Text("请提供方改用 zip 或 gz。", "Ask the provider for zip or gz.")


class MemberMissing(BadInput):
    code = "member-missing"
    what = Text(
        "压缩包 {location} 里没有合乎“{member}”的表；包里有：{members}。",
        "The archive {location} holds no table that fits “{member}”; it holds: {members}.",
    )
    do = Text(
        "请核对包里的文件，改正契约 server 中的 member。",
        "Check what is in it, and correct `member` in the contract's server entry.",
    )


class MemberAmbiguous(BadInput):
    code = "member-ambiguous"
    what = Text(
        "压缩包 {location} 里有几张不同的表：{members}。",
        "The archive {location} holds several tables: {members}.",
    )
    do = Text(
        "请在契约的 server 中用 member 写明要哪一张（可用 *）。",
        "Say which by `member` in the contract's server entry (`*` stands for anything).",
    )


class MembersDiffer(BadInput):
    code = "members-differ"
    what = Text(
        "压缩包 {location} 里的 {member} 缺少别的表有的列：{columns}。",
        "{member} in the archive {location} lacks columns that the other tables have: {columns}.",
    )
    do = Text(
        "请提供方补上；只读其中几张的，用 member 写明。",
        "Ask the provider to restore them; to read only some of the tables, name them by `member`.",
    )
