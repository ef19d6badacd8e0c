from hashlib import sha256

import pytest

from jingwei.kernel.ledger import tree


def by_definition(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return sha256(b"\x01" + by_definition(hashes[:half]) + by_definition(hashes[half:])).digest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 33])
def test_the_root_is_that_of_the_rfc_and_every_leaf_has_a_path_to_it(count):
    hashes = [tree.leaf_hash(b"%d" % n) for n in range(count)]
    root = tree.root(hashes)
    assert root == by_definition(hashes)
    for index, leaf in enumerate(hashes):
        path = tree.path(hashes, index)
        assert tree.root_from(path, leaf, index, count) == root
        assert tree.root_from(path, tree.leaf_hash(b"other"), index, count) != root
        assert tree.root_from([*path, leaf], leaf, index, count) is None


def test_a_node_does_not_pass_for_a_leaf():
    left, right = tree.leaf_hash(b"a"), tree.leaf_hash(b"b")
    assert tree.leaf_hash(left + right) != tree.root([left, right])
