"""定稿订阅: published scorecards to one's own mail, and to the programs of others by signed calls."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from django.views.generic.base import View

from parkportal.entry import EntryPage, RowAction
from parkportal.forms import EntryForm
from parkportal.models import User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from parkportal.tasks import carry
from reports import subscriptions
from reports.models import Delivery, Webhook
from reports.subscription_forms import SubscriptionForm, WebhookForm


class SubscriptionPage(MayMixin, TemplateView):
    """A person's own wishes, and for who manages them the called addresses with what came of the latest calls."""

    template_name = "reports/subscription_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = cast(User, self.request.user)
        hooks = Webhook.objects.visible_to(user).kept()
        latest = Delivery.objects.filter(webhook__in=hooks) | Delivery.objects.filter(user=user)
        return {
            "form": SubscriptionForm(user=user),
            "address": user.email,
            "mails": bool(settings.EMAIL_HOST),
            "hooks": hooks,
            "manages": user.may(May.MANAGE_WEBHOOKS),
            "deliveries": latest.select_related("publication__park", "webhook")[: subscriptions.SHOWN],
            **super().get_context_data(**kwargs),
        }

    def post(self, request: HttpRequest) -> HttpResponse:
        user = cast(User, request.user)
        form = SubscriptionForm(request.POST, user=user)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form))
        subscriptions.subscriptions_set(user=user, parks=form.cleaned_data["parks"])
        messages.success(request, _("订阅已保存。"))
        return redirect("subscription-list")


class WebhookPage(EntryPage):
    """What entering and changing an address have in common."""

    model = Webhook
    may = May.MANAGE_WEBHOOKS
    form_class = WebhookForm
    template_name = "reports/subscription_webhook.html"

    def own_row(self) -> Webhook:
        return own_hook(self.user, self.kwargs["code"])

    def make_form(self, data: Any = None) -> EntryForm:
        if "code" in self.kwargs:
            return WebhookForm(data, instance=self.own_row(), user=self.user)
        return WebhookForm(data, user=self.user)

    def done_url(self, row: Webhook) -> str:
        return reverse("webhook-edit", args=[row.code])


def own_hook(user: User, code: str) -> Webhook:
    """An address that the person manages."""
    return get_object_or_404(Webhook.objects.visible_to(user).kept(), code=code)


class WebhookNew(WebhookPage):
    saved = gettext_lazy("推送地址已保存，请把密钥交给对方。")

    def save(self, form: WebhookForm) -> Webhook:
        return subscriptions.webhook_create(by=self.actor, values=form.values())


class WebhookEdit(WebhookPage):
    """The address with the key that signs its calls."""

    def extra(self) -> dict[str, Any]:
        return {"key": subscriptions.key_of(self.own_row())}

    def save(self, form: WebhookForm) -> Webhook:
        version = form.cleaned_data["version"]
        subscriptions.webhook_update(by=self.actor, webhook=form.instance, version=version, values=form.values())
        return form.instance


class WebhookAction(RowAction):
    """A button of an address."""

    model = Webhook
    may = May.MANAGE_WEBHOOKS

    def own_row(self) -> Webhook:
        return own_hook(cast(User, self.request.user), self.kwargs["code"])


class WebhookRenew(WebhookAction):
    done = gettext_lazy("密钥已更换，请把新密钥交给对方。")

    def act(self, row: Webhook, version: int) -> None:
        subscriptions.webhook_renew(by=self.actor, webhook=row, version=version)

    def back_url(self, row: Webhook) -> str:
        return reverse("webhook-edit", args=[row.code])


class WebhookTry(WebhookAction):
    """Call the address once before anything is published."""

    done = gettext_lazy("已安排试发，结果稍后见“提醒”。")

    def act(self, row: Webhook, version: int) -> None:
        carry(subscriptions.webhook_try(by=self.actor, webhook=row))

    def back_url(self, row: Webhook) -> str:
        return reverse("webhook-edit", args=[row.code])


class WebhookWithdraw(WebhookAction):
    """Ask first: afterwards nothing is sent there."""

    http_method_names = ("get", "head", "post", "options")
    done = gettext_lazy("推送地址已撤回。")

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        row = self.own_row()
        context = {
            "question": _("撤回推送地址“%(name)s”？") % {"name": row.name},
            "effects": [_("以后定稿不再推送到这里，还没送到的也不再发送。"), _("已经送到的不受影响；变更记录里留痕。")],
            "action": _("撤回推送地址"),
            "keep": _("不撤回"),
            "back_url": self.back_url(row),
            "danger": True,
            "hidden": {"version": row.version},
        }
        return render(request, "components/confirm_page.html", context)

    def act(self, row: Webhook, version: int) -> None:
        subscriptions.webhook_withdraw(by=self.actor, webhook=row, version=version)

    def back_url(self, row: Webhook) -> str:
        return reverse("subscription-list")


class DeliveryAgain(MayMixin, View):
    """Take up a call that was given up."""

    may = May.MANAGE_WEBHOOKS
    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        hooks: QuerySet[Webhook] = Webhook.objects.visible_to(request.user).kept()
        delivery = get_object_or_404(Delivery.objects.filter(webhook__in=hooks), code=code)
        carry(subscriptions.delivery_again(by=actor_of(request), delivery=delivery, now=timezone.now()))
        messages.success(request, _("已重新安排发送。"))
        return redirect("subscription-list")
