"""What all commands share: `--home`, `--json`, output, progress, and errors as exit codes."""

from __future__ import annotations

import functools
import json
import logging
import os
import secrets
import sys
from collections.abc import Callable
from typing import Any

import click
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.utils import translation
from rich.console import Console
from rich.table import Table

from jingwei.engines.faults import is_disk_full
from jingwei.kernel.errors import (
    EXIT_BAD_INPUT,
    EXIT_DONE,
    BadInput,
    DiskFull,
    Failed,
    InternalFault,
    JingweiError,
)
from jingwei.kernel.home import home, make
from jingwei.kernel.text import Text

log = logging.getLogger("jingwei.cli")
errors_to = Console(stderr=True, highlight=False, soft_wrap=True)


class HomeMissing(BadInput):
    code = "home-missing"
    what = Text("{home} 里还没有经纬的数据。", "There is no Jingwei home in {home}.")
    do = Text("先运行 jingwei init --home {home}。", "Run jingwei init --home {home} first.")


class StoreUnreachable(Failed):
    code = "store-unreachable"
    retry_helps = True
    what = Text("业务库连不上：{why}", "The operational store cannot be reached: {why}")
    do = Text(
        "检查 JINGWEI_DATABASE_URL 和数据库是否在运行。",
        "Check JINGWEI_DATABASE_URL and whether the database runs.",
    )


class HomeUnwritable(Failed):
    code = "home-unwritable"
    what = Text("写不了 {path}：{why}", "{path} cannot be written: {why}")
    do = Text(
        "换一个有写权限的文件夹（--home），或改权限。",
        "Choose a folder you may write to (--home), or change its rights.",
    )


def speak() -> None:
    """The terminal's language: JINGWEI_LANGUAGE, else Chinese where the locale is Chinese, else English."""
    wanted = os.environ.get("JINGWEI_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    translation.activate("zh-hans" if wanted.lower().startswith("zh") else "en")


class Output:
    """Prints a result once: as JSON, or as words and tables for people."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        # Where no person watches (a pipe, a file) a table must not be folded to a guessed width.
        self.console = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 240)

    def result(self, value: dict[str, Any]) -> None:
        if self.as_json:
            click.echo(json.dumps(value, ensure_ascii=False, default=str))

    def say(self, text: Text | str) -> None:
        if not self.as_json:
            self.console.print(str(text), markup=False)

    def table(self, title: Text | str, columns: list[Text | str], rows: list[list[Any]]) -> None:
        if self.as_json:
            return
        numeric = [
            bool(rows) and all(isinstance(row[i], int | float | None) for row in rows)
            for i in range(len(columns))
        ]
        table = Table(title=str(title), title_justify="left", box=None, pad_edge=False)
        for column, right in zip(columns, numeric, strict=True):
            table.add_column(str(column), justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(_cell(value) for value in row))
        self.console.print(table)

    def progress(self, text: Text | str) -> None:
        """Goes to stderr, so that `--json` output stays clean."""
        errors_to.print(str(text), markup=False)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def command(
    group: click.Group, name: str | None = None, needs_home: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Registers a command that takes `--home` and `--json` and receives an Output as `out`."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        @functools.wraps(function)
        def inner(as_json: bool, home_: str | None, **arguments: Any) -> Any:
            if needs_home:
                _require_home()
            return function(out=Output(as_json), **arguments)

        with_json = click.option(
            "--json", "as_json", is_flag=True, help="Print the result as one JSON object."
        )(inner)
        with_home = click.option(
            "--home", "home_", metavar="FOLDER", help="The node's folder (JINGWEI_HOME, ./var)."
        )(with_json)
        return group.command(name or function.__name__.replace("_", "-"))(with_home)

    return decorate


def _require_home() -> None:
    database = settings.DATABASES["default"]
    if not (home() / "lake").is_dir() or (
        "sqlite" in database["ENGINE"] and not (home() / "operational.sqlite").exists()
    ):
        raise HomeMissing(home=home())
    try:
        make(home())
    except OSError as exc:
        raise HomeUnwritable(path=home(), why=exc.strerror) from exc


def run_group(group: click.Group) -> int:
    """Runs the command line; every outcome becomes one of the promised exit codes."""
    speak()
    as_json = "--json" in sys.argv
    try:
        outcome = group.main(standalone_mode=False)
        return outcome if isinstance(outcome, int) else EXIT_DONE
    except click.exceptions.Exit as exc:
        return EXIT_BAD_INPUT if exc.exit_code else EXIT_DONE
    except click.UsageError as exc:
        return _tell_usage(exc, as_json)
    except click.Abort:
        errors_to.print(
            str(Text("已中断，没有提交的都已撤回。", "Interrupted; whatever was not committed is undone."))
        )
        return 130
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except JingweiError as exc:
        return _tell(exc, as_json)
    except Exception as exc:  # the one place where our own mistakes are turned into words
        return _tell(_as_error(exc), as_json)


def _as_error(exc: Exception) -> JingweiError:
    if is_disk_full(exc) or is_disk_full(exc.__cause__ or exc):
        return DiskFull(path=home())
    if isinstance(exc, OperationalError) and connection.vendor == "postgresql":
        return StoreUnreachable(why=str(exc).splitlines()[0])
    if isinstance(exc, DatabaseError) and "no such table" in str(exc):
        return HomeMissing(home=home())
    if isinstance(exc, PermissionError):
        return HomeUnwritable(path=exc.filename or home(), why=exc.strerror)
    reference = secrets.token_hex(4)
    log.exception("fault %s", reference)
    return InternalFault(reference=reference, log=home() / "logs" / "jingwei.log")


def _tell(error: JingweiError, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps(error.as_dict(), ensure_ascii=False, default=str))
    else:
        errors_to.print(f"[bold red]{error.code}[/]  ", end="")
        for part in (error.what, error.means, error.do):
            errors_to.print(str(part), markup=False)
    return error.exit_code


def _tell_usage(exc: click.UsageError, as_json: bool) -> int:
    if as_json:
        click.echo(json.dumps({"error": "usage", "what": exc.format_message()}, ensure_ascii=False))
    else:
        if exc.ctx:
            errors_to.print(exc.ctx.get_usage(), markup=False)
        errors_to.print(exc.format_message(), markup=False)
        errors_to.print(str(Text("用 --help 看用法。", "See --help.")))
    return EXIT_BAD_INPUT
