"""The picture of a run's balance: a flow from source to what became of every row.

Heights are in proportion to rows, except that a flow thinner than 4 px is drawn at 4 px; the widest
neighbour gives way, and the page says so. Coordinates are those of the SVG's viewBox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jingwei.collection.models import Run
from jingwei.kernel.text import Text

WIDTH, HEIGHT = 916, 148
TOP, FULL = 4, 112
BLOCK, THINNEST, GAP = 10, 4, 12

SOURCE, READ = Text("源端", "source"), Text("读到", "read")
MISSING = Text("没到", "did not arrive")
PARTS = {
    "accepted": (Text("通过", "accepted"), "f-5", "f-2"),
    "repeated": (Text("重复", "repeated"), "f-line", "f-mute"),
    "quarantined": (Text("隔离", "quarantined"), "f-bad", "f-bad-soft"),
    "unchanged": (Text("未变", "unchanged"), "f-4", "f-2"),
    "changed": (Text("变更", "changed"), "f-3", "f-1"),
    "new": (Text("新增", "new"), "f-5", "f-1"),
}
"""What a part is called, the fill of its block and of the flow into it."""


@dataclass(frozen=True)
class Label:
    x: float
    y: float
    words: str
    bad: bool = False
    share: float | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Block:
    x: float
    y: float
    height: float
    fill: str


@dataclass(frozen=True)
class Flow:
    path: str
    fill: str


@dataclass(frozen=True)
class Picture:
    blocks: list[Block]
    flows: list[Flow]
    labels: list[Label]
    thinned: bool

    width: int = WIDTH
    height: int = HEIGHT


def draw(run: Run) -> Picture | None:
    """The picture of a run that read something; None otherwise."""
    if not run.read:
        return None
    lost = max(0, (run.declared or run.read) - run.read)
    columns = [0.0, 220.0, 460.0, 720.0] if lost else [0.0, 0.0, 300.0, 620.0]
    picture = Picture([], [], [], False)
    thin = False
    read = Block(columns[1], TOP, FULL, "f-5")
    if lost:
        source = Block(columns[0], TOP, FULL, "f-5")
        heights, thin = share_out([run.read, lost], FULL)
        read = Block(columns[1], TOP, heights[0], "f-5")
        gone = Block(columns[1], TOP + heights[0] + GAP, heights[1], "f-bad")
        picture.blocks.extend([source, gone])
        picture.flows.append(between(source, TOP, heights[0], read, "f-2"))
        picture.flows.append(between(source, TOP + heights[0], heights[1], gone, "f-bad"))
        picture.labels.append(Label(source.x + 18, TOP + FULL / 2, str(SOURCE)))
        picture.labels.append(Label(gone.x + 18, centre(gone), str(MISSING), bad=True, rows=lost))
    picture.blocks.append(read)
    picture.labels.append(Label(read.x + 18, centre(read), str(READ)))
    first, squeezed = fan(picture, run, read, columns[2], ("accepted", "repeated", "quarantined"))
    thin = thin or squeezed
    if "accepted" in first:
        _, squeezed = fan(picture, run, first["accepted"], columns[3], ("unchanged", "changed", "new"))
        thin = thin or squeezed
    return Picture(picture.blocks, picture.flows, spread(picture.labels), thin)


def fan(
    picture: Picture, run: Run, source: Block, x: float, names: Sequence[str]
) -> tuple[dict[str, Block], bool]:
    """One block becomes several; parts without rows are not drawn."""
    there = [name for name in names if getattr(run, name)]
    whole = sum(getattr(run, name) for name in there)
    heights, thin = share_out([getattr(run, name) for name in there], source.height)
    blocks: dict[str, Block] = {}
    leave, arrive = source.y, source.y
    for name, height in zip(there, heights, strict=True):
        words, fill, flow = PARTS[name]
        block = Block(x, arrive, height, fill)
        blocks[name] = block
        picture.blocks.append(block)
        picture.flows.append(between(source, leave, height, block, flow))
        share = getattr(run, name) / whole
        bad = name == "quarantined"
        picture.labels.append(Label(x + 18, centre(block), str(words), bad=bad, share=share))
        leave += height
        arrive += height + GAP
    return blocks, thin


def share_out(rows: Sequence[int], height: float) -> tuple[list[float], bool]:
    """Heights in proportion, none thinner than THINNEST where there is room; whether any was thickened."""
    whole = sum(rows)
    if not whole:
        return [], False
    heights = [height * one / whole for one in rows]
    floor = min(THINNEST, height / len(rows))
    lifted = [max(one, floor) for one in heights]
    widest = lifted.index(max(lifted))
    lifted[widest] -= sum(lifted) - height
    return lifted, any(one < floor for one in heights)


def between(source: Block, leave: float, height: float, target: Block, fill: str) -> Flow:
    a, b = source.x + BLOCK, target.x
    middle = (a + b) / 2
    top = f"M{a:g} {leave:.1f}C{middle:g} {leave:.1f} {middle:g} {target.y:.1f} {b:g} {target.y:.1f}"
    low, end = target.y + target.height, leave + height
    back = f"V{low:.1f}C{middle:g} {low:.1f} {middle:g} {end:.1f} {a:g} {end:.1f}Z"
    return Flow(top + back, fill)


def centre(block: Block) -> float:
    return block.y + block.height / 2 + 4


def spread(labels: list[Label]) -> list[Label]:
    """Pushes labels of one column apart, so that no two lines of words lie on each other."""
    out: list[Label] = []
    for one in sorted(labels, key=lambda label: label.y):
        above = [other.y for other in out if other.x == one.x]
        y = max([one.y, *(other + 15 for other in above)])
        out.append(Label(one.x, min(y, HEIGHT - 2), one.words, one.bad, one.share, one.rows))
    return out
