"""What departments call their columns, and the English a field of that meaning is named with.

Whole headers first come from here, then their parts: 户主身份证号 is `householder` and `id_number`. What no
term covers is spelled out in pinyin.
"""

from __future__ import annotations

TERMS = {
    # persons
    "公民身份号码": "id_number", "公民身份证号码": "id_number", "居民身份证号": "id_number", "身份证号码": "id_number",
    "身份证件号码": "id_number", "身份证件号": "id_number", "身份证号": "id_number", "身份证": "id_number", "证件号码": "id_number",
    "证件号": "id_number", "证件类型": "id_type", "证件种类": "id_type", "社会保障号码": "social_security_number", "社会保障号": "social_security_number",
    "姓名": "name", "名字": "name", "曾用名": "former_name", "性别": "sex", "年龄": "age", "民族": "ethnicity",
    "出生日期": "birth_date", "出生年月日": "birth_date", "出生年月": "birth_month", "出生": "birth", "籍贯": "native_place", "国籍": "nationality",
    "婚姻状况": "marital_status", "婚姻": "marriage", "文化程度": "education", "学历": "education", "学位": "degree", "政治面貌": "political_status",
    "职业": "occupation", "职务": "position", "职称": "title", "岗位": "post", "工种": "trade", "工作单位": "employer", "从业单位": "employer",
    "户主": "householder", "配偶": "spouse", "父亲": "father", "母亲": "mother", "子女": "child", "监护人": "guardian", "家长": "parent",
    "申请人": "applicant", "经办人": "handler", "负责人": "person_in_charge", "联系人": "contact", "法定代表人": "legal_representative",
    "法人代表": "legal_representative", "法人": "legal_entity", "经营者": "operator", "当事人": "party", "权利人": "right_holder", "持证人": "holder",
    "学生": "student", "教师": "teacher", "医生": "doctor", "网格员": "grid_worker", "本人": "own", "与户主关系": "relation_to_householder", "关系": "relation",
    "人员": "person", "居民": "resident", "个人": "person", "用户": "user", "客户": "customer", "老人": "elder", "老年人": "elder", "残疾人": "disabled_person",
    "儿童": "child", "低保": "minimum_living", "残疾": "disability",
    # reaching them
    "联系电话": "phone", "手机号码": "mobile_phone", "手机号": "mobile_phone", "手机": "mobile_phone", "移动电话": "mobile_phone", "固定电话": "landline",
    "电话号码": "phone", "电话": "phone", "传真": "fax", "邮箱": "email", "电子邮箱": "email", "邮编": "postcode", "邮政编码": "postcode", "网址": "website",
    "联系方式": "contact_number",
    # places
    "户籍地址": "registered_address", "户籍地": "registered_place", "现住址": "address", "现住地址": "address", "居住地址": "address", "家庭住址": "home_address",
    "通讯地址": "mailing_address", "经营地址": "business_address", "生产经营地址": "business_address", "经营场所": "business_premises", "注册地址": "registered_address",
    "详细地址": "address", "地址": "address", "住址": "address", "住所": "domicile", "坐落": "location", "位置": "location", "地点": "place", "场所": "premises",
    "所属": "", "所在": "", "地区": "region", "区域": "area", "省份": "province", "省": "province", "城市": "city", "市": "city", "区县": "district", "县区": "district",
    "行政区划代码": "division_code", "行政区划": "division", "区划代码": "division_code", "区划": "division", "街道": "street", "镇街": "street", "乡镇": "township",
    "社区": "community", "居委会": "residents_committee", "村委会": "village_committee", "村": "village", "小区": "estate", "网格": "grid", "楼栋": "building",
    "建筑物": "building", "建筑": "building", "房屋": "house", "幢": "building_number", "单元": "unit", "楼层": "floor", "层数": "floors", "房号": "room", "门牌号": "door_number",
    "门牌": "door_plate", "道路": "road", "经度": "longitude", "纬度": "latitude", "中心": "centre", "坐标": "coordinates", "辖区": "precinct",
    # organizations
    "统一社会信用代码": "credit_code", "社会信用代码": "credit_code", "信用代码": "credit_code", "组织机构代码": "organization_code", "单位": "organization", "机构": "organization",
    "企业": "enterprise", "公司": "company", "市场主体": "market_entity", "主体": "entity", "纳税人": "taxpayer", "部门": "department", "科室": "office", "学校": "school",
    "医院": "hospital", "注册资本": "registered_capital", "注册资金": "registered_capital", "资本": "capital", "成立": "establishment", "经营范围": "business_scope", "主营业务": "main_business",
    "经营项目": "business_items", "经营面积": "business_area", "行业门类": "industry_section", "行业代码": "industry_code", "行业": "industry", "企业类型": "enterprise_type",
    "从业人数": "employees", "员工人数": "employees", "员工数": "employees", "登记机关": "registration_authority", "发证机关": "issuing_authority", "机关": "authority", "上级": "superior",
    "许可证": "licence", "营业执照": "business_licence", "证书": "certificate", "资质": "qualification", "不动产权": "real_estate", "不动产": "real_estate",
    # identifiers
    "序号": "serial_number", "编号": "number", "编码": "code", "代码": "code", "号码": "number", "流水号": "serial_number", "档案": "archive", "台账": "ledger", "合同": "contract", "批号": "batch_number",
    "订单": "order", "工单": "work_order", "案件": "case", "事件": "event", "留言": "message", "事项": "matter", "办件": "case", "记录": "record", "登记": "registration", "许可": "permit", "批准": "approval",
    "申请": "application", "主键": "key", "标识": "identifier", "序列": "sequence", "号": "number", "项目": "project", "指标": "indicator", "课程": "course", "班级": "class", "年级": "grade", "学籍": "school_roll", "设备": "device",
    "车牌": "plate", "车辆": "vehicle", "车牌号": "plate_number",
    # times
    "日期": "date", "时间": "time", "年份": "year", "年度": "year", "年月": "month", "月份": "month", "季度": "quarter", "期间": "period", "年": "year", "月": "month", "日": "day",
    "更新日期": "updated_on", "更新时间": "updated_at", "修改日期": "modified_on", "修改时间": "modified_at", "变更日期": "changed_on", "变动日期": "changed_on", "创建日期": "created_on", "创建时间": "created_at",
    "登记日期": "registered_on", "登记时间": "registered_at", "开始日期": "start_date", "开始时间": "start_time", "起始日期": "start_date", "结束日期": "end_date", "结束时间": "end_time", "截止日期": "end_date", "终止日期": "end_date",
    "有效期至": "valid_until", "有效期": "validity", "发证日期": "issued_on", "成立日期": "established_on", "参保日期": "insured_on", "入学日期": "enrolled_on", "办理日期": "handled_on", "申请日期": "applied_on", "申请时间": "applied_at",
    "受理时间": "accepted_at", "受理日期": "accepted_on", "办结时间": "closed_at", "办结日期": "closed_on", "入职日期": "hired_on", "死亡日期": "died_on", "迁入日期": "moved_in_on", "核对日期": "checked_on", "建档日期": "filed_on", "建档": "filing",
    "起": "from", "止": "to", "起始": "start", "截止": "end", "更新": "update", "最后": "last", "首次": "first", "本期": "this_period", "上期": "last_period", "上年同期": "same_period_last_year", "上年": "last_year", "本年": "this_year", "累计": "cumulative",
    # amounts
    "数量": "quantity", "数值": "value", "金额": "amount", "单价": "unit_price", "价格": "price", "总价": "total_price", "合计": "total", "总计": "total", "小计": "subtotal", "余额": "balance", "标准": "standard", "补贴": "subsidy", "津贴": "allowance",
    "费用": "fee", "工资": "wage", "收入": "income", "支出": "expenditure", "税收": "tax", "投资": "investment", "面积": "area", "建筑面积": "floor_area", "人口数": "population", "人口": "population", "人数": "people", "户数": "households", "户": "household",
    "常住人口": "resident_population", "户籍人口": "registered_population", "总人口": "total_population", "增长率": "growth_rate", "增长": "growth", "增速": "growth_rate", "同比": "year_on_year", "环比": "month_on_month", "比重": "share", "占比": "share", "比例": "ratio", "率": "rate", "指数": "index",
    "地区生产总值": "gdp", "国内生产总值": "gdp", "生产总值": "gross_product", "一般公共预算": "general_public_budget", "预算": "budget", "财政": "fiscal", "总额": "total", "总量": "total", "总数": "total", "平均": "average", "最大": "maximum", "最小": "minimum", "增加值": "value_added",
    "第一产业": "primary_industry", "第二产业": "secondary_industry", "第三产业": "tertiary_industry", "工业": "industry", "农业": "agriculture", "就业": "employment", "城镇": "urban", "农村": "rural", "乡村": "rural", "男": "male", "女": "female", "居民消费": "consumer", "价格指数": "price_index",
    "次数": "times", "天数": "days", "月数": "months", "年限": "years", "得分": "score", "分数": "score", "成绩": "result", "排名": "rank", "权重": "weight", "点赞数": "likes", "反对数": "dislikes",
    "固定资产": "fixed_assets", "实际到位": "paid_in", "资金": "funds", "比上年": "over_last_year", "岁及以上": "and_over", "就业人员": "employed", "企事业单位": "institutions",
    "专业技术人员": "professionals", "私营企业": "private_enterprises", "个体": "self_employed", "进出口": "foreign_trade", "进口": "imports", "出口": "exports", "城镇化率": "urbanization_rate", "产量": "output",
    # words of all kinds
    "名称": "name", "名": "name", "类型": "type", "类别": "category", "种类": "kind", "分类": "category", "一级分类": "category_1", "二级分类": "category_2", "三级分类": "category_3", "性质": "nature", "等级": "grade", "级别": "level", "状态": "status", "状况": "condition", "情况": "situation", "结果": "result",
    "原因": "reason", "备注": "remarks", "说明": "description", "描述": "description", "内容": "content", "详情": "details", "主题": "subject", "标题": "headline", "来源": "source", "渠道": "channel", "方式": "method", "用途": "purpose", "是否": "is", "有无": "has", "家庭": "family", "基本": "basic",
    "险种": "insurance_kind", "参保": "insurance", "缴费": "payment", "档次": "tier", "险": "insurance", "养老": "pension", "医疗": "medical", "健康": "health", "教育": "education", "民政": "civil_affairs", "就业形式": "employment_form", "服务": "service", "办理": "handling", "处置": "handling", "处理": "handling",
    "分组": "section", "工作表": "sheet", "项": "item", "总": "total", "本": "this", "全国": "national", "全市": "citywide", "全区": "districtwide", "现": "current", "原": "former", "新": "new", "旧": "old", "所属街道": "street", "所属社区": "community", "镇": "town", "县": "county", "区": "district",
}  # fmt: skip
"""Chinese to English; an empty English word adds nothing."""
