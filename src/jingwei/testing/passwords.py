"""The hasher of passwords in tests: the same algorithm and the same code, as cheap as it can be.

A sign-in that costs a guesser a fifth of a second and 100 MB costs every test as much. Commands that a
test starts as processes of their own keep the real one.
"""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1
