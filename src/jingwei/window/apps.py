"""The window as a Django app; the items on offer become a section of the packs."""

from __future__ import annotations

from django.apps import AppConfig

from jingwei.packs.sections import Section, register_section
from jingwei.registers.readers import register_readers
from jingwei.window import items, reading


class WindowConfig(AppConfig):
    name = "jingwei.window"
    label = "window"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        register_section(Section("items", items.Item, "item", check=items.check))
        register_readers("window", reading.readers)
        # Models can be imported only once the apps are there.
        from jingwei.window import finding, home_part

        home_part.register()
        finding.register()
