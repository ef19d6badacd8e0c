from django.apps import AppConfig

from jingwei.catalog import checking, codes, contract_checks, contract_files, elements
from jingwei.packs.sections import Section, register_section


class CatalogConfig(AppConfig):
    name = "jingwei.catalog"
    label = "catalog"

    def ready(self) -> None:
        register_section(Section("codes", codes.CodeList, "list", check=codes.check))
        register_section(Section("elements", elements.Element, "element", check=checking.check))
        register_section(
            Section(
                "contracts",
                contract_files.OdcsFile,
                "id",
                check=contract_checks.check,
                read=contract_files.read,
            )
        )
