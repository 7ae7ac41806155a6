"""The administrators' site: people, tokens and reference data, with a trace of every change; no business data."""

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parkportal import sessions, trace
from parkportal.history import in_words
from parkportal.models import ApiToken, Change, Job, Park, Region, User
from parkportal.roles import May, Role
from parkportal.trace import Actor


def administers(request: HttpRequest) -> bool:
    """Whether this person's role grants the administration; `is_staff` and permissions of groups count for nothing."""
    return request.user.is_authenticated and cast(User, request.user).may(May.ADMINISTER)


def actor_of(request: HttpRequest) -> Actor:
    """The administrator behind a request."""
    return Actor(cast(User, request.user), Change.Door.ADMIN, request_id=getattr(request, "request_id", ""))


class PortalAdminSite(admin.AdminSite):
    """The site of those whose role administers; it has no login of its own."""

    site_title = gettext_lazy("招商成绩单")
    site_header = gettext_lazy("招商成绩单后台管理")
    index_title = gettext_lazy("用户和基础数据")
    site_url = None
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return administers(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        inner = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied(_("后台管理需要系统管理员。"))
            return inner(request, *args, **kwargs)

        return guarded

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied(_("后台管理需要系统管理员。"))
        return redirect_to_login(request.GET.get("next", "") or request.path, settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("password_change")


site = PortalAdminSite()


class ReferenceForm(forms.ModelForm):
    """A form that notices when somebody changed the row after it was shown: it carries the trace's last number."""

    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["seen"] = self._newest_seq()

    def _changes(self) -> QuerySet[Change]:
        return Change.objects.of(self.instance._meta.label, [trace.code_of(self.instance)])

    def _newest_seq(self) -> int:
        return self._changes().order_by("-seq").values_list("seq", flat=True).first() or 0

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        seen = self.cleaned_data.pop("seen", None) or 0
        if not self.instance.pk:
            return cleaned
        type(self.instance)._base_manager.select_for_update().get(pk=self.instance.pk)
        if newer := list(self._changes().filter(seq__gt=seen).select_related("user")):
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = str(newer[0].seq)
            raise ValidationError([self._said(change) for change in newer])
        return cleaned

    def _said(self, change: Change) -> str:
        """Who changed what to what, beside which the typed values stay in the form."""
        model = type(self.instance)
        pairs = (
            f"{in_words(model, name, old) or _('空')}→{in_words(model, name, new) or _('空')}"
            for name, (old, new) in change.diff.items()
        )
        sentence = _("%(who)s刚改过这条记录（%(pairs)s）。核对以后再保存，就以你填写的为准。")
        return sentence % {"who": change.user or _("系统"), "pairs": "，".join(pairs)}


class TracedAdmin(admin.ModelAdmin):
    """Reference data that the administrator keeps; every change leaves its trace, and nothing is deleted."""

    form = ReferenceForm
    actions: ClassVar[Any] = None
    identity: ClassVar[tuple[str, ...]] = ("code",)
    """Columns by which others know a row; they are set once."""
    list_per_page = 50
    view_on_site = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request)

    has_module_permission = has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        columns = {field.name for field in self.model._meta.concrete_fields}
        known = [name for name in self.identity if name in columns] if obj else []
        return [*super().get_readonly_fields(request, obj), *known]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """One set, with the hidden number at its end."""
        fields = [name for name in self.get_fields(request, obj) if name != "seen"]
        fields.sort(key=lambda name: name not in self.identity)
        seen = ["seen"] if issubclass(self.form, ReferenceForm) and obj else []
        return [(None, {"fields": [*fields, *seen]})]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with trace.changes(by=actor_of(request)) as ledger:
            if change:
                ledger.update(obj, {name: getattr(obj, name) for name in self._columns(form)})
            else:
                ledger.create(obj)

    @staticmethod
    def _columns(form: Any) -> list[str]:
        """Columns that the form holds and somebody changed."""
        columns = {field.name for field in form.instance._meta.concrete_fields}
        return [name for name in form.changed_data if name in columns]

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        with trace.changes(by=actor_of(request)) as ledger:
            for row in formset.deleted_objects:
                ledger.delete(row)
            for row, names in formset.changed_objects:
                ledger.update(row, {name: getattr(row, name) for name in names})
            ledger.create_all(formset.new_objects)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The trace has told it."""

    log_change = log_addition

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The trace is the history."""
        row = self.get_object(request, object_id)
        found = {"object_type__exact": self.model._meta.label, "q": trace.code_of(row) if row else ""}
        return redirect(f"{reverse('admin:parkportal_change_changelist')}?{urlencode(found)}")


class KeptInline(admin.TabularInline):
    """Rows that hang on a reference row; unlike it they may be deleted where nothing points to them."""

    extra = 1
    can_delete = False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return administers(request)

    has_add_permission = has_change_permission = has_view_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(self.can_delete) and administers(request)


@admin.register(Region, site=site)
class RegionAdmin(TracedAdmin):
    list_display = ("name", "code", "parent", "cutoff_day", "publication_day", "recognition_level")


@admin.register(Park, site=site)
class ParkAdmin(TracedAdmin):
    list_display = ("name", "code", "region", "group", "ledger_from", "scorecards_from", "scorecards_until")
    readonly_fields = ("is_sample",)


IN_A_PARK = {Role.CLERK, Role.HEAD}
"""Roles that enter, which only somebody of a park does."""


class NewPasswordInput(forms.PasswordInput):
    """A field that browsers do not fill with the password of whoever sits there."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "new-password"})


class UserForm(ReferenceForm):
    """A person: where they work follows from their role; a password is set here and shown nowhere."""

    password1 = forms.CharField(label=gettext_lazy("密码"), required=False, strip=False, widget=NewPasswordInput)
    password2 = forms.CharField(
        label=gettext_lazy("再写一次密码"), required=False, strip=False, widget=NewPasswordInput
    )
    me: ClassVar[User | None] = None
    """Who is filling the form; the admin sets it."""

    class Meta:
        model = User
        fields = ("username", "name", "section", "role", "park", "region", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fresh = not self.instance.pk
        self.fields["password1"].required = self.fields["password2"].required = fresh
        kept = _("不改就留空；填了新密码，这个人马上要重新登录。")
        hint = _("至少12个字，不能全是数字，不能和用户名相近。")
        self.fields["password1"].help_text = hint if fresh else kept + hint

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        if password:
            password_validation.validate_password(password, self.instance)
        return password

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("password1", "") != self.cleaned_data.get("password2", ""):
            self.add_error("password2", _("两次写的密码不一样。"))
        if sentence := self._wrong_place():
            self.add_error("role", sentence)
        if self.me and self.instance.pk == self.me.pk and self._locks_out():
            self.add_error("role", _("不能停用自己，也不能改掉自己的系统管理员角色。"))
        return cleaned

    def _wrong_place(self) -> str:
        """What is wrong with the park or region of the role; empty where they fit."""
        role, park, region = (self.cleaned_data.get(name) for name in ("role", "park", "region"))
        if role == Role.ADMIN:
            return _("系统管理员不看业务数据，园区和区域都不填。") if park or region else ""
        if role in IN_A_PARK and not (park and not region):
            return _("这个角色要填所属园区，不填区域。")
        if role == Role.CITY and not (region and not park):
            return _("市级用户要填所属区域，不填园区。")
        return "" if bool(park) != bool(region) else _("请填写所属园区或所属区域，只填一个。")

    def _locks_out(self) -> bool:
        return not self.cleaned_data.get("is_active") or self.cleaned_data.get("role") != Role.ADMIN


@admin.register(User, site=site)
class UserAdmin(TracedAdmin):
    form = UserForm
    identity = ("username",)
    list_display = ("username", "name", "section", "role", "park", "region", "is_active", "last_login")
    list_filter = ("role", "is_active", "park")
    search_fields = ("username", "name")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"me": request.user})

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Write the person; a new password or the end of the account ends all sessions at once."""
        password = form.cleaned_data.get("password1")
        if not change:
            obj.set_password(password)
        super().save_model(request, obj, form, change)
        if change and password:
            self._set_password(request, obj, password)
        if change and (password or not obj.is_active):
            self._end_sessions(request, obj)

    @staticmethod
    def _set_password(request: HttpRequest, person: User, password: str) -> None:
        person.set_password(password)
        person.save(update_fields=["password"])
        with trace.changes(by=actor_of(request)) as ledger:
            ledger.note(person, {"password": (None, _("已重设"))})

    @staticmethod
    def _end_sessions(request: HttpRequest, person: User) -> None:
        if person.pk == cast(User, request.user).pk:
            update_session_auth_hash(request, person)
            person.session_keys = [key for key in person.session_keys if key != request.session.session_key]
        sessions.end_all(person)


@admin.register(ApiToken, site=site)
class ApiTokenAdmin(TracedAdmin):
    """Tokens are issued by a command, which shows them once; here they are seen and ended."""

    list_display = ("prefix", "user", "name", "scope", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("scope",)
    search_fields = ("prefix", "name", "user__username")
    fields = ("prefix", "user", "name", "scope", "ip_ranges", "created_at", "expires_at", "last_used_at", "revoked_at")
    readonly_fields = fields
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description=gettext_lazy("停用所选的令牌"), permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        """End the chosen tokens at once."""
        with trace.changes(by=actor_of(request)) as ledger:
            found = [ledger.update(token, {"revoked_at": timezone.now()}) for token in queryset.filter(revoked_at=None)]
        messages.success(request, _("停用了%(count)s个令牌。") % {"count": len(found)})


class ReadOnlyAdmin(TracedAdmin):
    """Rows that only the portal itself writes."""

    form = forms.ModelForm

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_add_permission


@admin.register(Change, site=site)
class ChangeAdmin(ReadOnlyAdmin):
    """The trace of what is kept on this site; that of business data is read by the parks themselves."""

    list_display = ("at", "user", "door", "object_type", "object_code", "diff")
    list_filter = ("object_type", "door")
    search_fields = ("object_code",)
    date_hierarchy = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        kept_here = [model._meta.label for model in site._registry]
        return super().get_queryset(request).filter(object_type__in=kept_here).select_related("user")


@admin.register(Job, site=site)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "key", "state", "attempts", "created_at", "finished_at")
    list_filter = ("kind", "state")
    fields = ("kind", "key", "state", "attempts", "lease_until", "created_by", "created_at", "finished_at")
