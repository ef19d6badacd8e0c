"""Which data element a column's values are, found by trying them.

Every installed element judges the column's values with its own checks. What an element accepts says
little if it accepts nearly anything (a name of two hanzi), so each is also tried on a bank of decoys:
those that let few through are believed on content alone, the others need more, a surname in front, a
road and a number, or at last the header. A header alone makes nothing an identity number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jingwei.catalog.codes import CodeList
from jingwei.catalog.elements import Element
from jingwei.catalog.sql import text_list
from jingwei.catalog.values import Column, Standardizer, standardize_sql
from jingwei.collection.connectors.signs import NUMBER, looks
from jingwei.collection.understanding.names import simplified
from jingwei.collection.understanding.said import Said
from jingwei.collection.understanding.sampling import Sample
from jingwei.kernel.text import Text
from jingwei.packs.service import installed

TRIED = 2_000
"""Different values of a column that are tried on each element."""

PLAIN = ("plain_text", "integer", "decimal", "money", "date", "timestamp", "year_month", "yes_no")
"""Elements that are chosen by the looks of the values, not by being tried alone."""

DECOYS = (
    "六联社区", "城市建设", "待处理", "办结", "公园", "第一小学", "三年级", "东部", "其他", "一般", "正常", "优秀", "咨询", "坪山街道",
    "12", "7", "2019", "44031", "100000", "22470", "510682", "987654", "1234567", "20190230", "880123456", "13", "1.5", "0.37",
    "100200300", "4403000012", "35000000001", "440301199013011234", "110105200013454321", "123456789012345678", "987654321098765",
    "A01", "B-203", "GD20190001", "ZX-88", "ok", "Shenzhen", "north", "active", "pending", "x", "2019-13-40", "12:30", "3栋", "二楼",
    "http://a.cn", "a@b.cn", "①", "说明见附件", "由街道办处理后答复市民", "A市A3区大道西行便道未管所路口",
)  # fmt: skip
"""Values of many kinds that no specific element should take for its own."""

SURE = 0.06
"""Part of the decoys an element may let through and still be believed on content alone."""

FEW = 20
"""Fewer different values than these say little: one that is refused may stand in a third of the rows."""

HINTS: Mapping[str, str] = {
    "resident_id": "身份证|公民身份|证件号|id_?(?:card|number|no)",
    "credit_code": "信用代码|credit",
    "mobile_phone": "手机|移动电话|联系电话|电话|联系方式|phone|mobile|tel",
    "landline": "固定电话|座机|电话|传真|phone|tel",
    "person_name": "姓名|名字|户主|联系人|负责人|法定代表人|法人代表|经办人|申请人|经营者|监护人|配偶|当事人|权利人|医生|网格员",
    "organization_name": "单位|企业名|公司|机构名|机关|部门|学校|医院|纳税人名|主体名|名称|company|organi[sz]ation|employer",
    "address": "地址|住址|住所|坐落|地点|位置|场所|address",
    "division": "区划|行政区|地区代码|区县代码|街道编码|社区编码|division",
    "sex": "性别|sex|gender",
    "marital_status": "婚姻|marital",
    "education": "学历|文化程度|education",
    "yes_no": "^是|^有|是否|有无|^is_|^has_|标志|flag",
    "date": "日期|时间|年月日|date|day|time",
    "timestamp": "时间|日期|time|date|_at$",
    "year_month": "年月|月份|期间|month|period",
    "money": "金额|费|价|工资|收入|支出|补贴|津贴|资本|资金|amount|price|fee",
    "id": "编号|编码|代码|号码|序列号|单号|证号|账号|卡号|学号|工号|户号|标识|^id$|_?id$|code$|number$|_no$|^no$|key$|号$",
}
"""What headers say, as patterns; they break ties, and support what content alone leaves open."""

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓韩冯曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹"
    "薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成"
    "苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商"
    "刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿国狄平计索宣晋"
    "相初门云容敬来扈晁都芮普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
    "劉陳楊黃趙吳孫馬鄭謝許鄧馮蕭葉蘇魏呂盧鐘譚陸賈韋鄒"
)
_ORGANIZATION = re.compile(
    r"(?:公司|集团|厂|店|铺|行|社|部|局|委员会|委|办公室|办|中心|所|院|校|学|园|会|处|站|室|馆|队|场|坊|超市|药房|餐厅|酒店|工作室|合作社|事务所|街道|政府|支队|大队)(?:[(（].*[)）])?$"
)
_ADDRESS = re.compile(r"省|市|区|县|镇|乡|村|街|路|道|巷|弄|号|栋|幢|楼|单元|室|社区|小区|花园|大厦|广场")


@dataclass(frozen=True)
class Meaning:
    """A column's element: `accepted` of `tried` different values pass its checks."""

    element: str
    said: Said
    tried: int = 0
    accepted: int = 0


