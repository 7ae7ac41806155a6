"""A large ledger: 20,000 rows of forty columns, parsed in its child and checked against the park's projects."""

import io
import resource
from datetime import date
from random import Random
from typing import Any, Final

import python_calamine
import xlsxwriter

from parkportal.models import Park, User
from parkportal.trace import Actor
from projects.imports import services
from tests.bench.measure import Pair

ROWS: Final = 20_000
ROUNDS: Final = 3
DAY: Final = date(2020, 10, 1)
HEADS: Final = (
    *("序号", "项目名称", "投资方", "投资方所在地", "是否三类500强", "项目公司", "建设内容及规模", "项目类别"),
    *("所属产业链", "建设性质", "建设地点", "用地方式", "用地面积（亩）", "厂房面积（㎡）", "总投资（万元）"),
    *("固定资产投资", "合同引资额", "外资额（万美元）", "年度计划投资", "合同类型", "签约时间", "签约活动"),
    *("注册时间", "拟开工时间", "实际开工时间", "预计投产时间", "实际投产时间", "项目阶段", "目前进展"),
    *("本月到位资金", "累计到位资金", "累计完成投资", "预计年产值", "预计年税收", "预计就业", "存在问题"),
    *("下一步计划", "责任领导", "责任单位／责任人", "备注"),
)


def book(rows: int) -> bytes:
    """The workbook: amounts as numbers and as texts, dates to the day and to the ten days."""
    chance, buffer = Random(1), io.BytesIO()  # noqa: S311 - figures for measurements, not secrets
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as made:
        sheet = made.add_worksheet("台账")
        sheet.write_row(0, 0, ["单位：万元"])
        sheet.write_row(1, 0, HEADS)
        for number in range(rows):
            sheet.write_row(number + 2, 0, _cells(chance, number))
    return buffer.getvalue()


def _cells(chance: Random, number: int) -> list[Any]:
    total = chance.randint(2_000, 90_000)
    name = "".join(chance.choice("电子机械医药新材料智能制造装备光伏芯片") for _place in range(6))
    return [
        *(number + 1, f"{name}项目{number}", f"投资{number}有限公司", "广东深圳", "否", f"公司{number}有限公司"),
        *(f"建设内容{number}，" * 5, "产业类", "电子信息", "新建", "园区东路", "供地"),
        *(chance.randint(10, 300) / 10, chance.randint(100, 9_999), total, total // 2, total // 3, "", total // 4),
        *("正式合同", f"2020-0{chance.randint(1, 9)}-{chance.randint(10, 28)}", "港洽周"),
        *("2020年7月中旬" if number % 3 else "", "2020年12月", "", "2021年6月", "", "签约"),
        *(f"正在办理第{number}项手续", "100", "1,000", total // 10, f"{total / 10_000:.4f}亿", total // 50),
        *(f"{chance.randint(50, 900)}余人", "无", "抓紧开工", "分管领导", "招商一科／经办人甲", "备注"),
    ]


def pairs() -> list[Pair]:
    """Reading and checking against the bare reading of the same bytes without limits."""
    data, park = book(ROWS), Park.objects.get(code="volume-001")
    by = Actor(User.objects.get(username="volume-001-clerk"))

    def check() -> None:
        batch = services.import_upload(by=by, park=park, name="台账.xlsx", data=data, on=DAY)
        mapping = {int(place): name for place, name in batch.mapping.items()}
        services.import_map(by=by, batch=batch, mapping=mapping, unit="万元", year=2020, hidden=True)
        services.import_check(by=by, batch=batch, on=DAY)
        batch.refresh_from_db()
        assert batch.rows.count() == ROWS, batch.counts

    def bare() -> None:
        rows = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
        assert len(rows) == ROWS + 2

    return [Pair("import, 20,000 rows × 40 columns checked", check, "bare reading", bare, ROUNDS, also=child_memory)]


def child_memory() -> str:
    """The most memory that a child of this process had, in MB: the parser's."""
    return f"parser {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB"
