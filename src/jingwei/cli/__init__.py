"""The command line. Its words, options and exit codes are a promise: others script against them.

`main` finds the home first, because Django's settings and every model depend on it; the commands
are imported after that.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import django


def _wanted_home(arguments: Sequence[str]) -> str | None:
    """The value of `--home` wherever it stands among the arguments."""
    for index, argument in enumerate(arguments):
        if argument == "--home" and index + 1 < len(arguments):
            return arguments[index + 1]
        if argument.startswith("--home="):
            return argument.removeprefix("--home=")
    return None


def main() -> None:
    home = _wanted_home(sys.argv[1:])
    if home:
        os.environ["JINGWEI_HOME"] = home
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jingwei.settings")
    django.setup()

    from jingwei.cli.commands import run  # noqa: PLC0415 (models can be imported only now)

    sys.exit(run())
