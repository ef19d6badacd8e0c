"""区民政局: marriages and divorces, a GB18030 TSV; a couple's registration is two rows, one a party."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from jingwei.sample.names import person_names, random_surnames
from jingwei.sample.people import TODAY
from jingwei.sample.strings import dates, fixed, join, numbered, parts, patch, pick
from jingwei.sample.systems.base import (
    BROKEN_DATES,
    BROKEN_NAMES,
    BROKEN_RECORD_NUMBERS,
    PersonRecords,
    Sample,
    Sheet,
    System,
)
from jingwei.sample.writers import delimited


def make(sample: Sample) -> Sheet:
    people = sample.world.people
    draw = sample.rng("civil.who").random(len(people))
    # both parties of a couple or neither: the draw is the lower one's
    couple = np.minimum(
        np.arange(len(people)), np.where(people.spouse >= 0, people.spouse, np.arange(len(people)))
    )
    married = (people.spouse >= 0) & (draw[couple] < 0.72)
    divorced = (people.marital == 40) & (draw < 0.7)
    r = PersonRecords(sample, "civil.marriage", np.flatnonzero(married | divorced), since="1985-01-01")
    keys = r.record_numbers("C")
    who = r.who
    spouse = people.spouse[who]
    left = spouse < 0
    pair = np.where(left, who, couple[who])
    # a wedding at twenty to thirty-five of the younger one, told alike in both rows
    younger = np.maximum(people.birth[pair], people.birth[np.where(left, pair, people.spouse[pair])])
    age = 20.1 + (pair * 7919 % 1000) / 1000 * 13
    wedding = np.minimum(younger + (age * 365.25).astype(np.int64), TODAY - pair * 104_729 % 900)
    year = parts(wedding)[0]
    strangers = person_names(
        3 - people.sex[who][left],
        parts(people.birth[who][left])[0],
        random_surnames(int(left.sum()), r.rng),
        r.rng,
    )
    spouse_name = patch(pick(people.name, spouse), left, strangers)
    columns = {
        "记录编号": keys,
        "登记证字号": join(
            pick(("J990101-", "L990101-"), left.astype(np.int64)), years_as_text(year), numbered("-", pair, 7)
        ),
        "登记类别": pick(("结婚", "离婚"), left.astype(np.int64)),
        "当事人姓名": r.names(),
        "当事人证件号": r.numbers(),
        "当事人性别": r.sexes(),
        "当事人出生日期": r.births("dot"),
        "婚姻状况": pick(("20", "40"), left.astype(np.int64)),
        "对方姓名": spouse_name,
        "对方证件号": pick(fixed(people.number), spouse),
        "登记机关": pick(("云溪区民政局婚姻登记处", "澄州市望湖县民政局"), (pair % 9 == 0).astype(np.int64)),
        "登记日期": dates(wedding, "dot"),
    }
    junk = {"当事人姓名": BROKEN_NAMES, "当事人出生日期": BROKEN_DATES, "记录编号": BROKEN_RECORD_NUMBERS}
    return r.sheet(columns, junk, keys)


def years_as_text(year: np.ndarray) -> pa.Array:
    return pick([str(y) for y in range(1900, 2040)], year - 1900)


def write(sheet: Sheet, path: Path) -> None:
    delimited(sheet.table(), path, "gb18030", delimiter="\t")


MARRIAGE = System("civil.marriage", "population", "civil/marriage.tsv", make, write)
