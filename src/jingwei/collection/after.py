"""What follows a run that ended: work orders, scores and profile, notices.

Each is told by itself and can be told again; whatever goes wrong there is on the log and changes nothing
about the run, whose rows are published already.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Run

Follower = Callable[[Run, Contract], None]
log = logging.getLogger(__name__)
_followers: list[Follower] = []


def follows(follower: Follower) -> Follower:
    """Decorator: has `follower` told of every run that ended, in the order of registration."""
    if follower not in _followers:
        _followers.append(follower)
    return follower


def ended(run: Run, contract: Contract) -> None:
    for follower in _followers:
        try:
            follower(run, contract)
        except Exception:
            log.exception("run %s: %s failed", run.id, follower.__module__)
