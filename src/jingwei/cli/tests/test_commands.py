"""Commands are known before their modules are imported."""

import importlib

import click
import pytest

from jingwei.cli.commands import PARTS, jingwei


@pytest.mark.parametrize("part", PARTS)
def test_a_module_adds_the_commands_it_is_said_to(part):
    group = click.Group()
    importlib.import_module(f"jingwei.cli.{part}").add_to(group)
    assert sorted(group.commands) == sorted(PARTS[part])


def test_every_command_can_be_had_by_its_name():
    context = click.Context(jingwei)
    assert all(jingwei.get_command(context, name) for name in jingwei.list_commands(context))
