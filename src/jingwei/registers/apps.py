"""Registers as a Django app; its declarations become a section of the packs."""

from __future__ import annotations

from django.apps import AppConfig

from jingwei.collection.connectors.statements import kept_by
from jingwei.packs.sections import Section, register_section
from jingwei.registers.check import check
from jingwei.registers.declaration import Register


class RegistersConfig(AppConfig):
    name = "jingwei.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.registers.stated import provide

        kept_by(provide)
        register_section(Section("registers", Register, "name", check=check))
