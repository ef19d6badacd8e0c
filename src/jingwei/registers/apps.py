"""Registers as a Django app; its declarations become a section of the packs."""

from __future__ import annotations

from django.apps import AppConfig

from jingwei.collection.connectors.statements import kept_by
from jingwei.packs.sections import Section, register_section
from jingwei.registers.check import check
from jingwei.registers.declaration import Register
from jingwei.registers.places.declaration import Territory
from jingwei.registers.places.declaration import check as check_places
from jingwei.registers.relations.check import check as check_relations
from jingwei.registers.relations.declaration import Relation


class RegistersConfig(AppConfig):
    name = "jingwei.registers"
    label = "registers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.collection import queue
        from jingwei.registers import finding, home_part, renewing, todos
        from jingwei.registers.stated import provide

        kept_by(provide)
        queue.then(renewing.after_collection)
        finding.register()
        register_section(Section("registers", Register, "name", check=check))
        register_section(Section("places", Territory, "territory", check=check_places))
        register_section(Section("relations", Relation, "relation", check=check_relations))
        home_part.register()
        todos.register()
