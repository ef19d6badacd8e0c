"""What a credit register may hold: permits and penalties of organizations, as facts with a day and an office.

The house keeps no score of a person, and makes none of an organization either; that is held where registers
are declared. A register that speaks of credit has to say of every row which organization it is about, in a
field whose element is the credit code and that the row's contract requires, so that rows about natural
persons never get past collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jingwei.kernel.text import Text
from jingwei.packs.declarations import Fault
from jingwei.packs.sections import Declared, Everything
from jingwei.registers.declaration import Register

CODE = "not-kept-here"
_CREDIT = re.compile(
    r"信用(?!代码)|征信|失信|守信|黑名单|红名单|(?:^|[^a-z])credit(?![ _-]?code)", re.IGNORECASE
)
_SCORE = re.compile(
    r"评分|得分|积分|分数|总分|评级|信用分|信用等级|等级评定|风险等级"
    r"|(?:^|[^a-z])(?:scores?|ratings?|grades?|rank(?:ing)?|points?)(?:$|[^a-z])",
    re.IGNORECASE,
)
OF_PERSONS = {
    "resident_id", "person_name", "sex", "mobile_phone", "marital_status", "education",
}  # fmt: skip
"""Elements that say something of a natural person."""
NO_SCORE = Text(
    "“{name}”不收：信用信息只记许可和处罚的事实，不打分、不评级",
    "“{name}” is not kept here: a credit register holds permits and penalties as facts, no score and no rating",
)
NO_PERSON = Text(
    "“{name}”说的是自然人：信用信息只涉及单位",
    "“{name}” says something of a natural person: a credit register is about organizations only",
)
NO_CODE = Text(
    "没有哪个字段的数据元是 credit_code，说不清每条信息是哪个单位的",
    "no field has the element credit_code: nothing says which organization a row is about",
)
NOT_TOLD = Text(
    "{resource} 没有给出 {field}，说不清是哪个单位的",
    "{resource} does not give {field}: nothing says which organization its rows are about",
)
NOT_REQUIRED = Text(
    "{resource}.{field} 要写 required: true，没有信用代码的行（自然人）才进不来",
    "{resource}.{field} has to be required, so that rows without a credit code (natural persons) stay out",
)


def about_credit(register: Register) -> bool:
    """Whether a register's name or titles speak of credit."""
    said = (
        register.name.replace("_", " "),
        register.title.zh,
        register.title.en,
        register.entity.zh,
        register.entity.en,
    )
    return any(_CREDIT.search(text) for text in said)


def check(declared: Declared, everything: Everything) -> Iterator[Fault]:
    """Faults of one register declaration; none where it does not speak of credit."""
    register: Register = declared.value
    if not about_credit(register):
        return
    for index, field in enumerate(register.fields):
        words = (field.name.replace("_", " "), *((field.title.zh, field.title.en) if field.title else ()))
        if any(_SCORE.search(word) for word in words):
            yield declared.fault(("fields", index), NO_SCORE.fill(name=words[-1]), CODE)
        if field.element in OF_PERSONS:
            yield declared.fault(("fields", index, "element"), NO_PERSON.fill(name=field.name), CODE)
    codes = [field.name for field in register.fields if field.element == "credit_code"]
    if not codes:
        yield declared.fault(("fields",), NO_CODE, CODE)
        return
    for index, source in enumerate(register.sources):
        at = ("sources", index, "map")
        given = [name for name in codes if name in source.map]
        if not given:
            yield declared.fault(at, NOT_TOLD.fill(resource=source.resource, field=codes[0]), CODE)
            continue
        contract = everything.get("contracts", {}).get(source.resource)
        if contract is None:
            continue
        required = {field.name for field in contract.value.fields if field.required}
        if not any(source.map[name] in required for name in given):
            told = NOT_REQUIRED.fill(resource=source.resource, field=source.map[given[0]])
            yield declared.fault((*at, given[0]), told, CODE)
