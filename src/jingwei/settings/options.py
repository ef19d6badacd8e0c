"""Every setting, once: its name, what it means, its default, how its text is read.

Settings come from the environment (`JINGWEI_...`), so that a service unit, a container and a
shell set them alike. `docs/reference/settings.md` is made from this list; a test keeps it true.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Option:
    name: str
    default: str
    means: str
    read: Callable[[str], Any] = str

    @property
    def value(self) -> Any:
        return self.read(os.environ.get(self.name, self.default))


def _path(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _flag(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


HOME = Option("JINGWEI_HOME", "./var", "The one folder that holds all data of this node.", _path)
SOURCES = Option(
    "JINGWEI_SOURCES",
    "",
    "Folder that relative paths in contracts start from; empty means the folder `sample` in the home.",
)
DATABASE_URL = Option(
    "JINGWEI_DATABASE_URL",
    "",
    "Operational store as `postgresql://user:password@host:port/name`; empty means SQLite in the home.",
)
LAKE_CATALOG = Option(
    "JINGWEI_LAKE_CATALOG",
    "",
    "Catalog of the lake as `postgres:dbname=... host=...`; empty means SQLite in the home.",
)
MEMORY = Option(
    "JINGWEI_MEMORY", "1000MB", "Memory the data engine may use before it spills to the home's `tmp`."
)
THREADS = Option("JINGWEI_THREADS", "0", "Threads of the data engine; 0 means one for each core.", int)
SECRET_KEY = Option(
    "JINGWEI_SECRET_KEY",
    "",
    "Key of sessions and entity identifiers; empty means the file `secret.key` in the home.",
)
LEDGER_KEY = Option(
    "JINGWEI_LEDGER_KEY",
    "",
    "File of the key that signs the ledger; empty means `ledger.key` in the home.",
)
LEDGER_STAMP = Option(
    "JINGWEI_LEDGER_STAMP",
    "",
    "Address of a time stamp authority (RFC 3161) for sealed heads; empty means none is asked.",
)
LEDGER_STAMP_ROOT = Option(
    "JINGWEI_LEDGER_STAMP_ROOT",
    "",
    "File with the authority's root certificates (PEM), to check its stamps with.",
)
HOSTS = Option(
    "JINGWEI_HOSTS",
    "localhost,127.0.0.1,[::1]",
    "Host names the server answers to, separated by commas.",
    _names,
)
HTTPS = Option(
    "JINGWEI_HTTPS",
    "0",
    "1 when the site is reached by HTTPS: cookies are then sent over HTTPS alone.",
    _flag,
)
SITE = Option(
    "JINGWEI_SITE",
    "",
    "Address under which people reach the site, such as `https://jingwei.district.example`; messages link to it.",
)
MAIL = Option(
    "JINGWEI_MAIL",
    "",
    "Mail server of messages as `mailtos://user:password@host:port?from=address` (Apprise); empty: no mail is sent.",
)
TELL = Option(
    "JINGWEI_TELL",
    "",
    "Where messages may go besides mail, separated by commas: hosts of webhooks (`host` or `host:port`) and names of Apprise's services.",
    _names,
)
LANGUAGE = Option("JINGWEI_LANGUAGE", "zh", "Language of pages until a reader chooses: `zh` or `en`.")
DEBUG = Option(
    "JINGWEI_DEBUG", "0", "1 shows Django's debug pages. Never on a machine that others reach.", _flag
)
LOG_LEVEL = Option(
    "JINGWEI_LOG_LEVEL", "INFO", "Least level written to the log in the home's `logs`.", str.upper
)
METRICS_TOKEN = Option(
    "JINGWEI_METRICS_TOKEN",
    "",
    "Who sends it as `Authorization: Bearer ...` may read `/metrics` and `/health`; empty: this machine alone may.",
)
LEAST_DISK = Option(
    "JINGWEI_LEAST_DISK",
    "2000",
    "Megabytes that must be free on the home's disk for the node to be ready.",
    int,
)
BACKUPS = Option(
    "JINGWEI_BACKUPS",
    "",
    "Folder the backups go to, for the page that shows their age and for the backup unit.",
)
KEEP_SNAPSHOTS = Option(
    "JINGWEI_KEEP_SNAPSHOTS", "30", "Days for which upkeep keeps every snapshot of the lake.", int
)
KEEP_HISTORY = Option(
    "JINGWEI_KEEP_HISTORY",
    "3650",
    "Days for which upkeep keeps the snapshots that builds of registers stand on.",
    int,
)

OPTIONS = (
    HOME, SOURCES, DATABASE_URL, LAKE_CATALOG, MEMORY, THREADS,
    SECRET_KEY, LEDGER_KEY, LEDGER_STAMP, LEDGER_STAMP_ROOT, HOSTS, HTTPS, SITE, MAIL, TELL, LANGUAGE, DEBUG, LOG_LEVEL,
    METRICS_TOKEN, LEAST_DISK, BACKUPS, KEEP_SNAPSHOTS, KEEP_HISTORY,
)  # fmt: skip


def reference() -> str:
    """The reference page, in Markdown."""
    rows = "\n".join(
        f"| `{o.name}` | {f'`{o.default}`' if o.default else 'empty'} | {o.means} |" for o in OPTIONS
    )
    return (
        "# Settings\n\n"
        "All settings are environment variables. Passwords of source systems are never settings: a source named\n"
        "`server: police` in a contract takes its password from `JINGWEI_SECRET_POLICE`.\n\n"
        "| setting | default | means |\n|---|---|---|\n" + rows + "\n"
    )
