"""Public names of quality: what a run leaves behind, what pages read, judging a table as it stands.

note(run, contract)          after a run: Score rows and, where enough changed, a Profile
score_now(resource)          0 to 1, None where never scored
scores(resource)             Scorecard: dimensions, fields, promptness, all as of now
history(resource, days)      a Point for each day
departments()                Department: score, resources worst first, change over thirty days
profile(resource)            TableProfile: fields, and what has shifted
"""

from __future__ import annotations

from jingwei.catalog.contracts import Contract
from jingwei.collection.models import Run
from jingwei.collection.quality import profile as profiling
from jingwei.collection.quality import scores as scoring
from jingwei.collection.quality.profiles import (
    SMALL,
    Bar,
    FieldProfile,
    Share,
    Shift,
    TableProfile,
    profile,
)
from jingwei.collection.quality.scorecard import (
    Department,
    DimensionScore,
    FieldScore,
    Mark,
    Point,
    Promptness,
    Scorecard,
    departments,
    history,
    score_now,
    span,
)
from jingwei.collection.quality.scorecard import scorecard as scores

__all__ = [
    "SMALL",
    "Bar",
    "Department",
    "DimensionScore",
    "FieldProfile",
    "FieldScore",
    "Mark",
    "Point",
    "Promptness",
    "Scorecard",
    "Share",
    "Shift",
    "TableProfile",
    "departments",
    "history",
    "note",
    "profile",
    "score_now",
    "scores",
    "span",
]


def note(run: Run, contract: Contract) -> None:
    """Scores and profile of a run that was done; a run that was held or failed changed nothing to score."""
    if run.state != Run.DONE:
        return
    scoring.note(run, contract)
    profiling.note(run, contract)
