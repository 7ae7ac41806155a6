"""How projects, arrivals, talks and group starts are chosen; indicators use the same filters."""

import json
from datetime import date, timedelta
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Final

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connections
from django.db.models import Exists, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enterprises.filters import visible_enterprises
from enterprises.models import Chain, ChainNode
from parkportal.filtering import (
    Choices,
    CodeField,
    Codes,
    Counted,
    Day,
    Number,
    Saved,
    StrictBoolean,
    StrictFilterSet,
    visible_parks,
)
from parkportal.models import Attachment, Park, RecognitionLevel, User
from parkportal.writing import PRECISIONS, clean_text, earliest
from projects import stages
from projects.models import Engagement, FundArrival, GroupStart, GroupStartEntry, Project, ProjectShare
from projects.tags import tags_in, tags_problem


class HoldsShare(Codes):
    """Projects in which one of the named parks holds a share."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        return qs.filter(Exists(ProjectShare.objects.filter(project=OuterRef("pk"), park__in=list(value))))


class Colleague(django_filters.ModelMultipleChoiceFilter):
    """One or several people, by their login names."""

    field_class = CodeField

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(to_field_name="username", distinct=False, **kwargs)

    def get_filter_predicate(self, v: Any) -> dict[str, Any]:
        """The row itself: django-filter would compare its login name with a primary key."""
        return {str(self.field_name): v}


def open_rows(filters: StrictFilterSet, rows: Any) -> Any:
    """Of these projects those that the reader sees in full, so that nobody asks by what is hidden from them."""
    reader = filters.reader
    return rows.open_to(reader) if reader else rows


class Party(Codes):
    """Projects of the named enterprises; a secret one is found by who may know its enterprises."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        filters: StrictFilterSet = self.parent  # type: ignore[attr-defined]
        return super().filter(open_rows(filters, qs), value) if value else qs


class Search(django_filters.CharFilter):
    """A text in the name, its pinyin or initials, the investor or the code.

    A secret one is found by who may know, and only by who asks for secret ones.
    """

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        filters: StrictFilterSet = self.parent  # type: ignore[attr-defined]
        rows, asked = open_rows(filters, qs), filters.form.cleaned_data.get("with_secret") == "true"
        return super().filter(rows if asked else rows.without_secret(), value)


class WordsField(forms.CharField):
    """Words, by repeating the name or with marks between them."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return tags_in("、".join(clean_text(str(text)) for text in value or ()))

    def run_validators(self, value: Any) -> None:
        """No tag is longer, so that a longer word is a slip."""
        if problem := tags_problem(value):
            raise forms.ValidationError(problem)


class Tagged(django_filters.CharFilter):
    """Projects with one of the tags; a secret one, whose tags are hidden, is found by who may know."""

    field_class = WordsField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if not value:
            return qs
        rows: QuerySet[Any] = open_rows(self.parent, qs)  # type: ignore[attr-defined]
        if connections[qs.db].features.supports_json_field_contains:
            return rows.filter(reduce(or_, (Q(tags__contains=[tag]) for tag in value)))
        # SQLite keeps the list as its text: each tag is looked for with the marks that stand around it there.
        text = Concat(Value(", "), Substr(Cast("tags", TextField()), 2))
        found = {f"tag_{n}": StrIndex(text, Value(f", {json.dumps(tag)}")) for n, tag in enumerate(value)}
        tagged: QuerySet[Any] = rows.alias(**found).filter(reduce(or_, (Q(**{f"{name}__gt": 0}) for name in found)))
        return tagged


PLANS: Final = (("planned_start_on", stages.STARTED), ("planned_production_on", stages.PRODUCING))
"""Planned days, and the stage that should have been reached by then."""


def overdue(today: date) -> Q:
    """Projects under way whose planned start or production has passed without it; a month has passed with its end."""
    late = Q()
    for plan, stage in PLANS:
        passed = [Q(**{f"{plan}_precision": p, f"{plan}__lt": earliest(today, p)}) for p in PRECISIONS]
        late |= Q(stage__in=stages.CODES[: stages.CODES.index(stage)]) & reduce(or_, passed)
    return late & Q(status=Project.Status.ACTIVE)


class Overdue(StrictBoolean):
    """Projects that are behind their planned days today, or all others."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        late = overdue(timezone.localdate())
        return qs if value in (None, "") else qs.filter(late if value == "true" else ~late)


def stale(days: int) -> Q:
    """Projects of which nothing was written for so many days."""
    return Q(updated_at__lt=timezone.now() - timedelta(days=days))


