"""A district small enough to read: three tables of a dozen rows, through the real flow.

    police.csv, medical.csv, companies.csv ──collect──▶ lake ──link──▶ population, legal_entity ──▶ items

Built once a session (two seconds) and put back into every test's empty database, so that pages are
tested against what the flow really makes. `PEOPLE` and `SHOP` say what a test may expect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import models

from jingwei.collection import service as collection
from jingwei.collection.models import Profile, Run, Score, WorkOrder
from jingwei.inbox.models import Notice
from jingwei.kernel import home as homes
from jingwei.registers import service as registers
from jingwei.registers.models import Entity, SearchKey, ServingState

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def identity_number(birth: str, order: str) -> str:
    """GB 11643 with the invented division 990102."""
    body = "990102" + birth.replace("-", "") + order
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def credit_code(body: str) -> str:
    """GB 32100 over seventeen characters."""
    total = sum(ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(body))
    return body + ALPHABET[(31 - total % 31) % 31]


@dataclass(frozen=True)
class Person:
    name: str
    number: str
    phone: str
    address: str


HE_1986 = Person("沈云禾", identity_number("1986-04-08", "122"), "19900010001", "松间路8号2幢301室")
HE_1951 = Person("沈云禾", identity_number("1951-03-12", "002"), "19900010002", "浣纱街3号101室")
LU = Person("陆小满", identity_number("1990-05-06", "031"), "19900010003", "翠屏里21号")
OTHERS = tuple(
    Person(
        f"白{name}",
        identity_number("1980-01-02", f"{order:03}"),
        f"199000200{order:02}",
        f"听松里{order}号",
    )
    for order, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑", 1)
)
"""People and shops that no test names: enough of them to be more than a handful."""
PEOPLE = (HE_1986, HE_1951, LU, *OTHERS)
OTHER_ADDRESS = "松间路8号3幢502室"
SHOP, SHOP_CODE = "云溪区沈云禾小吃店", credit_code("92990102MA0001X31")
FORMULA = "=1+1"

POLICE = "\n".join(
    [
        "姓名,公民身份号码,性别,出生日期,手机,现住址,社区,更新日期",
        f"{HE_1986.name},{HE_1986.number},女,1986-04-08,{HE_1986.phone},{HE_1986.address},听松社区,2024-06-18",
        f"{HE_1951.name},{HE_1951.number},女,1951-03-12,{HE_1951.phone},{HE_1951.address},浣纱社区,2021-01-05",
        f"{LU.name},{LU.number},男,1990-05-06,{LU.phone},{LU.address},翠屏社区,2026-03-02",
        *(
            f"{one.name},{one.number},,1980-01-02,{one.phone},{one.address},听松社区,2026-01-05"
            for one in OTHERS
        ),
        f"王五,{LU.number[:-1]}*,男,1990-05-06,,,翠屏社区,2026-03-02",
        f"赵六,{identity_number('1970-02-03', '011')},男,1970-02-03,,{FORMULA},翠屏社区,{FORMULA}",
    ]
)
MEDICAL = "\n".join(
    [
        "姓名,证件号,电话,住址,登记日期",
        f"{HE_1986.name},{HE_1986.number},{HE_1986.phone},{OTHER_ADDRESS},2026-10-01",
        f"{LU.name},{LU.number},{LU.phone},{LU.address},2026-09-01",
    ]
)
COMPANIES = "\n".join(
    [
        "统一社会信用代码,名称,法定代表人证件号,住所,登记日期",
        f"{SHOP_CODE},{SHOP},{HE_1986.number},松涛街道松间路12号附3号,2025-11-04",
        *(
            f"{credit_code(f'92990102MA00{order:04}X')},云溪区{one.name}铺,{one.number},{one.address},2026-01-05"
            for order, one in enumerate(OTHERS, 1)
        ),
    ]
)


def contract(resource: str, title: str, organization: str, path: str, fields: str, as_of: str) -> str:
    return f"""
apiVersion: v3.1.0
kind: DataContract
id: {resource}
name: {title}
version: 1.0.0
status: active
servers: [{{server: source, type: local, path: {path}, format: csv}}]
schema:
  - name: table
    properties:
{fields}
customProperties:
  - {{property: organization, value: {organization}}}
  - {{property: title, value: {{zh: {title}, en: {resource}}}}}
  - {{property: asOf, value: {as_of}}}
