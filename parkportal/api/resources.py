"""The base of every resource: a strict address, rows in sight, pages or files, changes since, and an ETag."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from parkportal.api.changes import Delta, Scope, parks_of, position
from parkportal.api.cursor import link_to, order_of, size_of
from parkportal.api.renderers import FileRenderer, JSONRenderer
from parkportal.api.schema import ResourceSchema
from parkportal.filtering import StrictFilterSet
from parkportal.serializers import ResourceSerializer, columns_of

SHAPE = ["page_size", "cursor", "ordering", "fields", "format"]
"""Parameters that shape a list of REST without choosing its rows."""
STREAM_CHUNK = 500


class StrictFilter(DjangoFilterBackend):
    """The FilterSet of the pages; what it does not understand is an error, never “everything”."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: Any) -> QuerySet[Any]:
        view.filterset = view.filterset_class(view.filter_query(), queryset=queryset, request=request)
        if problems := view.filterset.problems:
            raise ValidationError(problems)
        return view.filterset.qs


class Negotiation(DefaultContentNegotiation):
    """A format that the list does not have is an error of the address, like any other."""

    def filter_renderers(self, renderers: list[Any], format: str) -> list[Any]:
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = "、".join(renderer.format for renderer in renderers)
            sentence = _("没有“%(value)s”这种格式。可以用：%(known)s。")
            raise ValidationError({"format": [sentence % {"value": format[:20], "known": known}]})
        return found


