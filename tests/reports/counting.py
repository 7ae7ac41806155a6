"""The sample counted row by row in plain Python, without the compiler."""

from datetime import date
from typing import Any

from django.apps import apps

from projects.models import Project
from tests.factories import YI

WAN = 10_000
HOME = "baishazhou"
FIRST, LAST = date(2020, 1, 1), date(2020, 9, 30)
REAL = {
    "爱加轻钢装配式建筑产业化科技示范园",
    "富士康智能手机机构件项目",
    "华润医药配送物流项目",
    "深圳捷高电子科技有限公司入驻项目",
    "富士康工业富联衡阳“智造谷”项目",
    "恒天智客新能源汽车整车项目",
    "稀土高强铝合金项目",
    "合力叉车扩大产能和新能源叉车项目",
    "华菱汽车扩能项目",
}
ROOMS = ("parkportal", "enterprises", "projects", "reports")
PRODUCING = {"in_production", "full_capacity"}


def counts(project: Project) -> bool:
    """Whether a project counts at the end of September."""
    ended = project.terminated_on is not None and project.terminated_on <= LAST
    return project.review_state == "verified" and project.deleted_at is None and not ended


def is_100m(project: Project) -> bool:
    """Definition 1 without its dates."""
    kind = (project.category, project.kind, project.contract_type) == ("industry", "new", "formal")
    return kind and (project.total_investment or 0) >= YI


def between(on: date | None, first: date = FIRST, last: date = LAST) -> bool:
    return on is not None and first <= on <= last


def every_project() -> list[Project]:
    return list(Project.objects.select_related("park", "investor__group", "company", "chain", "chain_node", "owner"))


def eighteen() -> list[Project]:
    """The projects of definition 1, January to September."""
    mine = [project for project in every_project() if project.park.code == HOME]
    return [project for project in mine if counts(project) and is_100m(project) and between(project.signed_on)]


def total(projects: list[Project], name: str) -> int:
    return sum(getattr(project, name) or 0 for project in projects)


def invented(row: Any) -> bool:
    return bool(row.sample_fields == ["*"])


def rows_of(model: Any) -> Any:
    """Every row of a model with the rows that it points to."""
    return model._base_manager.select_related(*(f.name for f in model._meta.concrete_fields if f.is_relation))


def business_models() -> list[Any]:
    """Models whose rows people write; not what only counts and remembers."""
    found = (model for room in ROOMS for model in apps.get_app_config(room).get_models())
    return [model for model in found if model._meta.object_name not in {"Counter", "Change"}]
