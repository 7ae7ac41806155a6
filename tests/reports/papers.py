"""A content as freezing makes it, built by hand: what papers are tested with, without a database."""

from typing import Any

from projects.models import Project
from reports.freezing import FORMAT, INDICATOR_FIELDS, LINE_FIELDS
from reports.models import Indicator, ScorecardLine

YI = 100_000_000
COUNT = {"measure": "count", "unit": "个", "display_unit": "个", "decimals": 0}
MONEY = {"measure": "sum", "unit": "元", "display_unit": "亿元", "decimals": 1}


def content(projects: list[dict[str, Any]], **values: Any) -> dict[str, Any]:
    """A scorecard of 2020-09 whose first figure counts these projects against a target of 12."""
    members = [_member(n, facts) for n, facts in enumerate(projects, 1)]
    total = sum(facts.get("total_investment", 0) for facts in projects)
    done = {"target_numerator": 12, "target_denominator": 1, "pace_numerator": 9, "pace_denominator": 1}
    done |= {"time_progress_numerator": 3, "time_progress_denominator": 4, "light": "green", "rank": 1, "ranked": 6}
    done |= {"target_document": "（示例）", "target_authority": "（示例）"}
    lines = [
        line("projects_100m", "签约亿元以上产业项目数", len(projects), COUNT | {"role": "assessed"}, **done),
        line("signed_investment", "签约项目总投资", total, MONEY | {"order": 20}),
    ]
    for entry in lines:
        one = entry["indicator"]["code"] == "projects_100m"
        share = {"dimension": "chain", "key": "electronics", "name": "电子信息", "denominator": 1, "inexact": ""}
        entry["parts"] = [share | {"numerator": len(projects) if one else total}] if projects else []
    return {
        "format": FORMAT,
        "park": {"code": "p", "name": "甲园区", "group": "", "is_sample": False, "sample_fields": []}
        | {"region": {"code": "430400", "name": "某市"}},
        "period": "2020-09",
        "revision": 1,
        "lead": f"1至9月，签约亿元以上产业项目{len(projects)}个。",
        "headline": "",
        "reasons": {},
        "lines": lines,
        "peers": {},
        "members": {"projects_100m": members, "signed_investment": []},
    } | values


def line(code: str, name: str, actual: int, looks: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A line with its indicator as it would be frozen."""
    indicator = Indicator(code=code, name=name, source="projects", definition=f"{name}的口径。", **looks)
    row = ScorecardLine(actual_numerator=actual, actual_denominator=1, **values)
    return {
        "indicator": {field: getattr(indicator, field, None) for field in INDICATOR_FIELDS},
        "values": {field: getattr(row, field) for field in LINE_FIELDS},
        "parts": [],
    }


def facts(n: int, **values: Any) -> dict[str, Any]:
    """What is frozen of a project of n + 1 亿元."""
    return {
        "name": f"项目{n}",
        "investor": f"企业{n}",
        "stage": Project.Stage.STARTED.value,
        "total_investment": (n + 1) * YI,
        "total_investment_qualifier": "exact",
        "signed_on": f"2020-{n % 9 + 1:02d}-15",
        "signed_on_precision": "day",
    } | values


def _member(n: int, told: dict[str, Any]) -> dict[str, Any]:
    month = told["signed_on"][:7]
    return {
        "code": f"p-2020-{n:03d}",
        "entered": month,
        "booked": month,
        **{"numerator": 1, "denominator": 1, "bp": 10_000, "inexact": "", "chain": "electronics", "key": ""},
        "stage": told["stage"],
        "facts": told,
    }
