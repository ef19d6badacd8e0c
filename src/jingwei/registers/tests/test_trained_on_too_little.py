"""A model that saw too few records of one entity says so in the report of the link, in both languages."""

from __future__ import annotations

from jingwei.registers.tests.conftest import Town, person


def test_a_few_dozen_rows_without_numbers_link_with_a_warning(town: Town) -> None:
    rows = [(str(i), None, *person(i)[1:]) for i in range(12)]
    town.put("a.person", rows)
    town.put("b.person", rows[:6])
    chinese, english = town.link().matching["warning"]
    assert "太少" in chinese and "name" in chinese
    assert "trained on too little" in english and "30 are needed" in english


def test_hundreds_of_entities_known_by_number_teach_without_a_warning(town: Town) -> None:
    people = [person(i) for i in range(320)]
    town.put("a.person", [(str(i), *known) for i, known in enumerate(people)])
    town.put("b.person", [(str(i), *known) for i, known in enumerate(people)])
    town.put("c.person", [(str(i), None, *person(i)[1:]) for i in range(5)])
    assert "warning" not in town.link().matching
