"""What must not be when others reach this node: looked at before the server starts, and by `jingwei check --deploy`.

A node is exposed when it listens on an address of others or answers to a name of others. On this machine alone
(loopback, and only its names in JINGWEI_HOSTS) nothing is refused: demo and trial need no HTTPS.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings

from jingwei.kernel.errors import BadInput, JingweiError
from jingwei.kernel.home import home
from jingwei.kernel.text import Text
from jingwei.operations.backup import manifest
from jingwei.operations.backup.parts import KEYS
from jingwei.settings import options

SHORTEST, LEAST_SIGNS = 40, 12
SHORTEST_TOKEN = 24
NETWORK = frozenset(
    {
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "smbfs",
        "9p",
        "ceph",
        "glusterfs",
        "lustre",
        "fuse.sshfs",
        "fuse.glusterfs",
    }
)
MOUNTS = Path("/proc/self/mounts")
BACKED_UP = timedelta(days=2)
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Finding:
    """Something that is not as it should be. Grave ones keep an exposed node from starting."""

    code: str
    grave: bool
    what: Text
    do: Text


class UnsafeStart(BadInput):
    code = "unsafe-start"
    what = Text("这样开给别人用不安全：{findings}", "To be reached by others like this is unsafe: {findings}")
    means = Text("没有启动。", "It was not started.")
    do = Text(
        "逐条改好；jingwei check --deploy 说明怎么改。", "Put each right; jingwei check --deploy says how."
    )


def is_local(host: str) -> bool:
    bare = host.strip("[]")
    if bare in LOCAL:
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def exposed(host: str) -> bool:
    """Whether others can reach a server that listens on `host`."""
    return not is_local(host) or not all(is_local(name) for name in settings.ALLOWED_HOSTS)


def refuse_unsafe(host: str) -> None:
    """Raises UnsafeStart with all that is grave."""
    if exposed(host):
        grave = [one for one in findings(host) if one.grave]
        if grave:
            raise UnsafeStart(findings="; ".join(one.code for one in grave))


def findings(host: str = "127.0.0.1") -> list[Finding]:
    """All that is wrong at once, grave things first."""
    found = [
        *_debug(), *_hosts(), *_http(host), *_secret(), *_demo(), *_readable(), *_network(),
        *_home_open(), *_token(), *_backups(),
    ]  # fmt: skip
    return sorted(found, key=lambda one: not one.grave)


def _debug() -> list[Finding]:
    if not settings.DEBUG:
        return []
    what = Text(
        "调试页开着（JINGWEI_DEBUG=1），出错时会露出内部",
        "Debug pages are on (JINGWEI_DEBUG=1) and show the inside",
    )
    return [Finding("deploy.debug", True, what, Text("去掉 JINGWEI_DEBUG。", "Unset JINGWEI_DEBUG."))]


def _hosts() -> list[Finding]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    what = Text("任何主机名都应答（JINGWEI_HOSTS=*）", "It answers to any name (JINGWEI_HOSTS=*)")
    return [Finding("deploy.hosts", True, what, Text("写明主机名。", "List the names of the site."))]


def _http(host: str) -> list[Finding]:
    if options.HTTPS.value or not exposed(host):
        return []
    what = Text(
        "别人用明文 HTTP 登录，密码和号码在网上看得见",
        "Others sign in over plain HTTP: passwords and numbers travel readable",
    )
    do = Text(
        "前面放一个讲 HTTPS 的 Web 服务器，设 JINGWEI_HTTPS=1。",
        "Put a web server that speaks HTTPS before it and set JINGWEI_HTTPS=1.",
    )
    return [Finding("deploy.http", True, what, do)]


def _secret() -> list[Finding]:
    key = settings.SECRET_KEY
    if len(key) >= SHORTEST and len(set(key)) >= LEAST_SIGNS and "insecure" not in key:
        return []
    what = Text("密钥太短或太容易猜", "The secret key is short or easily guessed")
    do = Text(
        "不设 JINGWEI_SECRET_KEY，用 init 生成的；已有数据时换密钥会换掉所有编号。",
        "Unset JINGWEI_SECRET_KEY and let init make one; where there are data already, entities get other numbers.",
    )
    return [Finding("deploy.secret", True, what, do)]


def _demo() -> list[Finding]:
    if not (home() / "demo.json").exists():
        return []
    what = Text(
        "这是演示：账号和密码写在登录页上", "This is a demo: accounts and passwords stand on its sign-in page"
    )
    return [
        Finding(
            "deploy.demo",
            True,
            what,
            Text("正式用另建一个家：jingwei init。", "Make a home for real use: jingwei init."),
        )
    ]


def _readable() -> list[Finding]:
    named = [path for path in home().glob("*") if path.name.endswith(KEYS) or path.name == "demo.json"]
    open_ = sorted(path.name for path in named if path.stat().st_mode & 0o077)
    if not open_:
        return []
    what = Text("别的账号能读密钥：{names}", "Other accounts of this machine can read: {names}").fill(
        names=", ".join(open_)
    )
    return [Finding("deploy.readable", True, what, Text("chmod 600 它们。", "chmod 600 them."))]


def _network() -> list[Finding]:
    database = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"] and settings.LAKE_CATALOG:
        return []
    kind = filesystem_of(home())
    if kind not in NETWORK:
        return []
    what = Text(
        "SQLite 放在几台机器共用的盘上（{kind}），会损坏",
        "SQLite lies on a disk that several machines share ({kind}) and will break",
    ).fill(kind=kind)
    do = Text(
        "把家放本机盘，或改用 PostgreSQL。", "Put the home on a disk of this machine, or use PostgreSQL."
    )
    return [Finding("deploy.shared-disk", True, what, do)]


def filesystem_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system a folder lies on; empty where the machine does not say."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    place = path.resolve()
    above = [(len(line[1]), line[2]) for line in lines if len(line) > 2 and place.is_relative_to(line[1])]
    return max(above)[1] if above else ""


def _home_open() -> list[Finding]:
    if not home().is_dir() or not home().stat().st_mode & 0o007:
        return []
    what = Text("这台机器的任何账号都能进数据文件夹", "Any account of this machine can enter the data folder")
    return [
        Finding(
            "deploy.home-open",
            False,
            what,
            Text("chmod 750，umask 077。", "chmod 750 it, and run with umask 077."),
        )
    ]


def _token() -> list[Finding]:
    token = options.METRICS_TOKEN.value
    if not token or len(token) >= SHORTEST_TOKEN:
        return []
    what = Text("JINGWEI_METRICS_TOKEN 太短", "JINGWEI_METRICS_TOKEN is short")
    return [
        Finding(
            "deploy.token", False, what, Text("至少 24 个随机字符。", "Take 24 random characters or more.")
        )
    ]


def _backups() -> list[Finding]:
    do = Text("设 JINGWEI_BACKUPS，装上备份定时器。", "Set JINGWEI_BACKUPS and install the backup timer.")
    folder = options.BACKUPS.value
    if not folder:
        return [
            Finding("deploy.no-backups", False, Text("没有设备份文件夹", "No folder for backups is set"), do)
        ]
    kept = manifest.all_in(Path(folder))
    try:
        newest = datetime.fromisoformat(manifest.read(kept[-1]).made) if kept else None
    except JingweiError:
        newest = None
    if newest is not None and datetime.now(UTC) - newest < BACKED_UP:
        return []
    what = Text("最近两天没有备份", "There is no backup of the last two days")
    return [Finding("deploy.old-backup", False, what, do)]
