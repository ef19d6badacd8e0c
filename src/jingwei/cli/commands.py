"""The group of all commands; each module adds its own."""

from __future__ import annotations

import click

from jingwei.cli.frame import run_group


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jingwei")
def jingwei() -> None:
    """Jingwei 经纬: departments' tables become registers that answer at the window.

    Exit codes: 0 done, 1 wrong use or bad input, 2 a run was held, 3 failed and nothing was changed.
    """


from jingwei.cli import (  # noqa: E402  (they add to the group)
    checking,
    collecting,
    judging,
    node,
    packing,
    registering,
    sampling,
    scheduling,
)

for part in (node, packing, collecting, scheduling, checking, judging, registering, sampling):
    part.add_to(jingwei)


def run() -> int:
    return run_group(jingwei)