@lru_cache(maxsize=64)
def _hint(element: str) -> re.Pattern[str]:
    return re.compile(HINTS[element], re.IGNORECASE)


def hinted(element: str, header: str) -> bool:
    """Whether the header speaks for the element."""
    header = simplified(unicodedata.normalize("NFKC", header))
    if element in HINTS:
        return bool(_hint(element).search(header))
    found = installed().section("elements").get(element)
    return found is not None and (found.title.zh in header or found.title.en.casefold() in header.casefold())


def standardizers() -> dict[str, Standardizer]:
    catalogue = installed()
    codes: Mapping[str, CodeList] = catalogue.section("codes")
    elements: Mapping[str, Element] = catalogue.section("elements")
    return {
        name: Standardizer(one, codes.get(one.codes) if one.codes else None) for name, one in elements.items()
    }


class Judge:
    """Judges the columns of one table; asks each element once about the decoys."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._known = standardizers()
        self._lenient = {
            name: self._accepted(name, DECOYS) / len(DECOYS) for name in self._known if name not in PLAIN
        }

    def _accepted(self, element: str, values: Sequence[str]) -> int:
        """How many of the values pass the element's checks."""
        return self._counted(element, values)[0]

    def _counted(self, element: str, values: Sequence[str]) -> tuple[int, int]:
        """How many pass, and how many different ones they become."""
        if not values:
            return 0, 0
        column = Column("value", self._known[element], "given")
        given = f"(SELECT unnest({text_list(list(values))}) AS given)"
        rows = standardize_sql(given, [column])
        query = f"SELECT count(value), count(DISTINCT value) FROM ({rows})"
        accepted, different = self._sample.con.execute(query).fetchall()[0]
        return int(accepted), int(different)

    def meaning(self, header: str, unit: str | None, values: Sequence[str]) -> Meaning:
        """The element of a column with these different values (the frequent first)."""
        if not values:
            return Meaning("plain_text", Said(0.2, Text("一个值也没有", "has no values at all")))
        tried = list(values[:TRIED])
        found = [one for name in self._lenient if (one := self._special(name, header, tried))]
        if found:
            return max(found, key=lambda one: (one.said.confidence, -self._lenient[one.element]))
        return self._by_looks(header, unit, tried)

    def _special(self, name: str, header: str, values: list[str]) -> Meaning | None:
        probe = values[:200]
        named = hinted(name, header)
        dialled = sum(_digits(value) >= 7 for value in probe)
        if name in ("mobile_phone", "landline") and dialled * 10 < len(probe) * 7:
            return None
        if name == "division" and not all(re.fullmatch(r"\d{6}|\d{9}|\d{12}", value) for value in probe):
            return None
        if name in _PLAUSIBLE and sum(map(bool, map(_PLAUSIBLE[name].search, probe))) * 10 < len(probe) * 3:
            return None
        accepted = self._accepted(name, probe)
        if accepted * 2 < len(probe) and not (named and accepted):
            return None
        if len(values) > len(probe):
            probe = values
        accepted, different = self._counted(name, probe)
        if self._known[name].codes is None and different * 10 < accepted * 9:
            return None  # it would make one of several: a street's code cut to its district's
        fit = accepted / len(probe)
        confidence = self._believed(name, fit, named, probe)
        if confidence is None:
            return None
        said = Text(
            "{accepted}/{tried} 个不同的值合 {element}{header}",
            "{accepted} of {tried} different values pass {element}{header}",
        ).fill(
            accepted=accepted,
            tried=len(probe),
            element=name,
            header=Text("，表头也这么说", "; so says the header") if named else Text("", ""),
        )
        return Meaning(name, Said(confidence, said), len(probe), accepted)

    def _believed(self, name: str, fit: float, named: bool, values: Sequence[str]) -> float | None:
        """How sure the element is, None where it is not to be proposed."""
        if self._known[name].codes is not None:
            # codes of digits (1, 2) are every list's; words are one list's own
            worded = sum(any(sign.isalpha() for sign in value) for value in values) * 10 >= len(values) * 6
            good = fit >= 0.8 and (named or (worded and len(values) > 1))
            return min(0.99, fit * (1.0 if named else 0.9)) if good else None
        if name == "person_name":
            share = sum(value[0] in _SURNAMES for value in values) / len(values)
            short = sum(2 <= len(value) <= 4 for value in values) / len(values)
            if fit >= 0.9 and share >= 0.9 and short >= 0.9 and (named or len(values) >= 20):
                return 0.97 if named else 0.85
            return 0.8 * fit if named and fit >= 0.6 and share >= 0.5 else None
        if name == "organization_name":
            share = sum(bool(_ORGANIZATION.search(value)) for value in values) / len(values)
            long = sum(len(value) > 4 for value in values) / len(values)
            if fit >= 0.8 and share >= 0.7 and long >= 0.8 and (named or share >= 0.9):
                return 0.95 * fit if named else 0.75 * fit
            return None
        if name == "address":
            share = sum(len(_ADDRESS.findall(value)) >= 3 for value in values) / len(values)
            numbered = sum(any(sign.isdigit() for sign in value) for value in values) / len(values)
            brief = sum(len(value) <= 60 for value in values) / len(values)
            if fit >= 0.7 and brief >= 0.9 and share >= 0.6 and (named or numbered >= 0.6):
                return 0.95 * fit if named else 0.8 * fit
            return None
        if name == "division":
            return 0.95 * fit if fit >= 0.9 and (named or len(values) >= 30) else None
        if name == "landline" and not named:
            # seven or eight digits may be a number of people as well
            written = sum(value.startswith(("0", "(0", "+")) or "-" in value for value in values)
            return 0.8 * fit if fit >= 0.8 and written * 10 >= len(values) * 8 else None
        if self._lenient[name] <= SURE:
            least = 0.3 if named else 0.8 if len(values) < FEW else 0.6
            return min(0.99, fit + (0.1 if named else 0.0)) if fit >= least else None
        return 0.9 * fit if named and fit >= 0.8 else None

    def _by_looks(self, header: str, unit: str | None, values: list[str]) -> Meaning:
        """Dates, numbers, yes and no, or plain text."""
        for name, kinds in (("timestamp", _TIMED), ("date", _DATED), ("year_month", _MONTH)):
            shaped = sum(bool(kinds.fullmatch(unicodedata.normalize("NFKC", value))) for value in values)
            named = hinted(name, header)
            if shaped * 10 >= len(values) * (5 if named else 8) and name in self._known:
                accepted = self._accepted(name, values)
                if accepted * 2 >= len(values):
                    return self._told(name, header, accepted, len(values), named)
        if hinted("date", header) and all(re.fullmatch(r"[2-6]\d{4}(?:\.\d+)?", v) for v in values):
            accepted = self._accepted("date", values)
            return self._told("date", header, accepted, len(values), True)
        worded = not all(value.isdigit() for value in values)
        if len(values) <= 4 and (worded or hinted("yes_no", header)):
            accepted = self._accepted("yes_no", values)
            if accepted == len(values):
                return self._told("yes_no", header, accepted, len(values), hinted("yes_no", header))
        return self._number(header, unit, values) or Meaning(
            "plain_text",
            Said(0.6, Text("不像任何一种数据元", "is none of the known elements")),
            len(values),
            len(values),
        )

    def _number(self, header: str, unit: str | None, values: list[str]) -> Meaning | None:
        numbers = [value for value in values if looks(value) == NUMBER]
        if len(numbers) * 10 < len(values) * 8:
            return None
        whole = [value for value in numbers if value.isdigit()]
        coded = any(len(value) > 15 or (value[0] == "0" and len(value) > 1) for value in whole)
        if coded or (hinted("id", header) and all(value.isdigit() for value in numbers)):
            said = Text("都是数字，但是编号，按文字收", "digits only, but a number people give: kept as text")
            return Meaning("plain_text", Said(0.85, said), len(values), len(values))
        if all(re.fullmatch(r"[-+]?[\d,]+(?:\.0+)?", value) for value in numbers):
            accepted = self._accepted("integer", values)
            if accepted * 10 >= len(values) * 8:
                return self._told("integer", header, accepted, len(values), False)
        yuan = unit == "元" or (unit is None and hinted("money", header))
        name = (
            "money" if yuan and "money" in self._known and not any("%" in v for v in numbers) else "decimal"
        )
        accepted = self._accepted(name, values)
        made = self._told(name, header, accepted, len(values), name == "money")
        scale = self._known[name].element.scale
        longer = sum(1 for value in numbers if len(value.partition(".")[2].rstrip("%0")) > scale)
        if longer:
            more = Text(
                "{said}；{n} 个值的小数多于 {scale} 位，会四舍五入",
                "{said}; {n} values have more than {scale} decimals and are rounded",
            ).fill(said=made.said.evidence, n=longer, scale=scale)
            return Meaning(name, Said(made.said.confidence, more), len(values), accepted)
        return made if accepted * 10 >= len(values) * 7 else None

    def _told(self, name: str, header: str, accepted: int, tried: int, named: bool) -> Meaning:
        said = Text("{a}/{t} 个不同的值合 {e}", "{a} of {t} different values pass {e}").fill(
            a=accepted, t=tried, e=name
        )
        return Meaning(
            name, Said(min(0.99, 0.9 * accepted / tried + (0.08 if named else 0.0)), said), tried, accepted
        )


