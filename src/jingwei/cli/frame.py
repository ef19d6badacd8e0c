"""What all commands share: `--home`, `--json`, output, progress, and errors as exit codes."""

from __future__ import annotations

import errno
import functools
import io
import json
import logging
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import translation
from rich.console import Console
from rich.table import Table
from rich.text import Text as RichText

from jingwei.engines.faults import is_disk_full, is_interrupt
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
EXIT_INTERRUPTED = 130
VISIBLE = {code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)} | {0x7F: 0x2421}
"""Control signs in data must not steer the terminal: each is shown as its picture."""


def _console(*, stderr: bool = False, width: int | None = None) -> Console:
    """Prints what it is given: no markup, no emoji, for both may stand in a department's data."""
    return Console(stderr=stderr, width=width, highlight=False, soft_wrap=True, markup=False, emoji=False)


errors_to = _console(stderr=True)


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


class StoreDamaged(Failed):
    code = "store-damaged"
    what = Text("业务库 {path} 损坏，读不了：{why}", "The operational store {path} is damaged: {why}")
    do = Text("请从备份恢复这个文件。", "Restore the file from a backup.")


class HomeOlder(BadInput):
    code = "home-older"
    what = Text("{home} 是旧版本建的。", "{home} was made by an earlier version.")
    do = Text(
        "停下服务，运行 jingwei upgrade --home {home}。",
        "Stop what runs and run jingwei upgrade --home {home}.",
    )


class HomeNewer(BadInput):
    code = "home-newer"
    what = Text(
        "{home} 是更新的版本建的（{migration}）。", "{home} was made by a newer version ({migration})."
    )
    do = Text("请用当时那个版本或更新的经纬。", "Use that version of Jingwei or a newer one.")


class HomeIsFile(BadInput):
    code = "home-is-file"
    what = Text("{path} 是文件，不是文件夹。", "{path} is a file, not a folder.")
    do = Text("用 --home 给出一个文件夹。", "Give a folder with --home.")


class NotText(BadInput):
    code = "not-text"
    what = Text("参数里有不成文字的字节。", "An argument holds bytes that are no text.")
    do = Text("请用 UTF-8 终端重新输入。", "Type it again in a UTF-8 terminal.")


class Interrupted(Failed):
    code = "interrupted"
    retry_helps = True
    what = Text("已中断。", "Interrupted.")
    means = Text("没有提交的都已撤回。", "Whatever was not committed is undone.")
    do = Text("需要时再运行一次。", "Run it again when you like.")


class OutputLost(Failed):
    code = "output-lost"
    what = Text("结果没能写出去：{why}", "The result could not be written out: {why}")
    means = Text("事情本身已经做完。", "The work itself was done.")
    do = Text(
        "检查输出的去处，用 jingwei runs 看结果。",
        "Check where the output goes; jingwei runs shows the outcome.",
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
        self.console = _console(width=None if sys.stdout.isatty() else 240)

    def result(self, value: dict[str, Any]) -> None:
        if self.as_json:
            with _writing():
                click.echo(_as_json(value))

    def say(self, text: Text | str) -> None:
        if not self.as_json:
            with _writing():
                self.console.print(_shown(str(text)))

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
            table.add_row(*(RichText(_cell(value)) for value in row))
        with _writing():
            self.console.print(table)

    def progress(self, text: Text | str) -> None:
        """Goes to stderr, so that `--json` output stays clean."""
        errors_to.print(_shown(str(text)))


@contextmanager
def _writing() -> Iterator[None]:
    """What goes wrong while telling the result must not look as if the work had gone wrong."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise OutputLost(why=exc.strerror) from exc


def _shown(text: str) -> str:
    return text.translate(VISIBLE)


def _as_json(value: dict[str, Any]) -> str:
    """One line, readable where the terminal can show it, valid JSON everywhere."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, default=str)
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return _shown(str(value))


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
            "--home",
            "home_",
            metavar="FOLDER",
            callback=_named,
            help="The node's folder (JINGWEI_HOME, ./var).",
        )(with_json)
        return group.command(name or function.__name__.replace("_", "-"))(with_home)

    return decorate


