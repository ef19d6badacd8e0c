"""The vocabulary of the invented district: surnames, given names, places, trades.

Surnames are ordered by how common they are in China; weights fall roughly as they do there, so
that namesakes appear at a plausible rate. Nothing here names a real person, company or place.
"""

from __future__ import annotations

import numpy as np

DISTRICT = "云溪区"
STREETS: dict[str, tuple[str, str, str, str]] = {
    "松涛街道": ("听松社区", "浣纱社区", "翠屏社区", "松间社区"),
    "临溪街道": ("溪尾社区", "临水社区", "石桥社区", "柳湾社区"),
    "竹影街道": ("新篁社区", "竹里社区", "鸣泉社区", "半山社区"),
    "晨露街道": ("晨光社区", "朝露社区", "杏坞社区", "麦浪社区"),
    "望云街道": ("望舒社区", "云起社区", "归雁社区", "栖霞社区"),
    "青坪街道": ("青禾社区", "长坪社区", "桃源社区", "南枝社区"),
}
COMMUNITIES = tuple(name for names in STREETS.values() for name in names)
STREET_OF_COMMUNITY = tuple(street for street, names in STREETS.items() for _ in names)

ROAD_FIRST = "松竹云溪晨望青临听浣翠鸣柳杏麦归栖桃南石"
ROAD_LAST = ("间路", "影路", "水街", "月路", "里巷", "堤路", "桥街", "岭路", "湾路", "源巷", "浦路", "台街")

ELSEWHERE = (
    ("澄州市", ("望湖县", "芦港区", "白鹭县", "清樾区")),
    ("青陵市", ("栖枫县", "石榴区", "长汀坪县")),
    ("雁南市", ("落霞区", "南浔浦县", "禾田县")),
    ("霁川市", ("雪松县", "暮云区")),
)
"""Invented cities that migrants' registered addresses lie in."""

_SURNAMES_COMMON = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜"
    "路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边"
)
_SURNAMES_DOUBLE = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐")


def _surnames() -> tuple[tuple[str, ...], np.ndarray]:
    common = tuple(dict.fromkeys(_SURNAMES_COMMON))
    ranks = np.arange(len(common))
    # the three largest hold about seven per cent each, the hundredth a tenth of one per cent
    weights = np.concatenate([7.2 / (1 + ranks / 5.5) ** 1.25, np.full(len(_SURNAMES_DOUBLE), 0.02)])
    return common + _SURNAMES_DOUBLE, weights / weights.sum()


SURNAMES, SURNAME_WEIGHTS = _surnames()

GIVEN = {
    # (sex, generation): characters in order of popularity; generation 0 before 1965, 1 to 1989, 2 from 1990
    (1, 0): "国建华德明福生荣林树春永志祥贵金文清兴玉海云宝庆忠良发成根财东来长水顺和义安太正家平山广",
    (1, 1): "伟强军勇杰涛斌波辉刚健明峰超磊鹏平飞亮龙俊宏建志华文海林东云松立新永春晓江旭凯博宇翔庆阳雷",
    (1, 2): "浩子宇轩俊杰泽博文晨睿梓铭奕辰沐霖景行墨煜嘉懿天佑一诺书昊言川知远云帆禾安屿舟南星渝柏",
    (2, 0): "秀英桂兰玉珍凤芳素华淑琴美珠翠莲梅金香月春银菊荣芝爱云彩珊巧莺瑞花娥琼红仙娣宝妹惠贞清",
    (2, 1): "丽静敏艳芳娟燕玲霞红梅萍慧琳洁婷颖倩雪莉晶岚云晓文佳璐娜丹莹琴春秀海英君美萌薇瑶菲怡蕾",
    (2, 2): "梓涵欣怡诗雨萱可馨语桐依诺若曦思悦一心云禾晨佳沐瑶清秋嘉月芷宁书瑾知夏安然星南栀念初言",
}
GIVEN_RARE = "㛃𬀩䶮堃喆赟翀頔昇燚犇璟濛甯"
"""Characters that old systems and fonts could not write; in about two names of a thousand."""
DOTTED = (
    ("阿依古丽", "努尔兰", "帕提曼", "艾力江", "古丽娜", "热依汗", "吐尔逊", "加依娜"),
    ("艾山", "买买提", "库尔班", "吾守尔", "哈斯木", "托合提", "别克", "玉苏甫"),
)
"""Parts of names written with a middle dot."""


def _pairs(text: str) -> dict[str, str]:
    """`张章` says: 张 becomes 章."""
    return {pair[0]: pair[1] for pair in text.split()}