"""


def column(name: str, header: str, element: str, more: str = "", custom: str = "") -> str:
    custom = f", {custom}" if custom else ""
    kind = "date" if element == "date" else "string"
    return (
        f"      - {{name: {name}, physicalName: {header}, logicalType: {kind}{more},"
        f" customProperties: [{{property: element, value: {element}}}{custom}]}}"
    )


KEY = ", required: true, primaryKey: true, primaryKeyPosition: 1"
FILES = {
    "contracts/police.yaml": contract(
        "police.resident",
        "常住人口登记",
        "区公安分局",
        "police.csv",
        "\n".join(
            [
                column("name", "姓名", "person_name", ", required: true"),
                column("id_number", "公民身份号码", "resident_id", KEY),
                column("sex", "性别", "sex"),
                column("birth_date", "出生日期", "date"),
                column("phone", "手机", "mobile_phone"),
                column("address", "现住址", "address"),
                column("community", "社区", "plain_text"),
                column("updated_on", "更新日期", "date"),
            ]
        ),
        "updated_on",
    ),
    "contracts/medical.yaml": contract(
        "medical.insured",
        "医疗保险参保登记",
        "区医保局",
        "medical.csv",
        "\n".join(
            [
                column("name", "姓名", "person_name"),
                column("id_number", "证件号", "resident_id", KEY),
                column("phone", "电话", "mobile_phone"),
                column("address", "住址", "address"),
                column("updated_on", "登记日期", "date"),
            ]
        ),
        "updated_on",
    ),
    "contracts/companies.yaml": contract(
        "market.enterprise",
        "市场主体登记",
        "区市场监管局",
        "companies.csv",
        "\n".join(
            [
                column("credit_code", "统一社会信用代码", "credit_code", KEY),
                column("name", "名称", "organization_name"),
                column("representative_id", "法定代表人证件号", "resident_id"),
                column("address", "住所", "address"),
                column("updated_on", "登记日期", "date"),
            ]
        ),
        "updated_on",
    ),
    "registers/population.yaml": """
register: population
title: {zh: 人口库, en: Population register}
entity: {zh: 居民, en: Resident}
fields:
  - {name: id_number, element: resident_id}
  - {name: name, element: person_name}
  - {name: sex, element: sex}
  - {name: birth_date, element: date, title: {zh: 出生日期, en: Date of birth}}
  - {name: phone, element: mobile_phone}
  - {name: address, element: address, title: {zh: 现住址, en: Current address}}
  - {name: community, element: plain_text, title: {zh: 社区, en: Community}}
sources:
  - resource: police.resident
    verified: true
    map: {id_number: id_number, name: name, sex: sex, birth_date: birth_date, phone: phone, address: address, community: community}
  - resource: medical.insured
    map: {id_number: id_number, name: name, phone: phone, address: address}
identifiers: [id_number]
search: {identifier: [id_number], person_name: [name], phone: [phone]}
card: {name: name, identifier: id_number, facts: [{field: birth_date, show: year}, {field: community}]}
""",
    "registers/legal_entity.yaml": """
