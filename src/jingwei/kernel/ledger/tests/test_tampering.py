"""Edits at random, by somebody who may write the database and the files but has no key."""

import pytest

from jingwei.testing.tampering import Tampering


@pytest.mark.parametrize("seed", range(6))
def test_every_random_edit_is_found_and_an_untouched_ledger_is_not_flagged(book, seed):
    tampering = Tampering(seed)
    for _ in range(10):
        assert tampering.is_whole()
        with tampering.edit() as what:
            assert tampering.is_found(), what
    assert tampering.is_whole()
