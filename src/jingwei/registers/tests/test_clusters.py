from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jingwei.registers.clusters import Edge, Groups, group

SEVERAL = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 20)).filter(lambda e: e[0] != e[1]),
    max_size=30,
)


def edges(pairs: list[tuple[int, int, int]]) -> list[Edge]:
    return [Edge(w, (min(a, b), max(a, b)), a, b) for a, b, w in pairs]


def test_two_identified_entities_never_meet_through_a_third_record():
    groups = Groups()
    groups.settle(1, 100)
    groups.settle(2, 200)
    group(groups, edges([(1, 3, 9), (2, 3, 8)]))
    assert groups.find(1) == groups.find(3) != groups.find(2)


def test_an_undecided_record_does_not_slip_into_an_entity():
    groups = Groups(undecided={3})
    groups.settle(1, 100)
    group(groups, edges([(1, 3, 9)]))
    assert groups.find(1) != groups.find(3)


def test_a_record_does_not_return_to_the_entity_whose_number_it_carried_wrongly():
    groups = Groups(barred={3: frozenset({100})})
    groups.settle(1, 100)
    group(groups, edges([(3, 4, 9), (1, 4, 8)]))
    assert groups.find(3) == groups.find(4) != groups.find(1)


def test_a_source_that_lists_everybody_once_gives_one_row_to_a_group():
    groups = Groups(distinct_source={1: 0, 2: 0, 3: 1})
    group(groups, edges([(1, 3, 9), (2, 3, 8)]))
    assert groups.find(1) == groups.find(3) != groups.find(2)


def test_a_source_that_lists_everybody_once_gives_one_row_to_an_entity():
    groups = Groups(distinct_source={1: 0, 2: 0}, taken={200: {0}})
    assert groups.settle(1, 100)
    assert not groups.settle(2, 100)
    assert not groups.settle(2, 200)


@given(SEVERAL, st.permutations(range(10)), st.randoms(use_true_random=False))
def test_order_decides_nothing_and_no_group_holds_two_entities(pairs, identified, order):
    pairs = list({(min(a, b), max(a, b)): (a, b, w) for a, b, w in pairs}.values())
    entity = {node: 100 + node for node in identified[:4]}

    def grouped(listed: list[tuple[int, int, int]]) -> set[frozenset[int]]:
        groups = Groups(distinct_source={8: 0, 9: 0})
        for node, number in entity.items():
            groups.settle(node, number)
        group(groups, edges(listed))
        found: dict[int, set[int]] = {}
        for node in range(10):
            found.setdefault(groups.find(node), set()).add(node)
        return {frozenset(members) for members in found.values()}

    shuffled = order.sample(pairs, len(pairs))
    result = grouped(pairs)
    assert result == grouped(shuffled)
    assert all(len(members & entity.keys()) <= 1 for members in result)
    assert all(not {8, 9} <= members for members in result)
