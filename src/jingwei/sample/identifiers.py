"""Identity numbers and credit codes that are valid in every digit and belong to nobody.

The division part begins with 99, which GB/T 2260 gives to no province, so that no real person's
number and no real company's code can appear (9901xx for both).
"""

from __future__ import annotations

import numpy as np

from jingwei.sample.strings import digits, parts

LOCAL_DIVISION = 990101
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)

CREDIT_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
_ORGANIZATION_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_CREDIT_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])


def identity_numbers(
    division: np.ndarray, birth: np.ndarray, sex: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Identity numbers after GB 11643 as an (n, 18) matrix of ASCII, all different.

    `birth` in days, `sex` 1 male or 2 female: the 17th digit is odd for men. Persons of the same
    division, birthday and sex are counted, from a random start, through the 500 numbers there are.
    """
    group = (division.astype(np.int64) * 100_000 + birth) * 2 + (sex - 1)
    order = np.argsort(group, kind="stable")
    sorted_group = group[order]
    starts = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]])
    sizes = np.diff(np.r_[starts, len(group)])
    if sizes.max(initial=0) > 500:
        raise ValueError("more than 500 persons of one division, birthday and sex")
    place = (
        np.arange(len(group)) - np.repeat(starts, sizes) + np.repeat(rng.integers(0, 500, len(starts)), sizes)
    )
    sequence = np.empty(len(group), dtype=np.int64)
    sequence[order] = (place % 500) * 2
    sequence += sex == 1
    year, month, day = parts(birth)
    matrix = np.empty((len(group), 18), dtype=np.uint8)
    matrix[:, :6] = digits(division, 6)
    matrix[:, 6:14] = digits(year * 10_000 + month * 100 + day, 8)
    matrix[:, 14:17] = digits(sequence, 3)
    matrix[:, 17] = _CHECK[((matrix[:, :17] - np.uint8(48)).astype(np.int32) @ _WEIGHTS) % 11]
    return matrix


def credit_codes(kind: np.ndarray, division: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Unified social credit codes after GB 32100 as an (n, 18) matrix of ASCII.

    `kind` is the second character's digit (1 enterprise, 2 individually owned, 3 cooperative),
    `count` a number below 31**6 that no other company has; the ninth character of the
    organization part follows GB 11714.
    """
    rows = len(count)
    matrix = np.empty((rows, 18), dtype=np.uint8)
    matrix[:, 0] = ord("9")
    matrix[:, 1] = kind + 48
    matrix[:, 2:8] = digits(division, 6)
    matrix[:, 8], matrix[:, 9] = ord("M"), ord("A")
    rest = count.astype(np.int64).copy()
    for column in range(15, 9, -1):
        matrix[:, column] = CREDIT_ALPHABET[rest % 31]
        rest //= 31
    # GB 11714 counts letters A=10 … Z=35, GB 32100 by their place in its own alphabet of 31
    plain = np.zeros(128, dtype=np.int32)
    plain[48:58] = np.arange(10)
    plain[65:91] = np.arange(10, 36)
    check = 11 - (plain[matrix[:, 8:16]] @ _ORGANIZATION_WEIGHTS) % 11
    matrix[:, 16] = np.frombuffer(b"?123456789X0", dtype=np.uint8)[check]
    place = np.zeros(128, dtype=np.int32)
    place[CREDIT_ALPHABET] = np.arange(31)
    matrix[:, 17] = CREDIT_ALPHABET[(31 - (place[matrix[:, :17]] @ _CREDIT_WEIGHTS) % 31) % 31]
    return matrix