def _named(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """An empty folder name is a script's unset variable, not a wish for the default."""
    if value is not None and not value.strip():
        raise click.BadParameter(str(Text("文件夹名是空的。", "the folder has no name.")), context, option)
    return value


def _require_home() -> None:
    refuse_file()
    database = settings.DATABASES["default"]
    if not (home() / "lake").is_dir() or (
        "sqlite" in database["ENGINE"] and not (home() / "operational.sqlite").exists()
    ):
        raise HomeMissing(home=home())
    try:
        make(home())
    except OSError as exc:
        raise HomeUnwritable(path=home(), why=exc.strerror) from exc
    known, done = refuse_newer()
    if not done:
        raise HomeMissing(home=home())
    if known - done:
        raise HomeOlder(home=home())


def refuse_file() -> None:
    if home().exists() and not home().is_dir():
        raise HomeIsFile(path=home())


def refuse_newer() -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """Migrations this version has, and those the store has. Raises HomeNewer if it has unknown ones."""
    known = known_migrations()
    done = set(MigrationRecorder(connection).applied_migrations())
    ours = {label for label, _ in known}
    unknown = sorted(".".join(one) for one in done - known if one[0] in ours)
    if unknown:
        raise HomeNewer(home=home(), migration=unknown[-1])
    return known, done


def known_migrations() -> set[tuple[str, str]]:
    """Every migration this version has, as room and name."""
    return {
        (app.label, path.stem)
        for app in apps.get_app_configs()
        for path in (Path(app.path) / "migrations").glob("[0-9]*.py")
    }


def run_group(group: click.Group) -> int:
    """Runs the command line; every outcome becomes one of the promised exit codes."""
    speak()
    as_json = "--json" in sys.argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(group, as_json)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has had enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_DONE
    except OSError as exc:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _tell(OutputLost(why=exc.strerror), False)


def _run(group: click.Group, as_json: bool) -> int:
    try:
        outcome = group.main(standalone_mode=False)
        return outcome if isinstance(outcome, int) else EXIT_DONE
    except click.exceptions.Exit as exc:
        return EXIT_BAD_INPUT if exc.exit_code else EXIT_DONE
    except click.ClickException as exc:
        return _tell_usage(exc, as_json)
    except (click.Abort, KeyboardInterrupt):
        _tell(Interrupted(), as_json)
        return EXIT_INTERRUPTED
    except SystemExit as exc:
        # rich and click leave in this way when nobody reads on
        if isinstance(exc.__context__, BrokenPipeError):
            raise BrokenPipeError from exc
        raise
    except BrokenPipeError:
        raise
    except OutputLost as exc:
        return _tell(exc, as_json=False)
    except JingweiError as exc:
        return _tell(exc, as_json)
    except Exception as exc:  # the one place where our own mistakes are turned into words
        if is_interrupt(exc):
            _tell(Interrupted(), as_json)
            return EXIT_INTERRUPTED
        return _tell(_as_error(exc), as_json)


def _as_error(exc: Exception) -> JingweiError:
    if is_disk_full(exc, home()):
        return DiskFull(path=home())
    if isinstance(exc, OperationalError) and connection.vendor == "postgresql":
        return StoreUnreachable(why=str(exc).splitlines()[0])
    if isinstance(exc, DatabaseError) and "no such table" in str(exc):
        return HomeMissing(home=home())
    if isinstance(exc, DatabaseError) and any(w in str(exc) for w in ("not a database", "malformed")):
        return StoreDamaged(path=home() / "operational.sqlite", why=str(exc))
    if isinstance(exc, DatabaseError) and "readonly" in str(exc):
        return HomeUnwritable(path=home(), why=str(exc))
    if isinstance(exc, OSError) and exc.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return HomeUnwritable(path=exc.filename or home(), why=exc.strerror)
    if isinstance(exc, UnicodeEncodeError) and exc.reason == "surrogates not allowed":
        return NotText()
    reference = secrets.token_hex(4)
    log.exception("fault %s", reference)
    return InternalFault(reference=reference, log=home() / "logs" / "jingwei.log")


def _tell(error: JingweiError, as_json: bool) -> int:
    if as_json:
        click.echo(_as_json(error.as_dict()))
    else:
        errors_to.print(error.code, style="bold red", end="  ")
        for part in (error.what, error.means, error.do):
            errors_to.print(_shown(str(part)))
    return error.exit_code


def _tell_usage(exc: click.ClickException, as_json: bool) -> int:
    do = Text("用 --help 看用法。", "See --help.")
    if as_json:
        told = {"error": "usage", "what": exc.format_message(), "do": str(do), "retry_helps": False}
        click.echo(_as_json(told))
    else:
        if isinstance(exc, click.UsageError) and exc.ctx:
            errors_to.print(exc.ctx.get_usage())
        errors_to.print(_shown(exc.format_message()))
        errors_to.print(str(do))
    return EXIT_BAD_INPUT
