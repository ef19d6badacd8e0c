from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import csv

from jingwei.sample import SampleReport, make
from jingwei.sample.tests.reading import read_sheet

RESIDENTS = 20_000


@dataclass(frozen=True)
class Made:
    folder: Path
    report: SampleReport

    def truth(self, name: str) -> pa.Table:
        return csv.read_csv(self.folder / "truth" / f"{name}.csv")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One sample for all tests that only look at it."""
    folder = tmp_path_factory.mktemp("district") / "sample"
    return Made(folder, make(folder, RESIDENTS, seed=7))


@pytest.fixture(scope="session")
def read(sample: Made) -> Callable[[str], list[dict[str, str | None]]]:
    return lambda path: read_sheet(sample.folder / path)
