"""Sharing type, level and theme of a contract: what is refused, and what follows from the fields."""

import pytest

from jingwei.catalog import sharing
from jingwei.packs.service import check, installed

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: trial.person
version: 1.0.0
status: active
schema:
  - name: person
    properties:
      - {{name: number, logicalType: string, required: true, primaryKey: true, customProperties: [{{property: element, value: {element}}}]}}
customProperties:
  - {{property: organization, value: 区民政局}}
{more}
"""


def told(pack, more: dict, element: str = "resident_id") -> list[str]:
    lines = "\n".join(f"  - {{property: {name}, value: {value}}}" for name, value in more.items())
    folder = pack("trial", {"contracts/person.yaml": CONTRACT.format(element=element, more=lines)})
    return [fault.text.en for fault in check(folder)[1]]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"sharing": "secret"}, "sharing is one of unconditional, conditional, not_shared"),
        ({"sharing": "not_shared"}, "needs sharingReason"),
        ({"sharing": "not_shared", "sharingReason": '" "'}, "needs sharingReason"),
        ({"sharing": "unconditional"}, "cannot be shared unconditionally"),
        ({"level": 2}, "level is 2, but the most sensitive field needs 3"),
        ({"level": 5}, "level is one of 1, 2, 3, 4"),
        ({"theme": "populatoin"}, "did you mean population?"),
        ({"shareing": "conditional"}, "did you mean sharing?"),
    ],
)
def test_what_cannot_be_meant_is_refused(pack, more, word):
    (said,) = told(pack, more)
    assert word in said


def test_without_a_word_a_resource_is_shared_on_conditions_at_the_level_its_fields_need(pack):
    assert told(pack, {}) == []
    known = installed()
    contract, elements = known.section("contracts")["trial.person"], known.section("elements")
    assert (contract.sharing, contract.theme, contract.level) == ("conditional", "", None)
    assert sharing.level(contract, elements) == sharing.LEVEL_OF[elements["resident_id"].classification]


def test_what_concerns_nobody_may_be_shared_with_all(pack):
    assert told(pack, {"sharing": "unconditional", "level": 2, "theme": "market"}, "plain_text") == []
