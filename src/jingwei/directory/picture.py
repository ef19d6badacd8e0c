"""Lineage as a picture: boxes in columns, lines from left to right, drawn by the server.

    Graph, keys ──▶ columns ──order──▶ boxes with a place ──▶ SVG of links; the table beside it says the same

Boxes of one owner stand together; a column is ordered by where its lines come from, so that few cross. A column
too long to read is cut, and the picture says how many it leaves out: the table leaves out none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jingwei.directory.graph import COLUMNS, TITLES, Graph, Node
from jingwei.kernel.text import Text

BOX, HEIGHT, GAP, LANE, TOP = 204, 38, 6, 56, 24
MOST = 60
"""Boxes of a column at most."""
SIGNS = 25
"""Width of a box's text in Latin letters; a Chinese sign takes about two."""


@dataclass(frozen=True)
class Box:
    node: Node
    x: int
    y: float
    focus: bool
    title: str
    below: str


@dataclass(frozen=True)
class Line:
    path: str
    strong: bool
    said: str


@dataclass(frozen=True)
class Head:
    x: int
    title: Text
    left_out: int


@dataclass(frozen=True)
class Picture:
    heads: list[Head]
    boxes: list[Box]
    lines: list[Line]
    width: int
    height: float
    box: int = BOX
    box_height: int = HEIGHT

    @property
    def cut(self) -> int:
        return sum(head.left_out for head in self.heads)


@dataclass(frozen=True)
class Measure:
    """Width of a box, of the way between columns, and what a box's line holds in Latin letters."""

    box: int = BOX
    lane: int = LANE
    signs: int = SIGNS


SLIM = Measure(172, 40, 21)
"""Four columns beside the side of a desk's page."""


def draw(
    graph: Graph,
    keys: Iterable[str],
    focus: Iterable[str] = (),
    measure: Measure = Measure(),
    titles: Mapping[str, Text] = TITLES,
) -> Picture:
    """The picture of these nodes; those of `focus` are marked."""
    marked = set(focus)
    there = [graph.nodes[key] for key in dict.fromkeys(keys)]
    stages = [stage for stage in COLUMNS if any(node.stage == stage for node in there)]
    places: dict[str, Box] = {}
    heads: list[Head] = []
    tallest = 0.0
    for place, stage in enumerate(stages):
        x = place * (measure.box + measure.lane)
        column = _ordered(graph, [node for node in there if node.stage == stage], places, marked)
        shown = column[:MOST]
        heads.append(Head(x, titles[stage], len(column) - len(shown)))
        y: float = TOP
        for node in shown:
            below = f"{node.of} · {node.said}" if str(node.said) else str(node.of)
            places[node.key] = Box(
                node, x, y, node.key in marked, fit(str(node.title), measure.signs), fit(below, measure.signs)
            )
            y += HEIGHT + GAP
        tallest = max(tallest, y)
    lines = [
        Line(_path(places[a], places[b], measure), a in marked or b in marked, str(graph.how.get((a, b), "")))
        for a, b in sorted(graph.edges(places))
    ]
    width = len(stages) * (measure.box + measure.lane) - measure.lane
    return Picture(heads, list(places.values()), lines, width, tallest, measure.box)


def _ordered(graph: Graph, column: list[Node], placed: dict[str, Box], marked: set[str]) -> list[Node]:
    """By the middle of what leads there, nodes of one owner together; what is asked about first."""

    def middle(node: Node) -> float:
        heights = [placed[key].y for key in graph.back.get(node.key, ()) if key in placed]
        return sum(heights) / len(heights) if heights else 0.0

    owners: dict[str, float] = {}
    for node in column:
        owner = str(node.of)
        owners[owner] = min(owners.get(owner, 1e9), middle(node))
    rank = {node.key: place for place, node in enumerate(column)}
    return sorted(
        column,
        key=lambda n: (
            n.key not in marked and bool(marked) and len(column) > MOST,
            owners[str(n.of)],
            str(n.of),
            middle(n),
            rank[n.key],
        ),
    )


def _path(source: Box, target: Box, measure: Measure) -> str:
    """A line from a box's right to the next one's left; within a column, a bow at the right."""
    y1, y2 = source.y + HEIGHT / 2, target.y + HEIGHT / 2
    x1 = source.x + measure.box
    if source.x == target.x:
        out = x1 + 18
        return f"M{x1} {y1:g}C{out} {y1:g} {out} {y2:g} {x1} {y2:g}"
    x2 = target.x
    bend = x1 + measure.lane / 2
    return f"M{x1} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2} {y2:g}"


def fit(text: str, signs: int = SIGNS) -> str:
    """The text, cut with … where a box would not hold it."""
    room = float(signs)
    for place, sign in enumerate(text):
        room -= 1 if ord(sign) < 0x2E80 else 1.75
        if room < 0:
            return text[:place].rstrip() + "…"
    return text
