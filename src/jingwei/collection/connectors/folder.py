"""A folder into which a department drops a file a day: which are ready, in what order, and why not the others.

    folder ─pattern─▶ files ─finished?─▶ in order ─read before?─▶ ready · waiting · repeated · superseded

Everything is worked out from what lies in the folder and from what was `taken` before, in that order;
nothing is kept here. The order is that of the days in the names (then of the names, numbers counted as
numbers). What comes of it is as if every file had been read in that order, whatever the order in which they
arrived: a file of an earlier day that arrives late is read, and so are the later ones again.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path, PurePosixPath

from jingwei.collection.connectors.files import checksum, reading
from jingwei.kernel.text import Text

SETTLE = 5.0
"""Seconds a file must have been left alone before it counts as finished."""
ABANDONED = 86_400.0
"""Seconds after which an unfinished transfer no longer keeps later files waiting."""
HALF = (
    ".tmp",
    ".part",
    ".filepart",
    ".partial",
    ".crdownload",
    ".download",
    ".swp",
    ".writing",
    ".uploading",
)
LEFTOVER = ("~$", ".~lock.", ".", "~")
MARKERS = (".ok", ".done", ".flag", ".fin", ".ready", ".complete")

GROWING = Text("{seconds} 秒前还在写", "was written to {seconds} s ago")
HELD_OPEN = Text("正被另一个程序写入", "another program has it open for writing")
HALF_WRITTEN = Text("还在传送（{name}）", "is being transferred ({name})")
NO_MARKER = Text("还没有完成标记（如 {marker}）", "its marker ({marker}) is not there yet")
EMPTY = Text("还是空的", "is empty so far")
BEHIND = Text("排在 {name} 后面", "comes after {name}")


@dataclass(frozen=True)
class Taken:
    """A file that was read and published: `stamp` tells that it was not touched since."""

    name: str
    sha256: str
    stamp: str = ""


@dataclass(frozen=True)
class Drop:
    """A file to read. `same_day`: others of its day. `changed`: it was read before, with other content.
    `again_after`: it was read before, but a file that belongs before it came only afterwards."""

    path: Path
    name: str
    day: date | None
    sha256: str
    size: int
    stamp: str
    same_day: tuple[str, ...] = ()
    changed: bool = False
    again_after: str = ""


@dataclass(frozen=True)
class Drops:
    """What to make of a folder. `waiting`: left alone, and why. `repeated`: content that was read under
    another name. `superseded`: older tables that came after a later one was read. `others`: files that
    do not fit the pattern."""

    ready: tuple[Drop, ...] = ()
    waiting: tuple[tuple[str, Text], ...] = ()
    repeated: tuple[tuple[str, str], ...] = ()
    superseded: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """Size and times of the files in a folder at one moment, by their path within it."""

    at: float
    files: Mapping[str, os.stat_result]

    def fresh(self, pattern: str, settle: float = SETTLE) -> bool:
        """Whether some file was written to a moment ago."""
        return any(self.at - s.st_mtime < settle for name, s in self.files.items() if _fits(name, pattern))


def look(folder: Path, pattern: str, now: float) -> Look:
    """Every regular file in the folder; in folders within it only if the pattern speaks of them (`*/a.csv`)."""
    with reading(str(folder)):
        return Look(now, dict(_walk(folder, "", pattern.count("/"))))


def _walk(folder: Path, prefix: str, depth: int) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir() and depth:
                    yield from _walk(Path(entry.path), f"{prefix}{entry.name}/", depth - 1)
                elif entry.is_file():
                    yield prefix + entry.name, entry.stat()
            except FileNotFoundError:  # renamed between listing and looking
                continue


def drops(
    folder: Path,
    pattern: str,
    taken: Sequence[Taken],
    now: float,
    *,
    before: Look | None = None,
    settle: float = SETTLE,
    whole: bool = False,
) -> Drops:
    """`taken` in the order of reading; `now` in seconds since 1970. `before` is an earlier look: a file that
    stood the same `settle` seconds ago is finished, whatever its time says. `whole`: each file is the whole
    table, so that an older one is superseded by a later one that was read."""
    seen = look(folder, pattern, now)
    names = [name for name in seen.files if _fits(name, pattern)]
    unfinished = _unfinished(folder, pattern, names, seen, before, settle)
    waiting = {name: why for name, (why, _) in unfinished.items()}
    known = {one.name: one for one in taken}
    queue = _Queue(taken, whole)
    ready: list[Drop] = []
    stopped = ""
    for name in sorted({*names, *unfinished}, key=order):
        if name in unfinished:
            stopped = stopped or (name if unfinished[name][1] else "")
            continue
        stat, earlier = seen.files[name], known.get(name)
        stamp = stamp_of(stat)
        try:
            untouched = earlier is not None and earlier.stamp == stamp
            sha256 = earlier.sha256 if earlier and untouched else _checksum(folder / name, stamp)
        except FileNotFoundError:
            continue
        except OSError:  # whoever reads it says why it cannot be read
            sha256 = ""
        after = queue.place(name, sha256)
        if after is None:
            continue
        if stopped:
            waiting[name] = BEHIND.fill(name=stopped)
            continue
        day = day_of(name)
        same_day = tuple(other for other in names if day and other != name and day_of(other) == day)
        changed = earlier is not None and not after
        ready.append(Drop(folder / name, name, day, sha256, stat.st_size, stamp, same_day, changed, after))
    return Drops(
        tuple(ready),
        tuple(sorted(waiting.items(), key=lambda item: order(item[0]))),
        tuple(queue.repeated),
        tuple(queue.superseded),
        tuple(sorted(name for name in seen.files if not _fits(name, pattern) and not _beside(name))),
    )


class _Queue:
    """Tells, file by file in the right order, whether it must be read for the outcome to be as if all had
    been read in that order."""

    def __init__(self, taken: Sequence[Taken], whole: bool) -> None:
        self._twins = {one.sha256: one.name for one in taken}
        self._at = {one.name: (place, one.sha256) for place, one in enumerate(taken)}
        self._end = len(taken)
        self._newest = max((one.name for one in taken if day_of(one.name)), key=order, default="")
        self._whole = whole
        self._latest = -1
        self._previous = ("", "")
        self.repeated: list[tuple[str, str]] = []
        self.superseded: list[tuple[str, str]] = []

    def place(self, name: str, sha256: str) -> str | None:
        """None: nothing to read. Else the file after which it is read again, or an empty text."""
        day = day_of(name)
        at, before = self._at.get(name, (-1, ""))
        if at >= 0 and before == sha256:
            again = bool(day) and at < self._latest and not self._whole
            after = self._previous[0] if again else None
        elif at < 0 and (twin := self._twin(name, sha256)):
            self.repeated.append((name, twin))
            return None
        elif day and self._whole and order(name) < order(self._newest or name):
            self.superseded.append((name, self._newest))
            return None
        else:
            after = ""
        if after is not None:
            at, self._end = self._end, self._end + 1
        if day:
            self._latest, self._previous = max(self._latest, at), (name, sha256)
        self._twins.setdefault(sha256, name)
        return after

    def _twin(self, name: str, sha256: str) -> str:
        """The file that said the same. On a later day, with another one in between, the same content is news:
        the source went back to it."""
        twin = self._twins.get(sha256, "")
        day = day_of(name)
        if day and sha256 == self._previous[1]:
            return self._previous[0]
        return "" if twin == name or (day and day_of(twin) != day) else twin


def _cut(name: str) -> tuple[str, str]:
    """A path in the folder without its last suffix, and that suffix."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix), suffix


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(_plain(name), _plain(pattern)) and not _beside(name)


