"""What makes each writing form good, which rows it is about, and which of its fields name a row."""

from typing import Any

PEOPLE = {"people-TOTAL_FORMS": "1", "people-INITIAL_FORMS": "0", "people-0-name": "某人"}
GOOD: dict[str, dict[str, Any]] = {
    "project-new": {
        "name": "新项目", "category": "industry", "kind": "new", "contract_type": "formal", "stage": "lead",
    },
    "project-edit": {"name": "改名"},
    "fund-arrival-new": {
        "project": "@project.verified", "received_on": "2020-06-15", "amount": "1000", "origin_tier": "out_of_province",
    },
    "fund-arrival-edit": {"amount": "1001"},
    "engagement-new": {
        "project": "@project", "enterprise": "@enterprise", "mode": "online",
        "title": "洽谈", "held_on": "2020-03-05", **PEOPLE,
    },
    "engagement-edit": {"title": "改题", **PEOPLE},
    "group-start-entry-new": {"project": "@project.submitted"},
    "enterprise-new": {"name": "新企业"},
    "enterprise-edit": {"name": "改名企业"},
    "listing-step-new": {
        "enterprise": "@enterprise", "board": "star", "step": "accepted", "happened_on": "2020-05-20", "document": "x",
    },
    "listing-step-edit": {"document": "改文号"},
    "target-new": {
        "park": "@park", "indicator": "arrived_funds_domestic", "year": "2021", "level": "city",
        "annual": "3", "basis": "annual",
    },
    "target-edit": {"annual": "13"},
    "goal-new": {"place": "park:park-a", "year": "2025", "name": "产值", "amount": "1", "unit": "亿元", "basis": "x"},
    "goal-edit": {"amount": "13"},
    "assessment-rule-new": {
        "name": "计分项", "year": "2020", "kind": "capped", "indicator": "projects_100m", "weight": "40", "order": "1",
    },
    "assessment-rule-edit": {"weight": "41"},
    "indicator-new": {
        "code": "fresh", "name": "新指标", "role": "monitored", "source": "projects", "measure": "count",
        "filter-kind": "new", "basis": "signed_on", "window": "ytd", "display_unit": "个",
        "direction": "more", "definition": "口径。", "decimals": "0", "order": "100",
        "from_year": "2020", "amber_points": "10",
    },
    "indicator-edit": {"definition": "改口径。"},
    "region-edit": {"cutoff_day": "5"},
    "matter-edit": {"words": "改内容"},
    "webhook-new": {"name": "新推送", "url": "https://example.cn/new"},
    "webhook-edit": {"name": "改名推送"},
    "contact-new": {"enterprise": "@enterprise", "name": "新联系人", "phone": "13800005678"},
    "contact-edit": {"name": "改名联系人"},
    "project-stage": {}, "project-return": {"reason": "原因"},
    "project-terminate": {"on": "2020-09-01", "reason": "原因"},
    "scorecard-headline": {"headline": "标题"},
}  # fmt: skip
"""Forms by the name of their address; “@kind” stands for the code of the row of that kind."""
BUTTONS = {
    *("project-submit", "project-recall", "project-verify", "project-withdraw", "project-restore"),
    *("fund-arrival-restore", "engagement-restore"),
    *("fund-arrival-verify", "fund-arrival-withdraw", "engagement-withdraw", "group-start-entry-withdraw"),
    *("attachment-withdraw", "contact-withdraw", "webhook-renew", "webhook-try", "webhook-withdraw"),
    *(
        "listing-step-withdraw",
        "target-withdraw",
        "goal-withdraw",
        "assessment-rule-withdraw",
        "scorecard-compile",
        "scorecard-compile-any",
    ),
    *("blank-form-withdraw", "filled-form-withdraw"),
}
ROWS = {
    "project-stage": "project.verified", "project-terminate": "project.verified", "project-return": "project.submitted",
    "project-recall": "project.submitted", "project-verify": "project.submitted",
    "project-restore": "project.withdrawn", "fund-arrival-restore": "fund-arrival.gone",
    "engagement-restore": "engagement.gone", "group-start-entry-new": "group-start",
}  # fmt: skip
FOREIGN = [
    ("project-new", "parent", "project.verified"), ("project-new", "owner", "user"),
    ("project-new", "investor_name", "enterprise"), ("project-new", "company_name", "enterprise"),
    ("project-edit", "parent", "project.verified"), ("project-edit", "owner", "user"),
    ("project-edit", "investor_name", "enterprise"), ("project-edit", "company_name", "enterprise"),
    ("project-stage", "investor_name", "enterprise"), ("project-stage", "company_name", "enterprise"),
    ("fund-arrival-new", "project", "project.verified"), ("fund-arrival-edit", "project", "project.verified"),
    ("engagement-new", "project", "project"), ("engagement-new", "enterprise", "enterprise"),
    ("engagement-edit", "project", "project"), ("engagement-edit", "enterprise", "enterprise"),
    ("group-start-entry-new", "project", "project.submitted"),
    ("matter-edit", "owner", "user"),
    ("contact-new", "enterprise", "enterprise"), ("contact-edit", "enterprise", "enterprise"),
    ("listing-step-new", "enterprise", "enterprise"), ("listing-step-edit", "enterprise", "enterprise"),
]  # fmt: skip
"""Fields of forms that name a row of a park, and the kind of row."""
