"""Indicators, targets and scorecards as REST shows them; every number comes from its exact pair."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from parkportal.serializers import Moment, ResourceSerializer, number
from parkportal.writing import percent_value
from reports.frozen import lines_of, park_of
from reports.models import Indicator, Scorecard, ScorecardLine, ScorecardSlice, Target
from reports.periods import Period, time_progress
from reports.progress import Growth, Standing, members_query, standing, thresholds
from reports.sources import SOURCES


class IndicatorSerializer(ResourceSerializer):
    """A definition: source, filter, measure, basis, window, cohort, and how it is shown."""

    class Meta:
        model = Indicator
        fields = (
            *("id", "code", "name", "short_name", "region", "from_year", "to_year", "role", "source", "filter"),
            *("measure", "measure_fields", "numerator", "denominator", "basis", "window", "cohort_date"),
            *("cohort_years", "unit", "display_unit", "decimals", "direction", "order", "pinned", "lead_phrase"),
            *("definition", "listed", "is_event", "amber_points", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("region", "numerator", "denominator")


class TargetSerializer(ResourceSerializer):
    """A target of a park or region: `annual` ÷ `denominator`, in the indicator's unit."""

    curve = serializers.ListField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = Target
        fields = (
            *("id", "code", "park", "region", "indicator", "year", "level", "state", "document", "issued_on"),
            *("authority", "annual", "denominator", "curve", "basis", "note", "created_at", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        return rows.select_related("park", "region", "indicator")


class LineIndicatorSerializer(serializers.ModelSerializer):
    """The indicator of a line, as far as its numbers need it."""

    class Meta:
        model = Indicator
        fields = ("code", "name", "unit", "display_unit", "role", "direction", "decimals")


@extend_schema_field(OpenApiTypes.NUMBER)
class Figure(serializers.Field):
    """A number that is read from a line: an integer where whole, else one decimal; null where it is unknown."""

    def __init__(self, read: Callable[[Any], Fraction | int | float | None], **kwargs: Any) -> None:
        self.read = read
        super().__init__(source="*", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> int | float | None:
        found = self.read(value)
        return found if isinstance(found, float) else number(found, 1)


def of_standing(name: str) -> Figure:
    """Return a figure in the indicator's unit that says how a line stands."""
    return Figure(lambda line: getattr(standing(line), name), allow_null=True)


def of_line(name: str) -> Figure:
    """Return a figure that is stored in a line, in the indicator's unit."""
    return Figure(lambda line: getattr(line, name), allow_null=True)


def percent(read: Callable[[Standing], Fraction | None]) -> Figure:
    """Return a percentage with one decimal that never says more than the exact value."""
    return Figure(lambda line: percent_value(read(standing(line)), thresholds=thresholds(line)), allow_null=True)


def ahead_points(line: ScorecardLine) -> float | None:
    """How far a line is ahead of its pace, in points; what is behind is never 0.0."""
    return percent_value(standing(line).ahead_pp, thresholds=(0,))


def growth(line: ScorecardLine) -> float | None:
    """The change against last year with one decimal: in %, points for rates, days for days, or a difference."""
    found: Growth | None = standing(line).yoy
    return None if found is None else float(number(found.value, 1) or 0)


class LineSerializer(serializers.ModelSerializer):
    """One indicator's result: actual, target, pace and last year, in the indicator's unit; rates in per cent."""

    indicator = LineIndicatorSerializer(read_only=True)
    target = of_line("target")
    actual = of_line("actual")
    reported = of_line("reported")
    month_actual = of_line("month")
    excess = of_standing("excess")
    completion_rate = percent(lambda state: state.completion)
    time_progress = percent(lambda state: state.time_progress)
    ahead_pp = Figure(ahead_points, allow_null=True)
    ahead = of_standing("ahead")
    prorata_target = of_standing("prorata_target")
    previous_year = of_line("previous")
    previous_year_source = serializers.CharField(source="previous_source", read_only=True)
    yoy = Figure(growth, allow_null=True)
    yoy_unit = serializers.SerializerMethodField()
    members_url = serializers.SerializerMethodField()

    class Meta:
        model = ScorecardLine
        fields = (
            *("indicator", "target", "target_basis", "target_document", "actual", "actual_numerator"),
            *("actual_denominator", "inexact", "reported", "month_actual", "excess", "completion_rate"),
            *("time_progress", "ahead_pp", "ahead", "prorata_target", "previous_year", "previous_year_source"),
            *("yoy", "yoy_unit", "rank", "ranked", "light", "members_url"),
        )

    def get_yoy_unit(self, line: ScorecardLine) -> str | None:
        """What `yoy` is in: %, 百分点, 天 or the indicator's unit."""
        found = standing(line).yoy
        return found.unit if found else None

    def get_members_url(self, line: ScorecardLine) -> str | None:
        """The list behind the figure, with its filter spelled out, or of its frozen members; null for a ratio."""
        source = SOURCES.get(line.indicator.source)
        if source is None or line.indicator.measure == Indicator.Measure.RATIO:
            return None
        card = line.scorecard
        period = Period.parse(card.period)
        if card.status == Scorecard.Status.PUBLISHED:
            return f"/api/v1/scorecards/{card.code}/members/?indicator={line.indicator.code}"
        return f"/api/v1/{source.rest}/?{members_query(line.indicator, card.park, period)}"


class SliceSerializer(serializers.ModelSerializer):
    """A part of a line's result, by chain, stage or month."""

    indicator = serializers.CharField(source="line.indicator.code", read_only=True, required=False)
    actual = of_line("actual")
    actual_numerator = serializers.IntegerField(source="numerator", read_only=True)
    actual_denominator = serializers.IntegerField(source="denominator", read_only=True)

    class Meta:
        model = ScorecardSlice
        fields = ("indicator", "dimension", "key", "name", "actual", "actual_numerator", "actual_denominator")


class MemberSerializer(serializers.Serializer):
    """A row as it was counted in a published figure: `numerator` ÷ `denominator` × `bp` ÷ 10,000."""

    code = serializers.CharField()
    entered = serializers.CharField(help_text="month from which it counts")
    booked = serializers.CharField(help_text="month of its basis date")
    numerator = serializers.IntegerField()
    denominator = serializers.IntegerField()
    bp = serializers.IntegerField()
    inexact = serializers.CharField(allow_blank=True)
    chain = serializers.CharField(allow_blank=True)
    stage = serializers.CharField(allow_blank=True)
    key = serializers.CharField(allow_blank=True, help_text="what tells rows apart where distinct ones are counted")
    facts = serializers.DictField(help_text="what documents said of it then")


class MembersSerializer(serializers.Serializer):
    """The rows behind a published figure, all at once."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MemberSerializer(many=True)


class ScorecardSerializer(ResourceSerializer):
    """A park's results for January up to one month, with the lines of 附件1 and their parts."""

    revision = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField()
    lead = serializers.SerializerMethodField()
    headline = serializers.SerializerMethodField()
    published_at = serializers.SerializerMethodField()
    time_progress = serializers.SerializerMethodField()
    lines = serializers.SerializerMethodField()
    slices = serializers.SerializerMethodField()

    class Meta:
        model = Scorecard
        fields = (
            *("id", "code", "park", "period", "revision", "status", "lead", "headline", "compiled_at"),
            *("published_at", "digest", "time_progress", "lines", "slices", "updated_at", "version"),
        )

    @classmethod
    def with_related(cls, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        listed = ScorecardLine.objects.filter(listed=True).select_related("indicator")
        slices = ScorecardSlice.objects.select_related("line__indicator")
        lines = Prefetch("lines", listed.prefetch_related(Prefetch("slices", slices)))
        return rows.with_standing().select_related("park__region", "publication").prefetch_related(lines)  # type: ignore[attr-defined]

    @extend_schema_field(serializers.ChoiceField(choices=["draft", "in_review", "published", "superseded"]))
    def get_status(self, card: Scorecard) -> str:
        """Where it stands; `superseded` once a later revision is published."""
        return "superseded" if card.replaced else card.status  # type: ignore[attr-defined]

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_revision(self, card: Scorecard) -> int | None:
        """Which edition of the period it is; null until it is published."""
        return card.revision if card.status == Scorecard.Status.PUBLISHED else None

    def get_lead(self, card: Scorecard) -> str:
        """The lead sentence."""
        return str(_frozen(card)["lead"] if _frozen(card) else card.lead)

    def get_headline(self, card: Scorecard) -> str:
        """The typed headline; empty where none was."""
        return str(_frozen(card)["headline"] if _frozen(card) else card.headline)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_published_at(self, card: Scorecard) -> str | None:
        """When it was published; null until then."""
        return Moment().to_representation(card.publication.published_at) if _frozen(card) else None

    @extend_schema_field(LineSerializer(many=True))
    def get_lines(self, card: Scorecard) -> list[Any]:
        """The lines of 附件1; of a published scorecard as they were frozen."""
        return LineSerializer(_lines(card), many=True, context=self.context).data

    def get_time_progress(self, card: Scorecard) -> float | None:
        """How much of the year has passed, in per cent."""
        content = _frozen(card)
        region = park_of(content).region if content else card.park.region
        return percent_value(time_progress(Period.parse(card.period).month, quarterly=region.paces_quarterly))

    @extend_schema_field(SliceSerializer(many=True))
    def get_slices(self, card: Scorecard) -> list[Any]:
        """The parts of all lines."""
        parts = [(line, part) for line in _lines(card) for part in line.parts]
        return [{"indicator": line.indicator.code} | SliceSerializer(part).data for line, part in parts]


def _frozen(card: Scorecard) -> dict[str, Any]:
    """What was published; nothing of a draft."""
    published = card.status == Scorecard.Status.PUBLISHED and hasattr(card, "publication")
    return card.publication.data if published else {}


def _lines(card: Scorecard) -> list[ScorecardLine]:
    content = _frozen(card)
    return [line for line in lines_of(content, card) if line.listed] if content else list(card.lines.all())