class Stale(Number):
    """The same as a condition of the address."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs.filter(stale(int(value))) if value is not None else qs


class Fulfilled(StrictBoolean):
    """Projects that keep their contract (履约): registered, and money arrived or the way in or the start was taken."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        paid = FundArrival.objects.filter(project=OuterRef("pk"), verified=True, deleted_at__isnull=True)
        begun = Q(settle_started_on__isnull=False) | Q(stage__in=stages.STARTED_OR_LATER)
        kept = Q(registered_on__isnull=False) & (begun | Exists(paid))
        return qs if value in (None, "") else qs.filter(kept if value == "true" else ~kept)


def visible_users(request: Any) -> QuerySet[User]:
    """People who may be named in a filter: the reader and those of the parks that the reader sees."""
    if request is None:
        return User.objects.all()
    return User.objects.filter(Q(park__in=Park.objects.visible_to(request.user)) | Q(pk=request.user.pk))


class WithSecret(StrictBoolean):
    """Asks for secret projects too where they are left out: in searches and exports. Chooses no row itself."""

    def __init__(self) -> None:
        super().__init__(label=_("含保密项目"))

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return qs


class ProjectFilter(StrictFilterSet):
    """Filters of the project list; what an indicator on projects may use as its filter."""

    BASES = (
        "signed_on",
        "registered_on",
        "started_on",
        "moved_in_on",
        "in_production_on",
        "full_capacity_on",
        "completed_on",
        "ceremony_on",
        "terminated_on",
        "above_scale_on",
    )
    UNKEPT: ClassVar = StrictFilterSet.UNKEPT | {"overdue", "stale_days", "filter", "tags"}
    park = HoldsShare(label=_("园区"), queryset=visible_parks)
    chain = Codes(label=_("产业链"), queryset=Chain.objects.all())
    chain_node = Codes(label=_("产业链环节"), queryset=ChainNode.objects.all())
    chain_action = Choices(label=_("链上作用"), choices=Project.ChainAction.choices)
    category = Choices(label=_("类别"), choices=Project.Category.choices)
    kind = Choices(label=_("引进方式"), choices=Project.Kind.choices)
    contract_type = Choices(label=_("合同"), choices=Project.ContractType.choices)
    stage = Choices(label=_("进度"), choices=Project.Stage.choices)
    status = Choices(label=_("状态"), choices=Project.Status.choices)
    review_state = Choices(label=_("审核"), choices=Project.ReviewState.choices)
    recognition_level = Choices(label=_("认定级别"), choices=RecognitionLevel.choices)
    investor = Party(label=_("投资方"), queryset=visible_enterprises)
    company = Party(label=_("项目公司"), queryset=visible_enterprises)
    owner = Colleague(label=_("责任人"), queryset=visible_users)
    fortune_global_500 = StrictBoolean(label=_("世界500强"), field_name="fortune_global_500")
    tags = Tagged(label=_("标签"))
    total_investment_min = Number(label=_("总投资不少于"), field_name="total_investment", lookup_expr="gte")
    total_investment_max = Number(label=_("总投资不超过"), field_name="total_investment", lookup_expr="lte")
    fulfilled = Fulfilled(label=_("履约"))
    counted = Counted()
    signed_ever = Counted(how="signed_ever")
    with_secret = WithSecret()
    search = Search(label=_("搜索"), field_name="search_text", lookup_expr="icontains", max_length=100)
    overdue = Overdue(label=_("超过计划时间"))
    stale_days = Stale(
        label=_("未更新天数"), field_name="updated_at", validators=[MinValueValidator(0), MaxValueValidator(36_500)]
    )
    filter = Saved("projects")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    signed_on_after = Day(label=_("签约时间从"), field_name="signed_on", lookup_expr="gte")
    signed_on_before = Day(label=_("签约时间到"), field_name="signed_on", lookup_expr="lte")
    registered_on_after = Day(label=_("注册时间从"), field_name="registered_on", lookup_expr="gte")
    registered_on_before = Day(label=_("注册时间到"), field_name="registered_on", lookup_expr="lte")
    started_on_after = Day(label=_("开工时间从"), field_name="started_on", lookup_expr="gte")
    started_on_before = Day(label=_("开工时间到"), field_name="started_on", lookup_expr="lte")
    moved_in_on_after = Day(label=_("入驻时间从"), field_name="moved_in_on", lookup_expr="gte")
    moved_in_on_before = Day(label=_("入驻时间到"), field_name="moved_in_on", lookup_expr="lte")
    in_production_on_after = Day(label=_("投产时间从"), field_name="in_production_on", lookup_expr="gte")
    in_production_on_before = Day(label=_("投产时间到"), field_name="in_production_on", lookup_expr="lte")
    full_capacity_on_after = Day(label=_("达产时间从"), field_name="full_capacity_on", lookup_expr="gte")
    full_capacity_on_before = Day(label=_("达产时间到"), field_name="full_capacity_on", lookup_expr="lte")
    completed_on_after = Day(label=_("竣工时间从"), field_name="completed_on", lookup_expr="gte")
    completed_on_before = Day(label=_("竣工时间到"), field_name="completed_on", lookup_expr="lte")
    ceremony_on_after = Day(label=_("仪式时间从"), field_name="ceremony_on", lookup_expr="gte")
    ceremony_on_before = Day(label=_("仪式时间到"), field_name="ceremony_on", lookup_expr="lte")
    terminated_on_after = Day(label=_("终止时间从"), field_name="terminated_on", lookup_expr="gte")
    terminated_on_before = Day(label=_("终止时间到"), field_name="terminated_on", lookup_expr="lte")
    above_scale_on_after = Day(label=_("升规时间从"), field_name="company__above_scale_on", lookup_expr="gte")
    above_scale_on_before = Day(label=_("升规时间到"), field_name="company__above_scale_on", lookup_expr="lte")

    class Meta:
        model = Project
        fields: list[str] = []


