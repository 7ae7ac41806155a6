"""The sixteen invented projects that, with 富士康 and 爱加, make the eighteen of the report."""

from typing import Any, Final, NamedTuple

from projects.models import Project
from reports.sample.book import WAN, day

Stage = Project.Stage
Mode = Project.LandUseMode
BOSS: Final = "园区主要负责人"
DEPUTY: Final = "园区分管负责人"


class Invented(NamedTuple):
    """One invented project: amounts in 万元, days of 2020 as “05-20”, empty where it has not happened."""

    key: str
    sign: str
    name: str
    chain: str
    node: str
    action: str
    origin: str
    content: str
    mode: str
    investment: int
    output: int
    jobs: int
    signed: str
    registered: str
    started: str
    producing: str
    full: str
    above_scale: str
    official: str
    unit: str
    owner: str
    progress: str
    problem: str = ""
    next_step: str = ""

    @property
    def stage(self) -> Stage:
        """The last step that has happened."""
        happened = (
            (Stage.FULL_CAPACITY, self.full),
            (Stage.IN_PRODUCTION, self.producing),
            (Stage.STARTED, self.started),
            (Stage.REGISTERED, self.registered),
        )
        return next((stage for stage, on in happened if on), Stage.SIGNED)

    def company_columns(self) -> dict[str, Any]:
        """What the project company holds: the month in which it rose above scale, where it did."""
        if not self.above_scale:
            return {}
        on = day(self.above_scale)
        return {"above_scale_on": on, "above_scale_on_precision": "month", "above_scale_route": "monthly"}

    def columns(self) -> dict[str, Any]:
        """What a Project holds of it, beside its companies."""
        days = {"signed_on": self.signed, "registered_on": self.registered, "started_on": self.started}
        days |= {"in_production_on": self.producing, "full_capacity_on": self.full}
        return {name: day(on) for name, on in days.items() if on} | {
            "investor": f"{self.sign}企业",
            "chain": self.chain,
            "chain_node": f"{self.chain}-{self.node}" if self.node else None,
            "chain_action": self.action,
            "stage": self.stage,
            "total_investment": self.investment * WAN,
            "fixed_asset_investment": self.investment * WAN * 7 // 10,
            "contracted_capital": self.investment * WAN,
            "expected_annual_output": self.output * WAN,
            "expected_annual_tax": self.output * WAN * 3 // 100,
            "expected_jobs": self.jobs,
            "land_use_mode": self.mode,
            "content": self.content,
            "progress": self.progress,
            "problem": self.problem,
            "next_step": self.next_step,
            "lead_official": self.official,
            "responsible_unit": self.unit,
            "owner": self.owner,
        }


