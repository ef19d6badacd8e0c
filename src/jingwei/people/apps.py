"""Organizations and accounts as a Django app; roles become a section of the packs."""

from __future__ import annotations

from django.apps import AppConfig

from jingwei.kernel.roles import register_built_in, register_more
from jingwei.packs.sections import Section, register_section


class PeopleConfig(AppConfig):
    name = "jingwei.people"
    label = "people"

    def ready(self) -> None:
        from jingwei.people import granting, roles

        register_section(Section("roles", roles.RoleDeclaration, "role", check=roles.check))
        register_built_in(roles.built_in())
        register_more(roles.of_packs)
        granting.register()
