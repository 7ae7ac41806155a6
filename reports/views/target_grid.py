"""Many targets at once: the grid of parks by indicators, last year's as proposals, and the document that confirms."""

from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from parkportal.forms import posted_number
from parkportal.models import Park, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.trace import StaleVersion
from reports.models import Indicator, Target
from reports.target_forms.grid import Cell, ConfirmForm, Grid, PaperForm, YearChoice
from reports.targets import Refusals, Wanted, say_amount, targets_confirm, targets_propose, targets_save
from reports.targets.scope import indicators_of, is_used, targets_by_cell
from reports.tasks import compile_what_is_due

PARKS: Final = 50
"""Parks on a page: what is typed into them all fits one request."""


def newest_year(user: User) -> int:
    """The last year that has targets, else the running one."""
    years = Target.objects.visible_to(user).kept().order_by("-year").values_list("year", flat=True)
    return years.first() or timezone.localdate().year


class SetTargets(MayMixin):
    """A page of somebody who sets targets for the parks of a region."""

    may = May.SET_TARGETS

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def choice(self) -> YearChoice:
        """The year and level of the address."""
        return YearChoice(self.request.GET.dict(), newest_year(self.user))


class TargetGrid(SetTargets):
    """One page, one row per park, one number per indicator; saved together or not at all."""

    def get(self, request: HttpRequest) -> HttpResponse:
        choice = self.choice()
        if not choice.is_valid():
            return self.show(choice, Grid([]), None, PaperForm(), 400)
        page, grid = self.grid(choice)
        return self.show(choice, grid, page, PaperForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        choice, paper = self.choice(), PaperForm(request.POST)
        if not choice.is_valid():
            return self.show(choice, Grid([]), None, paper, 400)
        page, grid = self.grid(choice, request.POST.dict())
        grid.ended = self.ended(grid, request.POST.dict())
        wanted = self.wanted(choice, grid, paper)
        if wanted is None or grid.ended:
            return self.show(choice, grid, page, paper, 409 if grid.ended else 200)
        if not wanted and paper.paper.document:
            paper.add_error("document", _("一格的数也没有改，文号没有写上去。给已有的目标补文号，请到它的修改页。"))
            return self.show(choice, grid, page, paper)
        return self.write(wanted, choice, grid, page, paper)

    def grid(self, choice: YearChoice, posted: dict[str, str] | None = None) -> tuple[Any, Grid]:
        """The cells of one page of parks, and of parks that were sent and meanwhile moved to another."""
        year, level = choice.cleaned_data["year"], choice.cleaned_data["level"]
        parks = Park.objects.visible_to(self.user).select_related("region").order_by("code")
        page = Paginator(parks, PARKS).get_page(self.request.GET.get("page", "1"))
        sent = {key.removeprefix("seen.").partition(".")[0] for key in posted or () if "." in key}
        told = [park for park in parks if park in page.object_list or park.code in sent]
        indicators, targets = indicators_of(self.user, told, year), targets_by_cell(self.user, year, level)
        rows = [
            (park, [Cell(park, i, targets.get((park.pk, i.pk)), is_used(i, park), posted) for i in indicators])
            for park in told
        ]
        return page, Grid(rows)

    def ended(self, grid: Grid, posted: dict[str, str]) -> list[tuple[Park, Indicator, str]]:
        """What was typed into cells that are there no longer; 404 for a park or indicator out of sight."""
        parks = {park.code: park for park, _cells in grid.rows}
        indicators = {row.code: row for row in Indicator.objects.visible_to(self.user)}
        found = []
        for name in {key.removeprefix("seen.") for key in posted if "." in key} - {cell.name for cell in grid.cells}:
            park, indicator = parks.get(name.partition(".")[0]), indicators.get(name.partition(".")[2])
            if park is None or indicator is None:
                raise Http404
            cell = Cell(park, indicator, None, posted=posted)
            if cell.typed:
                found.append((park, indicator, cell.text))
        return sorted(found, key=lambda one: (one[0].code, one[1].order))

    def wanted(self, choice: YearChoice, grid: Grid, paper: PaperForm) -> list[Wanted] | None:
        """What was changed; None where something cannot be read."""
        if not paper.is_valid():
            return None
        year, level = choice.cleaned_data["year"], choice.cleaned_data["level"]
        found = [one for cell in grid.cells if (one := cell.wanted(year, level, paper.paper))]
        return found if not grid.troubles else None

    def write(self, wanted: list[Wanted], choice: YearChoice, grid: Grid, page: Any, paper: PaperForm) -> HttpResponse:
        """Save everything, or show beside each cell why nothing was saved."""
        try:
            saved = targets_save(by=actor_of(self.request), wanted=wanted)
        except Refusals as refused:
            for one, current in refused.lost:
                grid.cell_of(one).lose_to(current)
            for one, sentences in refused.wrong:
                grid.cell_of(one).errors = sentences
            return self.show(choice, grid, page, paper, 409 if refused.lost else 200)
        compile_what_is_due()
        said = _("已保存%(n)s个目标，各期初稿随即重新编制。") % {"n": saved} if saved else _("没有改动，不用保存。")
        messages.success(self.request, said)
        return redirect(self.request.get_full_path())

    def show(self, choice: YearChoice, grid: Grid, page: Any, paper: PaperForm, status: int = 200) -> HttpResponse:
        """The grid."""
        year = choice.cleaned_data.get("year") if choice.is_valid() else None
        context = {"choice": choice, "grid": grid, "page_obj": page, "paper": paper, "year": year}
        context |= {"indicators": [cell.indicator for cell in grid.rows[0][1]] if grid.rows else []}
        if choice.is_valid():
            context["level"] = Target.Level(choice.cleaned_data["level"]).label
        return render(self.request, "reports/target_grid.html", context, status=status)


class TargetPropose(SetTargets):
    """A button: last year's targets become proposals for the chosen year."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest) -> HttpResponse:
        choice = YearChoice(request.POST.dict(), timezone.localdate().year)
        if not choice.is_valid():
            messages.error(request, " ".join(str(one) for errors in choice.errors.values() for one in errors))
            return redirect("target-list")
        year = choice.cleaned_data["year"]
        made = targets_propose(by=actor_of(request), parks=Park.objects.visible_to(self.user), year=year)
        if made:
            said = _("已按%(last)s年目标提出%(n)s项建议。建议不计入成绩单，填上文号确认后才生效。")
            messages.success(request, said % {"last": year - 1, "n": made})
        else:
            said = _("%(last)s年没有可以复制的目标，或%(year)s年都已有了。")
            messages.warning(request, said % {"last": year - 1, "year": year})
        return redirect(f"{reverse('target-list')}?year={year}")


class TargetConfirm(SetTargets):
    """The proposals of a year and the document that makes them count."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(ConfirmForm(), self.choice(), None)

    def post(self, request: HttpRequest) -> HttpResponse:
        form, choice = ConfirmForm(request.POST), self.choice()
        chosen = self.chosen(choice)
        if not form.is_valid() or not chosen:
            return self.show(form, choice, {row.code for row, _version in chosen}, nothing=not chosen)
        try:
            done = targets_confirm(by=actor_of(request), chosen=chosen, paper=form.paper)
        except StaleVersion as stale:
            messages.error(
                request, _("“%(row)s”刚被别人改过，没有保存。请看过现在的内容再操作。") % {"row": stale.current}
            )
            return self.show(form, choice, {row.code for row, _version in chosen}, status=409)
        compile_what_is_due()
        messages.success(request, _("已确认%(n)s项目标，各期初稿随即重新编制。") % {"n": done})
        return redirect(f"{reverse('target-list')}?year={choice.cleaned_data['year']}")

    def proposals(self, choice: YearChoice) -> list[Target]:
        """The proposals of the year, by park and indicator."""
        if not choice.is_valid():
            return []
        rows = Target.objects.visible_to(self.user).kept().filter(year=choice.cleaned_data["year"])
        proposed = rows.filter(state=Target.State.PROPOSED).select_related("park", "indicator")
        return list(proposed.order_by("park__code", "indicator__order", "level"))

    def chosen(self, choice: YearChoice) -> list[tuple[Target, int]]:
        """The ticked proposals with the versions that were seen; 404 for one that is not the person's to confirm."""
        by_code = {row.code: row for row in self.proposals(choice)}
        found = []
        for code in self.request.POST.getlist("target"):
            seen = self.request.POST.get(f"version.{code}", "")
            if code not in by_code and not Target.objects.visible_to(self.user).filter(code=code).exists():
                raise Http404
            if code in by_code:
                found.append((by_code[code], posted_number(seen)))
        return found

    def show(
        self, form: ConfirmForm, choice: YearChoice, ticked: set[str] | None, status: int = 200, nothing: bool = False
    ) -> HttpResponse:
        """The list with its form; at first everything is ticked."""
        rows = [
            {"target": row, "annual": say_amount(row.indicator, row.annual), "on": ticked is None or row.code in ticked}
            for row in self.proposals(choice)
        ]
        year = choice.cleaned_data.get("year") if choice.is_valid() else None
        context = {"form": form, "rows": rows, "year": year, "choice": choice, "nothing": nothing}
        status = status if choice.is_valid() else 400
        return render(self.request, "reports/target_confirm.html", context, status=status)
