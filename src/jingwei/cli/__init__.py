"""The command line. Its words, options and exit codes are a promise: others script against them.

`main` finds the home first, because Django's settings and every model depend on it; the commands
are imported after that.
"""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from collections.abc import Sequence

import django

EXIT_BAD_INPUT = 1


def _wanted_home(arguments: Sequence[str]) -> str | None:
    """The value of `--home` wherever it stands among the arguments; of `--to` where a home is restored."""
    names = ("--to", "--home") if arguments and arguments[0] == "restore" else ("--home",)
    for name in names:
        for index, argument in enumerate(arguments):
            if argument == name and index + 1 < len(arguments):
                return arguments[index + 1]
            if argument.startswith(f"{name}="):
                return argument.removeprefix(f"{name}=")
    return None


def choose_home(arguments: Sequence[str]) -> None:
    home = _wanted_home(arguments)
    if home:
        os.environ["JINGWEI_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.settings")


def run_commands() -> int:
    """Runs the command line of this process; to be called once Django is set up."""
    # A log that cannot be written (a full disk) is no reason to show a traceback.
    logging.raiseExceptions = False
    return int(importlib.import_module("jingwei.cli.commands").run())


def main() -> None:
    choose_home(sys.argv[1:])
    try:
        django.setup()
    except (ValueError, TypeError, RuntimeError, OSError) as exc:
        sys.exit(_setting_wrong(exc))
    sys.exit(run_commands())


def _setting_wrong(exc: Exception) -> int:
    """Told in both languages: without settings nobody's language is known."""
    why = str(exc.__cause__ or exc).splitlines()[0]
    what = f"设置有误：{why} / A setting is wrong: {why}"
    do = "检查 JINGWEI_ 开头的环境变量。 / Check the environment variables that begin with JINGWEI_."
    if "--json" in sys.argv:
        told = {"error": "setting-wrong", "what": what, "means": "", "do": do, "retry_helps": False}
        print(json.dumps(told))
    else:
        print(f"setting-wrong  {what}\n{do}", file=sys.stderr)
    return EXIT_BAD_INPUT
