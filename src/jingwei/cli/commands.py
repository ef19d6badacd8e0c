"""The group of all commands; a module is imported when one of its commands is called.

Importing them all takes longer than most commands do: what links registers or invents a district brings
whole libraries along.
"""

from __future__ import annotations

import importlib

import click

from jingwei.cli.frame import run_group

PARTS = {
    "node": ("init", "serve", "worker", "demo"),
    "peopling": ("organization", "account"),
    "packing": ("pack", "contract"),
    "inferring": ("contract",),
    "collecting": ("collect", "release", "reconcile", "runs", "quarantine"),
    "ordering": ("orders", "order", "mend"),
    "scheduling": ("schedule",),
    "checking": ("source",),
    "judging": ("check",),
    "inboxing": ("calendar", "inbox"),
    "registering": ("link", "lookup", "register"),
    "comparing": ("register",),
    "sampling": ("sample",),
    "ledgering": ("ledger",),
    "auditing": ("audit",),
    "operating": ("backup", "restore", "upkeep", "upgrade"),
}
"""Module → the commands it adds. A test holds the two together."""


class Commands(click.Group):
    """Knows every command by name, and the module it comes from."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({name for names in PARTS.values() for name in names})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        added: set[str] = self.__dict__.setdefault("_added", set())
        for part, names in PARTS.items():
            # Several modules may add to one command: it is there in full only when all of them have.
            if cmd_name in names and part not in added:
                added.add(part)
                importlib.import_module(f"jingwei.cli.{part}").add_to(self)
        return self.commands.get(cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jingwei")
def jingwei() -> None:
    """Jingwei 经纬: departments' tables become registers that answer at the window.

    Exit codes: 0 done, 1 wrong use or bad input, 2 a run was held, 3 failed and nothing was changed.
    """


def run() -> int:
    return run_group(jingwei)
