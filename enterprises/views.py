"""Pages of enterprises, chains and steps towards a stock exchange."""

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import DetailView, ListView

from enterprises import columns, contacts, services
from enterprises.filters import EnterpriseFilter, ListingStepFilter
from enterprises.forms import ContactForm, EnterpriseForm, ListingStepForm
from enterprises.models import Chain, ChainNode, Contact, Enterprise, ListingStep, RankingEntry
from parkportal.downloads import ExportPage
from parkportal.entry import EntryPage, RowAction
from parkportal.filter_box import BoxedList
from parkportal.forms import write_area
from parkportal.history import history
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May


def projects_of(field: str, rows: Iterable[Model], user: User) -> dict[int, int]:
    """How many projects each row has through `field`, as the project list will show them to the user."""
    projects = cast(Any, Enterprise._meta.get_field("invested_projects").related_model)._default_manager
    found = projects.visible_to(user).kept().filter(**{f"{field}__in": rows}).order_by()
    found = found.open_to(user) if field in {"investor", "company"} else found
    return dict(found.values_list(field).annotate(Count("pk")))


class EnterpriseList(BoxedList):
    model = Enterprise
    filterset_class = EnterpriseFilter
    template_name = "enterprises/enterprise_list.html"
    heading, noun, desk = _("企业"), _("家"), "enterprises"
    export = "enterprise-export"
    catalogue, names_row = columns.ENTERPRISES, "name"
    orderings = ("name", "origin", "above_scale_on", "code")
    default_ordering = "code"
    offered = ("park", "above_scale_on_after", "above_scale_on_before")

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("group", "park").prefetch_related("listing_steps")

    def row_url(self, row: Enterprise) -> str:
        return reverse("enterprise-detail", args=[row.code])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown, user = list(context["object_list"]), cast(User, self.request.user)
        invested, hosted = projects_of("investor", shown, user), projects_of("company", shown, user)
        for row in shown:
            row.invested, row.hosted = invested.get(row.pk, 0), hosted.get(row.pk, 0)
            row.steps = [step for step in row.listing_steps.all() if step.deleted_at is None]
        return context | {"object_list": shown, "many_parks": user.park_id is None}


class EnterpriseExport(ExportPage, EnterpriseList):
    list_name, columns, unit = "enterprise-list", columns.ENTERPRISES, ""


class EnterpriseDetail(MayMixin, DetailView):
    template_name = "enterprises/enterprise_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Enterprise]:
        return Enterprise.objects.visible_to(self.request.user).kept().select_related("group", "park")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, user = self.object, cast(User, self.request.user)
        lineage = row.group.lineage() if row.group else []
        rankings = RankingEntry.objects.filter(group__in=lineage).select_related("list", "group")
        return super().get_context_data(**kwargs) | {
            "lineage": lineage,
            "rankings": rankings.order_by("list__kind", "-list__published_on", "group"),
            "invested": cast(Any, row).invested_projects.visible_to(user).kept().open_to(user),
            "hosted": cast(Any, row).hosted_projects.visible_to(user).kept().open_to(user),
            "steps": row.listing_steps.kept(),
            "records": row.operating_records.all(),
            "land": "—" if row.land_area_mu is None else _("%(area)s亩") % {"area": write_area(row.land_area_mu)},
            "uscc_warnings": services.uscc_warnings(row.uscc),
            "changes": history(user, Enterprise, row.code),
            "may_edit": user.may(May.ENTER) and user.park_id == row.park_id,
            "contacts": list(contacts_of(row, user)),
        }


def contacts_of(enterprise: Enterprise, user: User) -> Iterable[Contact]:
    """The people of an enterprise, each with the number as it is shown, and whether this reader may ask for it."""
    all_of_them = contacts.may_see_all(user, enterprise)
    for row in cast(Any, enterprise).contacts.filter(deleted_at__isnull=True).order_by("id"):
        row.enterprise, row.masked = enterprise, contacts.masked(row.phone)
        row.may_see = bool(row.masked) and (all_of_them or contacts.entered(user, row))
        yield row


class ContactShow(EnterpriseDetail):
    """The page of an enterprise with one number in full, for somebody who may see it; the trace keeps who asked."""

    may = May.ENTER
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        rows = Contact.objects.visible_to(request.user).kept().select_related("enterprise__park", "enterprise__group")
        shown = get_object_or_404(rows, code=self.kwargs["code"])
        contacts.contact_show(by=actor_of(request), contact=shown)
        self.object = shown.enterprise
        return self.render_to_response(self.get_context_data(object=self.object, shown=shown))


class ContactEntry(EntryPage):
    """What entering and changing a contact have in common."""

    model = Contact
    form_class = ContactForm
    park_path = "enterprise__park"
    template_name = "enterprises/contact_form.html"

    def extra(self) -> dict[str, Any]:
        if "code" not in self.kwargs:
            return {}
        now = contacts.masked(self.own_row().phone)
        return {"phone_hint": _("现为%(phone)s，不改就留空；没有电话了写“无”") % {"phone": now}}

    def done_url(self, row: Contact) -> str:
        return reverse("enterprise-detail", args=[row.enterprise.code]) + "#contacts"


class ContactNew(ContactEntry):
    saved = _("已登记联系人。")

    def starting_values(self) -> dict[str, Any]:
        return {"enterprise": self.request.GET.get("enterprise", "")[:60]}

    def save(self, form: ContactForm) -> Contact:
        values, year = form.values(), timezone.localdate().year
        return contacts.contact_record(by=self.actor, enterprise=values["enterprise"], values=values, year=year)


