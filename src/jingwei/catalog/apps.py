from django.apps import AppConfig

from jingwei.catalog import contracts
from jingwei.packs.sections import Section, register_section


class CatalogConfig(AppConfig):
    name = "jingwei.catalog"
    label = "catalog"

    def ready(self) -> None:
        register_section(
            Section("contracts", contracts.OdcsFile, "id", check=contracts.check, read=contracts.read)
        )
