"""Files beside rows: their page with the form, and their bytes, handed out only after a check of who asks."""

import hashlib
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic.base import TemplateResponseMixin, View

from parkportal import files, gate
from parkportal.entry import OWN_PARK_ONLY, RowAction
from parkportal.models import Attachment, User
from parkportal.pages import MayMixin, actor_of
from parkportal.roles import May
from projects.models import Engagement, FundArrival, Project
from projects.services import attachments

NOTHING = ("default-src", "object-src", "base-uri", "frame-ancestors", "form-action")
BARE = {
    "Content-Security-Policy": "; ".join(["sandbox", *(f"{what} 'none'" for what in NOTHING)]),
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""A file is no page of ours: it runs nothing and loads nothing."""


class UploadForm(forms.Form):
    """One file and a word on it; the gate judges the file."""

    use_required_attribute = False
    file = forms.FileField(
        label=gettext_lazy("文件"),
        required=False,
        max_length=None,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"class": "in", "accept": gate.ACCEPT}),
    )
    title = forms.CharField(label=gettext_lazy("说明"), max_length=100, required=False)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is None:
            raise ValidationError(_("请选择要上传的文件。"))
        try:
            gate.refuse_size(file.name or "", file.size)
        except gate.Refused as refused:
            raise ValidationError(str(refused)) from refused
        return file


class AttachmentPage(MayMixin, TemplateResponseMixin, View):
    """The files beside one row, and the form that adds one."""

    may, may_write = May.READ, May.ENTER
    template_name = "projects/attachments.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.user = cast(User, request.user)

    def row(self) -> Any:
        """The row of the address; one out of sight, or seen only under its code name, is 404."""
        found = attachments.holder(self.kwargs["kind"], self.kwargs["code"], self.user)
        if found is None:
            raise Http404
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(self.row(), UploadForm())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        row, form = self.row(), UploadForm(request.POST, request.FILES)
        if attachments.park_of(row) != self.user.park:
            raise PermissionDenied(OWN_PARK_ONLY)
        if not form.is_valid():
            return self.show(row, form)
        file = form.cleaned_data["file"]
        try:
            added = attachments.attachment_add(
                by=actor_of(request), row=row, name=file.name, data=file.read(), title=form.cleaned_data["title"]
            )
        except ValidationError as refused:
            form.add_error("file", refused)
            return self.show(row, form)
        messages.success(request, _("已上传“%(name)s”。") % {"name": added.name})
        return redirect(back_url(row))

    def show(self, row: Any, form: UploadForm) -> HttpResponse:
        """The page, with what was typed."""
        own = attachments.park_of(row) == self.user.park and self.user.may(May.ENTER)
        return self.render_to_response(
            {
                "row": row,
                "form": form if own else None,
                "back_url": back_url(row),
                "is_secret": getattr(getattr(row, "project", None) or row, "confidentiality", "") == "secret",
            }
        )


def back_url(row: Any) -> str:
    """The page of a row on which its files are listed."""
    if isinstance(row, Project):
        return reverse("project-detail", args=[row.code]) + "#files"
    if isinstance(row, Engagement):
        return reverse("engagement-detail", args=[row.code]) + "#files"
    return reverse("attachment-new", args=["fund-arrival", row.code])


class AttachmentFile(MayMixin, View):
    """The bytes of a file as a download."""

    inline = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = visible_file(cast(User, request.user), self.kwargs["code"])
        data = bytes_of(file)
        is_known = file.content_type in {kind.content_type for kind in gate.KINDS.values()}
        content_type = file.content_type if is_known else files.DOWNLOAD
        headers = BARE | {"Content-Disposition": content_disposition_header(not self.inline, file.name) or "attachment"}
        return HttpResponse(data, content_type=content_type, headers=headers)


class AttachmentPreview(AttachmentFile):
    """The same in the browser, for pictures and PDF; looked into again before it is shown."""

    inline = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        file = visible_file(cast(User, request.user), self.kwargs["code"])
        try:
            admitted = gate.admit(file.name, bytes_of(file))
        except gate.Refused as refused:
            raise Http404(str(refused)) from refused
        if admitted.content_type not in gate.PREVIEWED or admitted.content_type != file.content_type:
            raise Http404
        return super().get(request, *args, **kwargs)


def visible_file(user: User, code: str) -> Attachment:
    """A kept file whose row this person sees in full; 404 for any other."""
    file = get_object_or_404(Attachment.objects.visible_to(user).kept(), code=code)
    if attachments.holder_of(file, user) is None:
        raise Http404
    return file


def bytes_of(file: Attachment) -> bytes:
    """What was uploaded, unchanged; 404 where it is gone or no longer what it was."""
    try:
        data = files.read(file.stored_name)
    except FileNotFoundError as gone:
        raise Http404(_("文件已不在服务器上，请联系系统管理员。")) from gone
    if hashlib.sha256(data).hexdigest() != file.digest:
        raise Http404(_("文件和上传时不一致，请联系系统管理员。"))
    return data


class AttachmentWithdraw(RowAction):
    """Take a file away from its row."""

    model = Attachment
    done = gettext_lazy("已撤回附件。")

    def own_row(self) -> Any:
        row = super().own_row()
        self.holder = attachments.holder_of(row, cast(User, self.request.user))
        if not isinstance(self.holder, Project | FundArrival | Engagement):
            raise Http404
        return row

    def act(self, row: Attachment, version: int) -> None:
        attachments.attachment_withdraw(by=self.actor, attachment=row, version=version)

    def back_url(self, row: Attachment) -> str:
        return back_url(self.holder)
