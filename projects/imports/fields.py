"""What a ledger's columns may mean: for each field of a project how it is read and how staff head its column.

The headings and the order are those of domain.md 7. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

FieldKind = Literal["text", "money", "count", "area", "sqm", "day", "choice", "chain", "code", "other"]
IGNORED: Final = ""
CUSTOM: Final = "custom"
"""A column that is kept as it is under its heading."""


@dataclass(frozen=True)
class Field:
    """One thing that a column may hold: the key of its value, its name, how it is read, and its usual headings."""

    key: str
    label: "StrPromise | str"
    kind: FieldKind
    words: tuple[str, ...] = ()
    longest: int = 0

    @property
    def is_filled_down(self) -> bool:
        """Whether a cell merged over several rows holds for each of them; a number would be counted again."""
        return self.kind in {"text", "choice", "chain"}


def _field(key: str, label: Any, kind: FieldKind, words: str = "", longest: int = 0) -> Field:
    return Field(key, label, kind, tuple(words.split()), longest)


FIELDS: Final = (
    _field("number", _("序号"), "other", "序号 序 行号 排序"),
    _field("code", _("项目编号"), "code", "项目编号 编号 项目编码"),
    _field("name", _("项目名称"), "text", "项目名称 项目名 名称 签约项目名称 签约项目 项目", 100),
    _field(
        "investor_name",
        _("投资方"),
        "text",
        "投资方 投资主体 投资企业 投资商 签约主体 客商名称 乙方 投资方（签约主体） 投资方名称 投资单位 投资企业名称",
        100,
    ),
    _field(
        "investor_origin",
        _("投资方所在地"),
        "text",
        "投资方所在地 来源地 资金来源地 投资方属地 省份 所在地 客商来源",
        50,
    ),
    _field("ranked", _("是否三类500强"), "other", "是否三类500强 三类500强 500强类型 企业类别 是否500强 500强"),
    _field(
        "company_name",
        _("项目公司"),
        "text",
        "项目公司 落地企业 注册公司 承接企业 项目公司名称 落地公司 注册企业 注册企业名称",
        100,
    ),
    _field(
        "company_uscc",
        _("统一社会信用代码"),
        "text",
        "统一社会信用代码 信用代码 社会信用代码 营业执照号 统一信用代码",
        40,
    ),
    _field("company_uscc_reason", _("人工核实说明"), "text", "人工核实说明", 200),
    _field(
        "content",
        _("建设内容及规模"),
        "text",
        "建设内容及规模 建设内容 主要建设内容 项目概况 项目简介 建设规模及内容 建设规模 建设内容和规模",
        2000,
    ),
    _field("category", _("项目类别"), "choice", "项目类别 类型 产业类别 项目类型 类别"),
    _field("kind", _("引进方式"), "choice", "引进方式"),
    _field("chain", _("产业链"), "chain", "所属产业链 产业链 产业 所属行业 所属产业 行业"),
    _field("chain_action", _("链上作用"), "choice", "链上作用"),
    _field("industry_code", _("国民经济行业代码"), "text", "国民经济行业代码 行业代码", 5),
    _field("construction_nature", _("建设性质"), "choice", "建设性质 新建/扩建/技改 项目性质"),
    _field("site", _("建设地点"), "text", "建设地点 选址 地址 落地园区 项目选址 项目地址 建设地址 项目地点", 100),
    _field("land_use_mode", _("用地方式"), "choice", "用地方式 供地/租赁/购买 载体类型 用地类型 供地方式"),
    _field("land_area_mu", _("用地面积"), "area", "用地面积 占地 占地面积 用地 面积（亩） 占地亩数 用地规模"),
    _field(
        "workshop_area_sqm", _("厂房面积"), "sqm", "厂房面积 租赁面积 建筑面积 租赁厂房面积 厂房 面积（㎡） 总建筑面积"
    ),
    _field(
        "total_investment",
        _("总投资"),
        "money",
        "总投资 总投资额 投资总额 投资额 计划总投资 协议投资额 项目总投资 协议总投资 合同总投资 投资规模 合同投资额",
    ),
    _field(
        "fixed_asset_investment",
        _("固定资产投资"),
        "money",
        "固定资产投资 固投 固投额 其中：固定资产 其中：固定资产投资 固定资产 固定资产投资额",
    ),
    _field("contracted_capital", _("合同引资额"), "money", "合同引资额 引资额 协议引资 协议引资额 合同引资"),
    _field("foreign", _("外资额"), "other", "外资额 合同外资 利用外资 实际利用外资 外资"),
    _field(
        "annual_planned_investment",
        _("年度计划投资"),
        "money",
        "年度计划投资 本年计划 当年计划投资 年度投资计划 本年计划投资",
    ),
    _field("contract_type", _("合同类型"), "choice", "合同类型 协议类型 合同性质"),
    _field("signed_on", _("签约时间"), "day", "签约时间 签约日期 合同签订时间 合同签订日期 签订时间"),
    _field("ceremony_on", _("签约仪式"), "day", "签约仪式 签约仪式时间 签约仪式日期"),
    _field("event", _("签约活动"), "other", "签约活动 签约批次 节会名称 活动名称"),
    _field("registered_on", _("注册时间"), "day", "注册时间 工商注册 营业执照时间 工商注册时间 注册日期 注册登记时间"),
    _field("settle_started_on", _("受理入园申请时间"), "day", "受理入园申请时间"),
    _field("moved_in_on", _("办结入驻时间"), "day", "办结入驻时间 入驻时间"),
    _field(
        "planned_start_on",
        _("计划开工时间"),
        "day",
        "约定（预计）开工时间 约定开工时间 预计开工时间 拟开工 计划开工 预计开工 拟开工时间 计划开工时间 约定开工",
    ),
    _field("started_on", _("实际开工时间"), "day", "实际开工时间 开工时间 开工日期 实际开工"),
    _field(
        "planned_production_on",
        _("计划投产时间"),
        "day",
        "预计投产时间 拟投产 计划投产时间 拟投产时间 计划投产 预计投产 约定投产时间",
    ),
    _field("completed_on", _("竣工时间"), "day", "竣工时间 竣工日期"),
    _field("in_production_on", _("实际投产时间"), "day", "实际投产时间 投产日期 竣工投产 投产时间 实际投产"),
    _field("full_capacity_on", _("达产时间"), "day", "达产时间 达产日期"),
    _field("stage", _("项目阶段"), "choice", "项目阶段 项目状态 进展阶段 目前进度 当前阶段 项目进度 阶段"),
    _field(
        "progress",
        _("目前进展"),
        "text",
        "目前进展 进展情况 形象进度 工作动态 项目进展 项目进展情况 目前进展情况 最新进展",
        1000,
    ),
    _field("month_funds", _("本月到位资金"), "other", "本月到位资金 当月到位 本月到位 当月到位资金"),
    _field("funds", _("累计到位资金"), "other", "累计到位资金 到位资金 1—9月到位 1-9月到位 实际到位资金 资金到位"),
    _field("completed_investment", _("累计完成投资"), "money", "累计完成投资 完成投资 实际投资 已完成投资 累计投资"),
    _field("expected_annual_output", _("预计年产值"), "money", "预计年产值 达产产值 年产值 达产后年产值 预计产值"),
    _field("expected_annual_tax", _("预计年税收"), "money", "预计年税收 年纳税 年税收 预计税收 达产税收 年纳税额"),
    _field(
        "expected_jobs", _("预计就业"), "count", "预计就业 就业人数 用工 带动就业 就业 预计就业人数 解决就业 用工人数"
    ),
    _field(
        "problem",
        _("存在问题"),
        "text",
        "存在问题 困难问题 需协调事项 堵点 存在困难 存在的问题 需协调解决的问题 需协调调度事项",
        1000,
    ),
    _field(
        "next_step",
        _("下一步计划"),
        "text",
        "下一步计划 下步打算 推进措施 下一步工作 下步计划 下一步措施 下步工作打算",
        1000,
    ),
    _field("lead_official", _("责任领导"), "text", "责任领导 牵头领导 包联领导 联系领导", 50),
    _field(
        "responsible",
        _("责任单位／责任人"),
        "text",
        "责任单位／责任人 责任单位 责任科室 引进单位 项目专员 责任人 责任单位/责任人 责任部门",
        50,
    ),
    _field(
        "contact", _("企业联系人及电话"), "other", "企业联系人及电话 联系人 联系方式 联系电话 企业联系人 联系人及电话"
    ),
    _field("note", _("备注"), "text", "备注 说明 认定情况", 1000),
    _field("wrong", _("要改的地方"), "other", "要改的地方"),
    _field("row", _("原表行号"), "other", "原表行号"),
)
BY_KEY: Final[Mapping[str, Field]] = {field.key: field for field in FIELDS}
DROPPED: Final = frozenset({"number", "wrong", "row"})
"""Columns that number the rows, or that the download of wrong rows added: they say nothing of the project."""
CHOSEN: Final = tuple(field for field in FIELDS if field.kind != "other")
"""What a column can be mapped to; the others are known by name and kept as custom columns."""
TARGETS: Final = frozenset({field.key for field in CHOSEN} | {CUSTOM, IGNORED})


def target_of(key: str) -> str:
    """To what a recognised column is mapped: its field, “custom” for known ones that the ledger of projects lacks."""
    if key in DROPPED:
        return IGNORED
    return key if key in BY_KEY and BY_KEY[key].kind != "other" else CUSTOM


CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "category": {
        "产业类": "industry", "产业": "industry", "产业项目": "industry", "工业": "industry", "工业类": "industry",
        "农业": "industry", "现代服务业": "industry", "服务业": "industry", "制造业": "industry",
        "先进制造业": "industry", "高新技术": "industry", "现代农业": "industry",
        "基础设施": "infrastructure", "基础设施类": "infrastructure",
        "社会民生": "livelihood", "民生": "livelihood", "社会民生类": "livelihood", "民生类": "livelihood",
        "生态环保": "ecology", "生态环保类": "ecology", "环保": "ecology", "环保类": "ecology",
    },
    "kind": {"新引进": "new", "新签": "new", "增资扩产": "expansion", "增资": "expansion", "分期建设": "phase"},
    "chain_action": {"强链": "strengthen", "延链": "extend", "补链": "fill", "建链": "build"},
    "contract_type": {
        "意向书": "intent", "意向": "intent", "意向协议": "intent", "意向合同": "intent", "备忘录": "mou",
        "框架协议": "framework", "框架": "framework", "战略合作": "framework", "战略合作协议": "framework",
        "合作框架协议": "framework", "框架合同": "framework",
        "正式合同": "formal", "合同": "formal", "投资合同": "formal", "正式": "formal", "投资协议": "formal",
        "入园合同": "formal", "招商引资合同": "formal", "正式协议": "formal", "入园协议": "formal",
    },
    "construction_nature": {
        "新建": "new_build", "扩建": "extension", "改扩建": "extension", "改建": "extension",
        "技改": "technical_upgrade", "技术改造": "technical_upgrade", "搬迁": "relocation", "迁建": "relocation",
    },
    "land_use_mode": {
        "供地": "land_supply", "出让": "land_supply", "新供地": "land_supply", "拿地": "land_supply",
        "挂牌": "land_supply", "租赁": "lease", "租赁厂房": "lease", "租用": "lease", "租用厂房": "lease",
        "标准厂房": "lease", "租赁标准厂房": "lease", "购买": "purchase", "购买厂房": "purchase",
        "购置厂房": "purchase", "购置": "purchase", "自有": "own", "自有用地": "own", "自有土地": "own",
    },
    "stage": {
        "线索": "lead", "意向": "lead", "在谈": "negotiating", "洽谈": "negotiating", "洽谈中": "negotiating",
        "拟签约": "negotiating", "签约": "signed", "已签约": "signed", "签约未注册": "signed", "签约未开工": "signed",
        "注册": "registered", "已注册": "registered", "未开工": "signed", "前期": "registered",
        "开工": "started", "已开工": "started", "在建": "started", "建设中": "started", "开工建设": "started",
        "投产": "in_production", "已投产": "in_production", "试生产": "in_production", "竣工投产": "in_production",
        "达产": "full_capacity", "已达产": "full_capacity",
    },
}  # fmt: skip
"""What people write → the code that is stored."""
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    "category": ("产业类", "基础设施类", "社会民生类", "生态环保类"),
    "kind": ("新引进", "增资扩产", "分期建设"),
    "chain_action": ("强链", "延链", "补链", "建链"),
    "contract_type": ("意向书", "备忘录", "框架协议", "正式合同"),
    "construction_nature": ("新建", "扩建", "技改", "搬迁"),
    "land_use_mode": ("供地", "租赁厂房", "购买厂房", "自有用地"),
    "stage": ("线索", "在谈", "签约", "注册", "开工", "投产", "达产"),
}
"""What may be chosen, in the official words."""
