"""The rail when there are many rooms."""

from dataclasses import dataclass

from jingwei.portal.rail import ON_DESK, ON_PHONE, places


@dataclass(frozen=True)
class Somewhere:
    start: str
    icon: str = "home"


ROOMS = [Somewhere(f"room-{number}") for number in range(16)] + [Somewhere("notices", "bell")]


def test_few_rooms_need_no_more():
    assert all(place.desk for place in places(ROOMS[: ON_DESK + 1], "", 0))
    assert all(place.phone for place in places(ROOMS[: ON_PHONE + 1], "", 0))


def test_where_somebody_is_and_what_is_unread_stay_in_sight():
    found = places(ROOMS, "room-15", 3)
    assert [place.room.start for place in found if place.phone] == ["room-0", "room-1", "room-15", "notices"]
    assert sum(place.desk for place in found) == ON_DESK


def test_every_room_is_somewhere_and_in_its_order():
    assert [place.room for place in places(ROOMS, "room-3", 0)] == ROOMS
