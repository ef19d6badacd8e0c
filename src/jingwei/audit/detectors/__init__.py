"""The detectors of unusual use; a new one is added here, and its rule shows on the page by itself."""

from __future__ import annotations

from jingwei.audit.detectors.amount import FarMore
from jingwei.audit.detectors.base import Detector
from jingwei.audit.detectors.cases import WithoutCase
from jingwei.audit.detectors.circle import Namesakes, Neighbours, OwnRecord
from jingwei.audit.detectors.hours import OutOfHours

DETECTORS: dict[str, Detector] = {
    one.name: one for one in (OutOfHours(), FarMore(), OwnRecord(), Namesakes(), Neighbours(), WithoutCase())
}
