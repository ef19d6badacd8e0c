"""The rail of rooms when there are many: which stand in it, and which wait behind “more”.

On a desk the rail holds ten without scrolling at 768 pixels; a telephone's lower edge holds four. The rooms
keep their order; the one somebody is in and the one with unread notices are always in sight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

ON_DESK = 11
ON_PHONE = 4


class Room(Protocol):
    @property
    def start(self) -> str: ...
    @property
    def icon(self) -> str: ...


R = TypeVar("R", bound=Room)


@dataclass(frozen=True)
class Place(Generic[R]):
    """A room with where it can be seen: `phone` in the lower bar, `desk` in the rail."""

    room: R
    phone: bool
    desk: bool


def places(rooms: Sequence[R], here: str, unread: int) -> list[Place[R]]:
    needed = [room for room in rooms if room.start == here or (unread and room.icon == "bell")]
    on_phone = _chosen(rooms, needed, ON_PHONE)
    on_desk = _chosen(rooms, needed, ON_DESK)
    return [Place(room, room in on_phone, room in on_desk) for room in rooms]


def _chosen(rooms: Sequence[R], needed: Sequence[R], most: int) -> list[R]:
    """The first rooms and the needed ones; one more than fits needs no “more”."""
    if len(rooms) <= most + 1:
        return list(rooms)
    first = [room for room in rooms if room not in needed]
    return [*needed, *first[: most - len(needed)]]