def _beside(name: str) -> bool:
    """Whether a file is no delivery itself: a marker, the beginning of a transfer, an editor's leftover."""
    return name.rsplit("/", 1)[-1].startswith(LEFTOVER) or name.lower().endswith((*HALF, *MARKERS))


def _unfinished(
    folder: Path, pattern: str, names: Sequence[str], seen: Look, before: Look | None, settle: float
) -> dict[str, tuple[Text, bool]]:
    """Files that are not there or not whole yet: why, and whether later ones wait for them."""
    found: dict[str, tuple[Text, bool]] = {}
    for name, stat in seen.files.items():
        final, suffix = _cut(name)
        if suffix.lower() in HALF and _fits(final, pattern) and final not in seen.files:
            found[final] = HALF_WRITTEN.fill(name=name), seen.at - stat.st_mtime < ABANDONED
    marked = markers(seen.files, names)
    for name in names:
        stat = seen.files[name]
        age = seen.at - stat.st_mtime
        then = before.files.get(name) if before and seen.at - before.at >= settle else None
        still = then is not None and stamp_of(then) == stamp_of(stat)
        if marked is not None and name not in marked:
            found[name] = NO_MARKER.fill(marker=_marker_like(seen.files, name)), age < ABANDONED
        elif age < settle and not still:
            found[name] = GROWING.fill(seconds=max(0, round(age))), True
        elif stat.st_size == 0:
            found[name] = EMPTY, age < ABANDONED
    for name in open_for_writing(folder, [name for name in names if name not in found]):
        found[name] = HELD_OPEN, True
    return found