register: legal_entity
title: {zh: 法人库, en: Legal entity register}
entity: {zh: 法人, en: Legal entity}
prefix: L
fields:
  - {name: credit_code, element: credit_code}
  - {name: name, element: organization_name, title: {zh: 名称, en: Name}}
  - {name: representative_id, element: resident_id, title: {zh: 法定代表人证件号, en: Representative's number}}
  - {name: address, element: address, title: {zh: 住所, en: Registered office}}
sources:
  - resource: market.enterprise
    map: {credit_code: credit_code, name: name, representative_id: representative_id, address: address}
identifiers: [credit_code]
search: {identifier: [credit_code], organization_name: [name]}
card: {name: name, identifier: credit_code, facts: []}
""",
    "items/allowance.yaml": """
item: allowance
number: YX-01
title: {zh: 高龄津贴申领, en: Old-age allowance}
organization: {zh: 区民政局, en: Civil Affairs}
starts: [population]
promise: {legal: 20, promised: 5}
fee: {zh: 不收费, en: no fee}
place: 1
fields:
  - {name: name, title: {zh: 姓名, en: Name}, element: person_name, from: population.name, required: true}
  - {name: id_number, title: {zh: 证件号码, en: Identity number}, element: resident_id, from: population.id_number, required: true}
  - {name: sex, title: {zh: 性别, en: Sex}, element: sex, from: population.sex}
  - {name: phone, title: {zh: 联系电话, en: Phone}, element: mobile_phone, from: population.phone, required: true, old_after: 730}
  - {name: address, title: {zh: 现住址, en: Current address}, element: address, from: population.address, required: true, matters: true, width: 2}
  - {name: bank_account, title: {zh: 银行账号, en: Account number}, element: plain_text, required: true}
  - {name: paid_from, title: {zh: 起发日期, en: Paid from}, element: date}
""",
    "items/catering.yaml": """
item: catering
number: YX-02
title: {zh: 小餐饮经营登记, en: Small catering}
organization: {zh: 区市场监管局, en: Market Regulation}
starts: [legal_entity, population]
follow: {population: legal_entity.representative_id}
promise: {promised: 0}
fee: {zh: 不收费, en: no fee}
place: 2
fields:
  - {name: operator, title: {zh: 经营者姓名, en: Operator}, element: person_name, from: population.name, required: true}
  - {name: phone, title: {zh: 联系电话, en: Phone}, element: mobile_phone, from: population.phone, required: true}
  - {name: shop, title: {zh: 字号名称, en: Shop}, element: organization_name, from: legal_entity.name, required: true}
  - {name: floor_area, title: {zh: 面积, en: Floor area}, element: decimal, required: true, unit: {zh: 平方米, en: m²}}
""",
}
SOURCES = {"police.csv": POLICE, "medical.csv": MEDICAL, "companies.csv": COMPANIES}
KEPT: tuple[type[models.Model], ...] = (
    Run,
    WorkOrder,
    Score,
    Profile,
    Notice,
    ServingState,
    Entity,
    SearchKey,
)


@dataclass
class Built:
    home: Path
    rows: dict[type[models.Model], list[Any]] = field(default_factory=dict)


_built: list[Built] = []


def build(settings: Any, folder: Path) -> Built:
    """Writes packs and sources into an empty home, then collects and links."""
    homes.make(folder)
    settings.HOME, settings.SOURCES = folder, folder / "sample"
    pack = folder / "packs" / "small"
    for path, text in FILES.items():
        (pack / path).parent.mkdir(parents=True, exist_ok=True)
        (pack / path).write_text(text, "utf-8")
    manifest = 'pack: small\nversion: "1.0.0"\ntitle: {zh: 小, en: Small}\ndescription: {zh: 小, en: Small}\n'
    (pack / "pack.yaml").write_text(manifest + "requires: [standards]\n", "utf-8")
    (folder / "sample").mkdir()
    for name, text in SOURCES.items():
        (folder / "sample" / name).write_text(text + "\n", "utf-8")
    for resource in ("police.resident", "medical.insured", "market.enterprise"):
        collection.collect(resource, started_by="test")
    for register in ("population", "legal_entity"):
        registers.link(register)
    return Built(folder, {model: list(model._default_manager.all()) for model in KEPT})


@dataclass(frozen=True)
class SmallDistrict:
    home: Path

    def entity(self, person: Person) -> str:
        return self.found("population", person.number)

    @property
    def shop(self) -> str:
        return self.found("legal_entity", SHOP_CODE)

    def found(self, register: str, number: str) -> str:
        (one,) = registers.search([register], number)
        return one.entity_id

    @property
    def police_run(self) -> Run:
        return Run.objects.get(resource="police.resident")


def restore(settings: Any, factory: pytest.TempPathFactory) -> SmallDistrict:
    """The district as it was built, in this test's database."""
    if not _built:
        _built.append(build(settings, factory.mktemp("district")))
    else:
        built = _built[0]
        settings.HOME, settings.SOURCES = built.home, built.home / "sample"
        for model, rows in built.rows.items():
            model._default_manager.bulk_create(rows)
    return SmallDistrict(_built[0].home)


@pytest.fixture
def small_district(
    db: None, settings: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SmallDistrict]:
    yield restore(settings, tmp_path_factory)
