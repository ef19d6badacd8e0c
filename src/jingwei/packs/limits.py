"""What this house does not keep of people, held where declarations are read and where tables come in.

Ethnicity, religion and belief; lists of persons to be kept stable or watched; a person's movements;
inferred friendships; scores of a person. Such things cannot be declared in any pack, and a source's
column of that name is left out at the door, before raw. Residence and household are not meant: they
serve entitlements.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from jingwei.kernel.text import Text
from jingwei.packs.declarations import Fault
from jingwei.packs.sections import Declared

_CHINESE = re.compile(
    "民族(?!乡|路|街|中学|小学|大学|学院|村|镇|县|工艺)|族别|族裔|种族|宗教|信仰|信教"
    "|维稳|稳控|重点人员|重点人口|管控人员|布控|涉访人员|上访人员"
    "|(?:人员|居民|个人|人车|行动|活动|手机)轨迹|行踪|社交关系|交往人员|密切关系人"
    "|(?:个人|居民|公民|人员|市民)(?:社会)?(?:信用)?(?:评分|积分|得分|信用分|风险等级)"
)
_ENGLISH = re.compile(
    r"(?:^|[^a-z])(?:ethnic(?:ity| group)?|ethnic_group|nationality_group|race|religion|religious|faith|belief"
    r"|watch[ _-]?list|petitioner|trajectory|whereabouts|friendships?|social[ _]?ties"
    r"|(?:person|resident|citizen|personal)(?:al)?[ _](?:score|rating|risk))(?:$|[^a-z])",
    re.IGNORECASE,
)
REFUSED = Text(
    "“{name}”不收：民族、宗教信仰、布控名单、行踪、社交关系和对人的评分，本系统一律不设",
    "“{name}” is not kept here: no ethnicity, religion, watch list, movements, friendships or score of a person",
)
CODE = "not-kept-here"


def refused(name: str) -> bool:
    """Whether a name (of a column, field, element) stands for something the house does not keep."""
    return bool(_CHINESE.search(name) or _ENGLISH.search(name.replace("-", "_")))


def faults(declared: Declared, names: Iterable[tuple[tuple[Any, ...], str]]) -> Iterator[Fault]:
    """A fault for each place whose name is refused; one a place is enough."""
    told = set()
    for at, name in names:
        if at not in told and refused(name):
            told.add(at)
            yield declared.fault(at, REFUSED.fill(name=name), CODE)