_PLAUSIBLE = {
    "resident_id": re.compile(r"\d{6}|E\+?1\d|\*{4}", re.IGNORECASE),
    "credit_code": re.compile(r"[0-9A-Za-z]{8}|\*{4}"),
    "mobile_phone": re.compile(r"\d{3}"),
    "landline": re.compile(r"\d{3}"),
    "division": re.compile(r"\d{6}"),
    "person_name": re.compile(r"^[^\d]{2,30}$"),
    "organization_name": re.compile(r"[^\W\d_]{3}"),
    "address": re.compile(r"[^\W\d_]{3}"),
}
"""What a value must show before it is worth trying; a look at the text is a thousandth of the price."""


def _digits(value: str) -> int:
    """Digits of a number somebody could dial; none for one with decimals, or a date."""
    other = re.fullmatch(r"\d+\.\d+", value) or _DATED.fullmatch(value)
    return 0 if other else sum(sign.isdigit() for sign in value)


_DAY = r"\d{4}[-/.年]\s*\d{1,2}[-/.月]\s*\d{1,2}日?|(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})"
_DATED = re.compile(rf"(?:{_DAY})(?:[ T]*0{{1,2}}:00(?::00)?)?|[二〇零一]{{4}}年.+日|民国.+")
_TIMED = re.compile(rf"(?:{_DAY})[ T]*(?:上午|下午)?\d{{1,2}}[:时点].*")
_MONTH = re.compile(r"(?:19|20)\d{2}(?:[-/.年]\s*(?:0?[1-9]|1[0-2])月?|(?:0[1-9]|1[0-2]))")


