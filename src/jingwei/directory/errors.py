"""What can go wrong when somebody looks into the catalog."""

from __future__ import annotations

from jingwei.kernel.errors import BadInput
from jingwei.kernel.text import Text


class NoSuchNode(BadInput):
    code = "no-such-node"
    what = Text("来龙去脉里没有 {node}。", "The lineage knows no {node}.")
    do = Text("从资源页点“来龙去脉”进来。", "Come here by Lineage on the page of a resource.")
