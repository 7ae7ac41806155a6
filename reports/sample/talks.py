"""The talks that the report tells of, with the people as it names them, and a few invented ones."""

from typing import Any, Final

from projects.models import Engagement, Participant
from reports.sample.book import SAMPLE_MARK, Book, day
from reports.sample.parks import HOME

Mode = Engagement.Mode
Rows = tuple[tuple[str, str, dict[str, Any], tuple[tuple[str, str], ...]], ...]

REAL: Final[Rows] = (
    (
        "富士康",
        "04-21",
        {
            "mode": Mode.ONLINE,
            "title": "富士康智能手机机构件项目三方视频会谈",
            "summary": "就签约细节进行磋商，并与富士康方面保持密切联络。",
        },
        (("胡水龙", "原副市长"), ("向绪宏", "富士康工业互联网公司副总"), ("孙银生", "省台办主任")),
    ),
    (
        "富士康",
        "04-21",
        {
            "mode": Mode.OUTBOUND,
            "title": "带队赴深圳富士康面谈",
            "until": day("05-08"),
            "place": "深圳",
            "summary": "疫情解禁后即刻成行，报道未载日期，在4月21日至5月8日之间。",
        },
        (("刘兴中", "园区书记"),),
    ),
    (
        "富士康",
        "05-08",
        {"mode": Mode.OUTBOUND, "title": "再次赴深圳洽谈", "place": "深圳"},
        (("刘兴中", "园区书记"),),
    ),
    (
        "合力扩产",
        "09-22",
        {
            "mode": Mode.OUTBOUND,
            "title": "邀请市领导带队赴安徽合力叉车总部洽谈",
            "place": "安徽合力叉车总部",
            "summary": "与公司高层洽谈扩大产能：在原产能2万台的基础上增资，争取年生产1万台新能源叉车项目落户衡阳，"
            "集中产业链配套企业落户园区。",
        },
        (),
    ),
)
"""Project, day, what the report says, people with their posts in its words."""

INVENTED: Final[Rows] = (
    ("芯片封装", "08-27", {"mode": Mode.INBOUND, "title": "来园区踏勘选址"}, (("企业代表甲", "项目负责人"),)),
    ("新能源电机", "09-17", {"mode": Mode.ONLINE, "title": "商谈投资合同条款"}, (("企业代表乙", "项目负责人"),)),
    ("传感器封装", "09-24", {"mode": Mode.STATIONED, "title": "珠三角驻点对接"}, (("经办人乙", "招商一科"),)),
)


def add_engagements(book: Book) -> None:
    """Every talk with its people; the title of an invented one says so."""
    for rows, mark in ((REAL, ""), (INVENTED, SAMPLE_MARK)):
        for project, on, values, people in rows:
            talk = Engagement(park=book.parks[HOME], project=book.projects[project], held_on=day(on), **values)
            talk.title += mark
            talk.enterprise = book.projects[project].investor
            talk.code = book.code(HOME, "t", talk.held_on.year)
            book.ledger.create(talk)
            for name, post in people:
                book.ledger.create(Participant(engagement=talk, name=name, post=post))