class Resource(ReadOnlyModelViewSet):
    """One resource: list, one row by its code, files, and what changed since."""

    queryset: ClassVar[QuerySet[Any]]
    serializer_class: ClassVar[type[ResourceSerializer]]
    filterset_class: ClassVar[type[StrictFilterSet]] = StrictFilterSet
    orderings: ClassVar[Mapping[str, str]] = {"id": "code"}
    """Names by which the list may be ordered, with their ORM paths."""
    default_ordering: ClassVar[str] = "id"
    moves_with: ClassVar[tuple[Any, ...]] = ()
    """What else changes the answer of a row: ORM paths of the numbers of other rows."""
    kin: ClassVar[tuple[str, ...]] = ()
    """Models that bring a row into sight beside its park, such as shares."""

    schema = ResourceSchema()
    filter_backends = (StrictFilter,)
    content_negotiation_class = Negotiation
    metadata_class = None
    lookup_field = "code"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[^/]+"

    def visible(self) -> QuerySet[Any]:
        """All rows that the caller may see, withdrawn ones included."""
        model: type[Model] = self.queryset.model
        return model._default_manager.visible_to(self.request.user)

    def kept(self) -> QuerySet[Any]:
        """The rows in sight that are not withdrawn."""
        return self.visible().kept()

    def get_queryset(self) -> QuerySet[Any]:
        return self.serializer_class.with_related(self.kept())

    def get_renderers(self) -> list[Any]:
        """Files are of lists; everything else is JSON."""
        return super().get_renderers() if self.action == "list" else [JSONRenderer()]

    def get_serializer_context(self) -> dict[str, Any]:
        return super().get_serializer_context() | {"only": self.chosen_fields()}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.action:
            self._check_address()

    def _check_address(self) -> None:
        """Refuse names that would be ignored; the values of filters are checked by the filter."""
        query = self.request.query_params
        known = [*self.filters_of_action(), *self.shape_of_action()]
        if surplus := [key for key in query if key not in known]:
            sentence = _("没有名为“%(key)s”的参数。可用的有：%(known)s。")
            names = "、".join(known)
            raise ValidationError({key: [sentence % {"key": key[:40], "known": names}] for key in surplus})
        self.chosen_fields()

    def filters_of_action(self) -> list[str]:
        """The parameters that choose rows."""
        return list(self.filterset_class.base_filters) if self.action == "list" else []

    def shape_of_action(self) -> list[str]:
        """The parameters that shape the answer without choosing rows."""
        return SHAPE if self.action == "list" else ["fields", "format"]

    def chosen_fields(self) -> list[str]:
        """The names in `fields`, none for all; ValidationError for a name that the resource does not have."""
        text = self.request.query_params.get("fields", "") if self.request else ""
        names = [name.strip() for name in text.split(",") if name.strip()]
        known = self.serializer_class().fields if names else {}
        if unknown := [name for name in names if name not in known]:
            sentence = _("没有名为“%(key)s”的字段。可用的有：%(known)s。")
            raise ValidationError({"fields": [sentence % {"key": unknown[0][:40], "known": "、".join(known)}]})
        return names

    def filter_query(self) -> Any:
        """The parameters that choose rows."""
        query = self.request.query_params.copy()
        for key in [*SHAPE, "updated_since"]:
            query.pop(key, None)
        return query

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_file = isinstance(request.accepted_renderer, FileRenderer)
        size_of(request.query_params)
        if is_file and "cursor" in request.query_params:
            raise ValidationError({"cursor": [_("文件一次给出全部行，不能从cursor开始。")]})
        since = request.query_params.get("updated_since", "") if self.can_tell_changes() else ""
        if since:
            return self._changes_file(since) if is_file else self._changes(since)
        return self._file(self._rows()) if is_file else super().list(request, *args, **kwargs)

    def can_tell_changes(self) -> bool:
        """Whether rows of this kind carry a number of the trace."""
        return "updated_since" in self.filterset_class.base_filters

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        """All rows that the filter selects, in the order of the list, without a limit."""
        keys = order_of(self.request.query_params, self)
        rows = self.filter_queryset(self.get_queryset()).order_by(*(key.order(backwards=False) for key in keys))
        serializer = self.get_serializer()
        return (serializer.to_representation(row) for row in rows.iterator(chunk_size=STREAM_CHUNK))

    def _file(self, rows: Iterator[Mapping[str, Any]], *more: tuple[str, ...]) -> StreamingHttpResponse:
        renderer = self.request.accepted_renderer
        paths = [*columns_of(self.get_serializer()), *more]
        content_type = f"{renderer.media_type}; charset=utf-8" if renderer.charset else renderer.media_type
        name = self.request.path.strip("/").rsplit("/", 1)[-1]
        headers = {"Content-Disposition": f'attachment; filename="{name}.{renderer.format}"'}
        return StreamingHttpResponse(renderer.stream(paths, rows), content_type=content_type, headers=headers)

    def _scope(self) -> Scope:
        if "ordering" in self.request.query_params or "cursor" in self.request.query_params:
            sentence = _("增量拉取按变更的先后排列，不能同时指定ordering或cursor。")
            raise ValidationError({"updated_since": [sentence]})
        return Scope(
            label=self.queryset.model._meta.label,
            visible=self.visible(),
            selected=self.filter_queryset(self.get_queryset()),
            parks=parks_of(self.request.user),
            moves_with=self.moves_with,
            kin=self.kin,
        )

    def _changes(self, since: str) -> Response:
        delta = self._scope().delta(position(since), size_of(self.request.query_params))
        next_url = link_to(self.request, updated_since=str(delta.reached)) if delta.more else None
        body = {"next": next_url, "previous": None, "results": list(self._told(delta)), "cursor": str(delta.reached)}
        return Response(body)

    def _changes_file(self, since: str) -> StreamingHttpResponse:
        scope, start = self._scope(), position(since)

        def rows() -> Iterator[Mapping[str, Any]]:
            reached, more = start, True
            while more:
                delta = scope.delta(reached, STREAM_CHUNK)
                reached, more = delta.reached, delta.more
                yield from self._told(delta)

        return self._file(rows(), ("deleted_at",))

    def _told(self, delta: Delta) -> Iterator[Mapping[str, Any]]:
        """The changes in their order: a row as it is now, or that it went."""
        serializer = self.get_serializer()
        for code in delta.order:
            row = delta.rows.get(code)
            yield serializer.to_representation(row) if row else {"id": code, "deleted_at": delta.gone[code]}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and response.status_code == 200 and request.method in {"GET", "HEAD"}:
            response.add_post_render_callback(self._tagged)
        return response

    def _tagged(self, response: Response) -> Any:
        """The answer with its ETag: the row's version, where it has one, and a digest; 304 where the caller has it."""
        digest = hashlib.sha256(response.content).hexdigest()[:20]
        response["ETag"] = f'"{response.data.get("version", "")}-{digest}"'
        return get_conditional_response(self.request, etag=response["ETag"], response=response)