class ContactEdit(ContactEntry):
    def save(self, form: ContactForm) -> Contact:
        version = form.cleaned_data["version"]
        contacts.contact_update(by=self.actor, contact=form.instance, version=version, values=form.values())
        return form.instance


class ContactWithdraw(RowAction):
    model = Contact
    park_path: ClassVar[str] = "enterprise__park"
    done = _("已撤回。")

    def act(self, row: Contact, version: int) -> None:
        contacts.contact_withdraw(by=self.actor, contact=row, version=version)

    def back_url(self, row: Contact) -> str:
        return reverse("enterprise-detail", args=[row.enterprise.code])


class EnterpriseEntry(EntryPage):
    """What entering and changing an enterprise have in common."""

    model = Enterprise
    form_class = EnterpriseForm
    template_name = "enterprises/enterprise_form.html"

    def done_url(self, row: Enterprise) -> str:
        for sentence in services.uscc_warnings(row.uscc):
            messages.warning(self.request, sentence)
        return reverse("enterprise-detail", args=[row.code])


class EnterpriseNew(EnterpriseEntry):
    saved = _("已登记企业。")

    def save(self, form: EnterpriseForm) -> Enterprise:
        park, today = form.instance.park, timezone.localdate()
        return services.enterprise_create(by=self.actor, park=park, on=today, values=form.values())


class EnterpriseEdit(EnterpriseEntry):
    def save(self, form: EnterpriseForm) -> Enterprise:
        version = form.cleaned_data["version"]
        services.enterprise_update(by=self.actor, enterprise=form.instance, version=version, values=form.values())
        return form.instance


class ChainList(MayMixin, ListView):
    template_name = "enterprises/chain_list.html"

    def get_queryset(self) -> QuerySet[Chain]:
        return Chain.objects.prefetch_related("nodes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chains = list(context["object_list"])
        counts = projects_of("chain", chains, cast(User, self.request.user))
        for chain in chains:
            chain.projects = counts.get(chain.pk, 0)
            chain.gaps = [node for node in chain.nodes.all() if node.state != ChainNode.State.PRESENT]
        return context | {"object_list": chains}


TIERS: tuple[tuple[int, Any], ...] = ((1, _("上游")), (2, _("中游")), (3, _("下游")))


class ChainDetail(MayMixin, DetailView):
    template_name = "enterprises/chain_detail.html"
    slug_field = slug_url_kwarg = "code"

    def get_queryset(self) -> QuerySet[Chain]:
        return Chain.objects.prefetch_related("nodes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, nodes = cast(User, self.request.user), list(self.object.nodes.all())
        counts = projects_of("chain_node", nodes, user)
        for node in nodes:
            node.projects = counts.get(node.pk, 0)
        return super().get_context_data(**kwargs) | {
            "tiers": [(label, [node for node in nodes if _tier(node) == tier]) for tier, label in TIERS],
            "project_count": projects_of("chain", [self.object], user).get(self.object.pk, 0),
        }


def _tier(node: ChainNode) -> int:
    """Which of the three parts of a chain a node belongs to; what lies beyond the third is downstream."""
    return min(max(node.tier, 1), len(TIERS))


class ListingStepList(BoxedList):
    model = ListingStep
    filterset_class = ListingStepFilter
    template_name = "enterprises/listingstep_list.html"
    heading, noun, desk = _("上市进程"), _("项"), "listing-steps"
    export = "listing-step-export"
    orderings = ("happened_on", "board", "step", "code")
    default_ordering = "-happened_on"
    offered = ("park", "board", "step", "enterprise", "happened_on_after", "happened_on_before", "counted")

    def rows(self) -> QuerySet[Any]:
        return super().rows().select_related("enterprise__park")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        totals = {"steps": Count("pk"), "enterprises": Count("enterprise", distinct=True)}
        return super().get_context_data(**kwargs) | {
            "totals": self.object_list.order_by().aggregate(**totals),
            "many_parks": cast(User, self.request.user).park_id is None,
        }


class ListingStepExport(ExportPage, ListingStepList):
    list_name, columns, unit = "listing-step-list", columns.LISTING_STEPS, ""


class ListingStepEntry(EntryPage):
    """What recording and changing a step have in common."""

    model = ListingStep
    form_class = ListingStepForm
    park_path = "enterprise__park"
    template_name = "enterprises/listingstep_form.html"

    def done_url(self, row: ListingStep) -> str:
        return reverse("enterprise-detail", args=[row.enterprise.code])


class ListingStepNew(ListingStepEntry):
    saved = _("已登记。")

    def starting_values(self) -> dict[str, Any]:
        return {"enterprise": self.request.GET.get("enterprise", "")[:60]}

    def save(self, form: ListingStepForm) -> ListingStep:
        values = form.values()
        return services.listing_step_record(by=self.actor, enterprise=values["enterprise"], values=values)


class ListingStepEdit(ListingStepEntry):
    def save(self, form: ListingStepForm) -> ListingStep:
        version = form.cleaned_data["version"]
        services.listing_step_update(by=self.actor, step=form.instance, version=version, values=form.values())
        return form.instance


class ListingStepWithdraw(RowAction):
    model = ListingStep
    park_path: ClassVar[str] = "enterprise__park"
    done = _("已撤回。")

    def act(self, row: ListingStep, version: int) -> None:
        services.listing_step_withdraw(by=self.actor, step=row, version=version)

    def back_url(self, row: ListingStep) -> str:
        return reverse("enterprise-detail", args=[row.enterprise.code])