def styles(values: Sequence[str]) -> list[Text]:
    """How a column of dates is written, where in more ways than one, and what of it has two readings."""
    kinds = {
        "2020-01-02": re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*"),
        "2020/1/2": re.compile(r"\d{4}/\d{1,2}/\d{1,2}.*"),
        "2020.1.2": re.compile(r"\d{4}\.\d{1,2}\.\d{1,2}.*"),
        "2020年1月2日": re.compile(r"\d{4}年.*"),
        "20200102": re.compile(r"\d{8}"),
        "43832": re.compile(r"[2-6]\d{4}(?:\.\d+)?"),
        "1/2/2020": re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}.*"),
    }
    counts = {name: sum(bool(kind.fullmatch(value)) for value in values) for name, kind in kinds.items()}
    used = {name: count for name, count in counts.items() if count}
    told = []
    if len(used) > 1:
        ways = "；".join(f"{name} ×{count}" for name, count in used.items())
        told.append(Text("写法不一：{ways}", "written in several ways: {ways}").fill(ways=ways))
    if "1/2/2020" in used:
        open_ones = sum(
            1
            for value in values
            if (found := re.match(r"(\d{1,2})[-/.](\d{1,2})[-/.]\d{4}", value))
            and int(found[1]) <= 12
            and int(found[2]) <= 12
            and found[1].zfill(2) != found[2].zfill(2)
        )
        if open_ones:
            told.append(
                Text(
                    "{n} 个值分不清哪个是月、哪个是日，会隔离",
                    "{n} values do not tell the day from the month: they are refused",
                ).fill(n=open_ones)
            )
    return told
