"""The catalog's pages as a Django app: no tables of its own, everything is worked out from declarations."""

from __future__ import annotations

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "jingwei.directory"
    label = "directory"

    def ready(self) -> None:
        # Models can be imported only once the apps are there.
        from jingwei.directory import finding

        finding.register()