def visible_projects(request: Any) -> QuerySet[Project]:
    """Projects that may be named in a filter."""
    return Project.objects.all() if request is None else Project.objects.visible_to(request.user)


def unproved() -> Q:
    """The condition of arrivals that name no proof and have no file."""
    files = Attachment.objects.kept().filter(object_type=FundArrival._meta.label, object_code=OuterRef("code"))
    return Q(~Exists(files), proof="")


class Proved(StrictBoolean):
    """Arrivals that name a proof or have a file, or those that lack both; of a secret project for who may know."""

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if value in (None, ""):
            return qs
        known = open_rows(self.parent, Project.objects.all())  # type: ignore[attr-defined]
        return qs.filter(~unproved() if value == "true" else unproved(), project__in=known)


class FundArrivalFilter(StrictFilterSet):
    """Filters of the list of arrived money."""

    UNKEPT: ClassVar = StrictFilterSet.UNKEPT | {"has_proof"}
    BASES = ("received_on", "signed_on")
    park = Codes(label=_("园区"), field_name="project__park", queryset=visible_parks)
    project = Codes(label=_("项目"), queryset=visible_projects)
    category = Choices(label=_("项目类别"), field_name="project__category", choices=Project.Category.choices)
    kind = Choices(label=_("引进方式"), field_name="project__kind", choices=Project.Kind.choices)
    contract_type = Choices(label=_("合同"), field_name="project__contract_type", choices=Project.ContractType.choices)
    total_investment_min = Number(
        label=_("项目总投资不少于"), field_name="project__total_investment", lookup_expr="gte"
    )
    total_investment_max = Number(
        label=_("项目总投资不超过"), field_name="project__total_investment", lookup_expr="lte"
    )
    origin_tier = Choices(label=_("资金来源"), choices=FundArrival.OriginTier.choices)
    fdi_scope = Choices(label=_("外资口径"), choices=FundArrival.FdiScope.choices)
    verified = StrictBoolean(label=_("已核实"), field_name="verified")
    has_proof = Proved(label=_("有凭证"))
    with_secret = WithSecret()
    counted = Counted()
    received_on_after = Day(label=_("到账时间从"), field_name="received_on", lookup_expr="gte")
    received_on_before = Day(label=_("到账时间到"), field_name="received_on", lookup_expr="lte")
    signed_on_after = Day(label=_("项目签约时间从"), field_name="project__signed_on", lookup_expr="gte")
    signed_on_before = Day(label=_("项目签约时间到"), field_name="project__signed_on", lookup_expr="lte")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = FundArrival
        fields: list[str] = []


class EngagementFilter(StrictFilterSet):
    """Filters of the list of talks."""

    BASES = ("held_on",)
    park = Codes(label=_("园区"), queryset=visible_parks)
    project = Codes(label=_("项目"), queryset=visible_projects)
    mode = Choices(label=_("方式"), choices=Engagement.Mode.choices)
    with_secret = WithSecret()
    counted = Counted()
    held_on_after = Day(label=_("日期从"), field_name="held_on", lookup_expr="gte")
    held_on_before = Day(label=_("日期到"), field_name="held_on", lookup_expr="lte")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = Engagement
        fields: list[str] = []


class GroupStartEntryFilter(StrictFilterSet):
    """Filters of the projects on the lists of group starts."""

    BASES = ("held_on",)
    park = Codes(label=_("园区"), field_name="project__park", queryset=visible_parks)
    project = Codes(label=_("项目"), queryset=visible_projects)
    level = Choices(label=_("级别"), field_name="group_start__level", choices=GroupStart.Level.choices)
    with_secret = WithSecret()
    counted = Counted()
    held_on_after = Day(label=_("日期从"), field_name="group_start__held_on", lookup_expr="gte")
    held_on_before = Day(label=_("日期到"), field_name="group_start__held_on", lookup_expr="lte")
    updated_since = django_filters.NumberFilter(label=_("更新序号大于"), field_name="seq", lookup_expr="gt")

    class Meta:
        model = GroupStartEntry
        fields: list[str] = []
