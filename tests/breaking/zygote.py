"""A `jingwei` that is imported once and forked for every command, so that hundreds of real processes
can be started, watched and killed in the time a few would take to import everything.

Each line on stdin is an order in JSON: `start` forks a command line of its own settings, output
files and limits; `wait` gives how a started one ended and the most memory it held. `before` is
Python run in the child first: it is how a test makes the child die, or a store fail, at one exact
point.
"""

from __future__ import annotations

import atexit
import importlib
import json
import logging.config
import os
import resource
import signal
import sys
from typing import Any

import django


def main() -> None:
    django.setup()
    parts = [f"jingwei.cli.{part}" for part in importlib.import_module("jingwei.cli.commands").PARTS]
    # the last two are what DuckDB imports by itself when it is first given an Arrow table
    for name in (*parts, "pandas", "pyarrow.dataset"):
        importlib.import_module(name)
    print(json.dumps({"ready": True}), flush=True)
    while line := sys.stdin.readline():
        order = json.loads(line)
        if order["do"] == "start":
            pid = os.fork()
            if pid == 0:
                _leave(_command(order))
            print(json.dumps({"pid": pid}), flush=True)
        else:
            _, status, usage = os.wait4(order["pid"], 0)
            print(
                json.dumps({"code": os.waitstatus_to_exitcode(status), "rss": usage.ru_maxrss * 1024}),
                flush=True,
            )


def _leave(code: int) -> None:
    """Ends like a process of its own, but without waiting for threads that a fork does not take along."""
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _command(order: dict[str, Any]) -> int:
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, order["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, order["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        os.dup2(os.open(path, flags, 0o644), number)
    os.chdir(order["cwd"])
    os.environ.update(order["env"])
    sys.argv = ["jingwei", *order["args"]]
    if order["largest_file"]:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    _settings()
    exec(order["before"], {})
    cli = importlib.import_module("jingwei.cli")
    return cli.run_commands()


def _settings() -> None:
    """What a fresh process would read from its environment."""
    cli = importlib.import_module("jingwei.cli")
    cli.choose_home(sys.argv[1:])
    importlib.reload(importlib.import_module("jingwei.settings.options"))
    fresh = importlib.reload(importlib.import_module("jingwei.settings"))
    from django.conf import settings  # noqa: PLC0415 (only once it is known which)
    from django.db import connections  # noqa: PLC0415

    for name in filter(str.isupper, dir(fresh)):
        setattr(settings, name, getattr(fresh, name))
    del connections["default"]
    connections.settings = connections.configure_settings(settings.DATABASES)
    logging.config.dictConfig(settings.LOGGING)


if __name__ == "__main__":
    main()
