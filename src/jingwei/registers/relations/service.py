"""Relations between entities: built after the registers, read by an entity's page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from jingwei.engines import lake
from jingwei.kernel.locks import exclusive
from jingwei.kernel.text import Text
from jingwei.packs.service import installed
from jingwei.registers.places import service as places
from jingwei.registers.places.tree import Placed
from jingwei.registers.relations import build as building
from jingwei.registers.relations.build import Related
from jingwei.registers.relations.reading import Relation, of

Progress = Callable[[Text], None]
__all__ = ["Related", "Relation", "RelationReport", "build", "of"]
LOCK = Text("关系", "relations")


@dataclass
class RelationReport:
    """What `relate` made: the places of each territory by its register, and each relation."""

    places: dict[str, Placed] = field(default_factory=dict)
    relations: list[Related] = field(default_factory=list)
    rewritten: bool = False
    seconds: float = 0.0


def build(progress: Progress | None = None) -> RelationReport:
    """Places first, then all relations, from the registers as they were last linked. The same registers give
    the same tables; then nothing is written."""
    say = progress or (lambda text: None)
    started = time.monotonic()
    report = RelationReport()
    with exclusive("relations", LOCK, wait=600), lake().connect() as con:
        for territory in places.territories():
            if lake().exists(con, "register", f"{territory.register_}.golden"):
                say(Text("排好地点的上下级", "placing places").fill())
                report.places[territory.register_] = places.build(con, territory)
                con.execute("DROP TABLE tree")
        building.begin(con)
        there = building.tables(con)
        for relation in installed().section("relations").values():
            say(Text("关联：{title}", "relating: {title}").fill(title=relation.title.text()))
            report.relations.append(building.state(con, relation, there))
        report.rewritten = building.write(con)
    report.seconds = round(time.monotonic() - started, 2)
    return report