# fmt: off
SIXTEEN: Final = (
    Invented("专用车", "己", "专用车整车项目", "machinery", "vehicles", "strengthen", "湖北武汉",
             "新能源专用车年产5000台", Mode.LAND_SUPPLY, 80_000, 240_000, 2_600,
             "01-16", "02-10", "02-24", "05-18", "08-20", "06-01", BOSS, "招商二科", "clerk-3", "已达产，6月升规。"),
    Invented("滤波器", "丁", "5G滤波器项目", "electronics", "parts", "fill", "广东深圳",
             "介质滤波器年产1200万只", Mode.LEASE, 63_000, 43_000, 2_400,
             "03-12", "03-20", "04-02", "06-15", "09-10", "07-01", DEPUTY, "招商一科", "clerk-2", "已达产，7月升规。"),
    Invented("连接器", "戊", "连接器生产基地", "electronics", "parts", "extend", "广东惠州",
             "精密连接器，租赁厂房8000㎡", Mode.LEASE, 15_000, 11_000, 900,
             "03-27", "04-08", "04-20", "07-06", "", "08-01", DEPUTY, "招商一科", "clerk-2", "已投产，8月升规。"),
    Invented("叉车配套", "庚", "叉车零部件配套项目", "machinery", "components", "extend", "安徽合肥",
             "门架、驱动桥等零部件", Mode.LEASE, 32_000, 85_000, 1_300,
             "04-15", "04-28", "05-12", "07-13", "", "08-01", DEPUTY, "招商二科", "clerk-3", "已投产，8月升规。"),
    Invented("冷链", "巳", "智慧冷链物流园项目", "logistics", "", "build", "湖南长沙",
             "冷库5万立方米，智能分拣", Mode.LAND_SUPPLY, 48_000, 100_000, 620,
             "04-22", "05-06", "05-20", "06-30", "", "07-01", DEPUTY, "招商一科", "clerk", "已投产，7月升规。"),
    Invented("轻量化", "壬", "汽车轻量化部件项目", "machinery", "components", "strengthen", "江苏常州",
             "铝镁合金压铸件，压铸岛4个", Mode.LEASE, 45_000, 110_000, 1_500,
             "05-08", "05-20", "06-03", "07-20", "", "08-01", DEPUTY, "招商二科", "clerk-3", "已投产，8月升规。"),
    Invented("摄像模组", "丙", "精密摄像模组项目", "electronics", "modules", "fill", "广东东莞",
             "摄像模组年产3000万颗", Mode.LAND_SUPPLY, 96_000, 61_000, 3_600,
             "05-20", "06-05", "06-28", "", "", "", DEPUTY, "招商一科", "clerk", "主体厂房封顶。"),
    Invented("铝型材", "卯", "高强铝型材项目", "new-materials", "", "strengthen", "广东佛山",
             "高强铝型材年产4万吨", Mode.LAND_SUPPLY, 60_000, 150_000, 1_450,
             "06-02", "06-10", "06-22", "07-27", "", "08-01", BOSS, "招商一科", "clerk-2", "已投产，8月升规。"),
    Invented("输变电", "辛", "输变电装备项目", "machinery", "power", "fill", "浙江宁波",
             "开关柜、箱变，用地58亩", Mode.LAND_SUPPLY, 56_000, 115_000, 1_380,
             "06-09", "06-24", "07-10", "", "", "", DEPUTY, "招商二科", "clerk-3", "基础施工完成六成。",
             "10千伏专线未接通。", "协调供电部门，10月15日前接通。"),
    Invented("钻探", "癸", "智能钻探装备项目", "machinery", "vehicles", "build", "湖南长沙",
             "钻机年产400台，用地45亩", Mode.LAND_SUPPLY, 35_000, 70_000, 860,
             "06-15", "", "", "", "", "", BOSS, "招商二科", "clerk-3", "选址已定，未注册。",
             "签约107天未注册。", "10月10日前现场办公。"),
    Invented("终端", "乙", "智能终端组装项目", "electronics", "devices", "fill", "广东深圳",
             "整机组装线8条，租赁厂房3.6万㎡", Mode.LEASE, 120_000, 92_000, 5_600,
             "06-18", "06-30", "07-21", "", "", "", BOSS, "招商一科", "clerk", "设备进场，安装4条线。"),
    Invented("医药流通", "子", "医药流通中心项目", "biomedicine", "distribution", "extend", "广东广州",
             "医药仓配中心，仓储2.2万㎡", Mode.LAND_SUPPLY, 50_000, 180_000, 540,
             "06-22", "07-02", "07-13", "08-17", "", "09-01", BOSS, "招商一科", "clerk-2", "已投产，9月升规。"),
    Invented("中药", "丑", "中药提取产业化项目", "biomedicine", "extraction", "build", "湖南长沙",
             "中药提取线3条", Mode.PURCHASE, 42_000, 115_000, 690,
             "07-03", "07-13", "07-24", "08-28", "", "09-01", DEPUTY, "招商一科", "clerk-2", "已投产，9月升规。"),
    Invented("耗材", "寅", "医用耗材生产项目", "biomedicine", "consumables", "fill", "江西南昌",
             "无纺布医用耗材，净化车间6000㎡", Mode.LEASE, 34_000, 85_000, 800,
             "08-12", "08-24", "09-11", "", "", "", DEPUTY, "招商一科", "clerk-2", "净化车间装修。"),
    Invented("石墨烯", "辰", "石墨烯散热膜项目", "new-materials", "", "build", "广东深圳",
             "散热膜年产200万㎡，租赁厂房", Mode.LEASE, 33_000, 60_000, 820,
             "09-08", "09-21", "", "", "", "", DEPUTY, "招商一科", "clerk", "已注册，设备采购。",
             "设备未进场。", "10月设备进场。"),
    Invented("芯片封装", "甲", "芯片封装测试项目", "electronics", "chip", "fill", "江苏苏州",
             "封装测试线6条，用地120亩", Mode.LAND_SUPPLY, 200_000, 120_000, 4_200,
             "09-16", "09-25", "", "", "", "", BOSS, "招商一科", "clerk", "已注册，施工图审查中。",
             "施工许可证未办结。", "10月办结施工许可证。"),
)
# fmt: on
"""In the order of their signing."""