HOMOPHONES = _pairs(
    "张章 章张 李黎 黎李 陈程 程陈 王汪 汪王 徐许 许徐 余于 于余 肖萧 萧肖 周邹 邹周 吴武 武吴 "
    "朱祝 江姜 姜江 付傅 傅付 阎严 严阎 魏卫 卫魏 沈审 俞余 季纪 纪季 伟卫 芳方 丽莉 莉丽 静敬 "
    "敏闽 军君 君军 杰洁 洁杰 涛韬 辉晖 明鸣 英瑛 玉钰 秀绣 红虹 云芸 禾和 和禾 欣心 心欣 怡宜 "
    "子梓 梓子 宇羽 轩萱 萱轩 晨辰 辰晨 佳嘉 嘉佳 志智 建健 健建 国果 华桦 平萍 萍平 峰锋 文雯 "
    "雯文 金锦 林琳 琳林 春椿 兰岚 岚兰 桂贵 贵桂 可克 远媛 雨语 语雨 诗施 安桉 舟洲 一依 依一 "
)
LOOKALIKES = _pairs(
    "未末 末未 王玉 玉王 田由 李季 季李 刘对 陈阵 杨扬 黄黃 赵趙 孙孑 马乌 郭敦 何河 林材 罗岁 "
    "宋末 谢射 韩朝 唐庚 冯馮 于干 董薰 袁哀 吕昌 沈沉 叶计 潘播 汪注 任仟 金全 白自 史吏 侯候 "
    "建健 明朋 国囯 德徳 生主 春舂 芳劳 兰三 英莫 丽雨 静靖 敏敬 伟伪 强弳 军车 涛寿 磊晶 晶磊 "
    "鹏鸣 晨辰 浩洁 洁浩 梓样 涵函 可司 禾木 云去 清请 睿容 煜焜 轩轲 怡恰 欣欧 思恩 恩思 佳住 "
    "子于 志忘 文丈 东车 海悔 红江 玲铃 霞震 平乎 "
)
TRADITIONAL = dict(
    zip(
        "张刘陈杨赵黄吴孙马罗郑谢韩冯邓许叶苏卢贾阎钟谭邹陆郝龙万钱汤贺赖龚庞兰颜严温韦齐庄华国军伟强丽静红"
        "凤玉兴荣来长东义广艳娟玲莹琼云诺语辉刚飞亮俊建涛龙鹏轩铭泽诗书",
        "張劉陳楊趙黃吳孫馬羅鄭謝韓馮鄧許葉蘇盧賈閻鍾譚鄒陸郝龍萬錢湯賀賴龔龐蘭顏嚴溫韋齊莊華國軍偉強麗靜紅"
        "鳳玉興榮來長東義廣艷娟玲瑩瓊雲諾語輝剛飛亮俊建濤龍鵬軒銘澤詩書",
        strict=True,
    )
)

TRADES = (
    # trade word, industry, scope, food business
    ("小吃店", "餐饮业", "小餐饮服务", True),
    ("面馆", "餐饮业", "餐饮服务", True),
    ("早点铺", "餐饮业", "早点销售", True),
    ("茶餐厅", "餐饮业", "餐饮服务", True),
    ("饭店", "餐饮业", "中餐服务", True),
    ("烘焙坊", "餐饮业", "糕点制售", True),
    ("水果店", "零售业", "水果零售", True),
    ("便利店", "零售业", "日用百货、预包装食品零售", True),
    ("五金店", "零售业", "五金零售", False),
    ("服装店", "零售业", "服装零售", False),
    ("文具店", "零售业", "文具零售", False),
    ("药房", "零售业", "药品零售", False),
    ("花店", "零售业", "鲜花零售", False),
    ("农资店", "零售业", "农资零售", False),
    ("理发店", "居民服务业", "理发服务", False),
    ("洗衣店", "居民服务业", "洗衣服务", False),
    ("修车行", "居民服务业", "机动车维修", False),
    ("家政服务部", "居民服务业", "家政服务", False),
    ("书屋", "文化业", "图书零售", False),
    ("民宿", "住宿业", "住宿服务", False),
    ("照相馆", "居民服务业", "摄影服务", False),
)
LINES = (
    # line of business in an enterprise's name, industry, scope, food business
    ("商贸", "批发业", "日用百货批发", False),
    ("科技", "信息技术服务业", "软件开发、技术服务", False),
    ("餐饮管理", "餐饮业", "餐饮服务、餐饮管理", True),
    ("建筑工程", "建筑业", "建筑工程施工", False),
    ("物业服务", "房地产业", "物业管理", False),
    ("贸易", "批发业", "货物进出口", False),
    ("文化传媒", "文化业", "广告设计、会议服务", False),
    ("电子", "制造业", "电子元件制造", False),
    ("物流", "交通运输业", "普通货运", False),
    ("食品", "制造业", "食品生产", True),
    ("机械设备", "制造业", "机械设备制造", False),
    ("教育咨询", "教育", "教育咨询服务", False),
    ("环保科技", "科技推广业", "环保技术服务", False),
    ("装饰设计", "建筑业", "室内装饰设计", False),
    ("农业发展", "农业", "蔬菜种植、销售", False),
    ("纺织", "制造业", "纺织品制造", False),
    ("汽车服务", "居民服务业", "汽车维修、美容", False),
    ("人力资源", "商务服务业", "人力资源服务", False),
)
TRADE_NAME_FIRST = "云禾松晨青望临听竹溪鸣桂瑞恒汇嘉同泰宏安和信盛源丰万德锦博远新华泽润"
TRADE_NAME_LAST = "禾记源泰达丰和盛祥昌荣隆安康兴旺诚信远航扬帆润德馨悦然舟屿岚川朗屹澜恩"

SCHOOLS = ("听松幼儿园", "浣纱幼儿园", "云溪一小", "竹影小学", "晨露小学", "望云小学", "青坪小学",
           "云溪实验中学", "松涛初级中学", "临溪中学", "云溪一中", "望云高级中学")  # fmt: skip