def markers(files: Iterable[str], names: Iterable[str]) -> set[str] | None:
    """The files with a marker beside them (`a.csv.ok`, `a.ok`, or `20260102.ok` for all of a day); None if
    the folder has no such habit."""
    stems = {_cut(name)[0] for name in files if name.lower().endswith(MARKERS)}
    days = {day_of(stem) for stem in stems if not re.search(r"[^\d._\-年月日]", stem)} - {None}
    marked = {name for name in names if {name, _cut(name)[0]} & stems or (days and day_of(name) in days)}
    return marked or None


def _marker_like(files: Iterable[str], name: str) -> str:
    """What the marker of `name` would be called, going by those there are."""
    present = set(files)
    example = next(file for file in sorted(present) if file.lower().endswith(MARKERS))
    stem, suffix = _cut(example)
    return (name if stem in present else _cut(name)[0]) + suffix


_DAY = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:"
    r"(?P<m1>0[1-9]|1[0-2])(?:(?P<d1>0[1-9]|[12]\d|3[01])(?:\d{4}|\d{6})?)?(?!\d)"
    r"|(?P<sign>[-_.])(?P<m2>1[0-2]|0?[1-9])(?:(?P=sign)(?P<d2>3[01]|[12]\d|0?[1-9]))?(?!\d)"
    r"|年(?P<m3>1[0-2]|0?[1-9])月(?:(?P<d3>3[01]|[12]\d|0?[1-9])日?)?)"
)


def day_of(name: str) -> date | None:
    """The day a file's name speaks of: `20260102`, `2026-1-2`, `2026年1月2日`, the first of `202601`; of
    several the last, for a span belongs to its end."""
    for found in reversed(list(_DAY.finditer(name))):
        month, day = (found[f"{kind}1"] or found[f"{kind}2"] or found[f"{kind}3"] for kind in "md")
        try:
            return date(int(found["year"]), int(month), int(day or 1))
        except ValueError:  # the 31st of a short month
            continue
    return None


def order(name: str) -> tuple[date, tuple[tuple[int, int, str], ...], str]:
    """Key of the order in which files are read: those without a day first, then by day, then by name, with
    numbers counted as numbers (`_2` before `_10`)."""
    stem, suffix = _cut(name.casefold())
    pieces = [piece for piece in re.split(r"(\d+)", stem) if piece]
    natural = tuple((1, int(piece), "") if piece.isdecimal() else (2, 0, piece) for piece in pieces)
    return day_of(name) or date.min, natural, suffix + name


def stamp_of(stat: os.stat_result) -> str:
    """Changes whenever the file is written or replaced."""
    return f"{stat.st_size}-{stat.st_mtime_ns}-{stat.st_ctime_ns}"


@lru_cache(maxsize=10_000)
def _checksum(path: Path, _stamp: str) -> str:
    """Worked out once for each state of a file: a plan looks into the folder every minute."""
    return checksum(path)


def open_for_writing(folder: Path, names: Sequence[str]) -> list[str]:
    """Those of the files that a process of this machine, as far as it can be seen, has open for writing."""
    wanted = {str((folder / name).resolve()): name for name in names}
    processes = Path("/proc")
    held: set[str] = set()
    for process in processes.iterdir() if wanted and processes.is_dir() else ():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        try:
            for descriptor in os.scandir(process / "fd"):
                name = wanted.get(str(Path(descriptor.path).readlink()))
                if name and _writes((process / "fdinfo" / descriptor.name).read_text()):
                    held.add(name)
        except OSError:  # another account's process, or one that has just ended
            continue
    return sorted(held)


def _writes(fdinfo: str) -> bool:
    flags = re.search(r"^flags:\s*([0-7]+)", fdinfo, re.MULTILINE)
    return bool(flags and int(flags[1], 8) & os.O_ACCMODE)
