"""Files that people upload."""

from typing import ClassVar, Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from parkportal.models.columns import Stamped
from parkportal.models.people import Park, User


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Files of the parks that the user may read; the row they belong to may be stricter."""
        return self.filter(park__in=Park.objects.visible_to(user))

    def kept(self) -> Self:
        """Without the withdrawn ones."""
        return self.filter(deleted_at__isnull=True)

    def of(self, row: models.Model) -> Self:
        """Files of one row."""
        return self.filter(object_type=row._meta.label, object_code=row.code)  # type: ignore[attr-defined]


class Attachment(Stamped):
    """A file that proves or explains one row; kept under a generated name, handed out only after a permission check."""

    code = models.CharField(_("编号"), max_length=60, unique=True, editable=False)
    park = models.ForeignKey(Park, models.PROTECT, verbose_name=_("园区"))
    object_type = models.CharField(_("对象类型"), max_length=50)
    object_code = models.CharField(_("对象编号"), max_length=60)
    title = models.CharField(_("说明"), max_length=100, blank=True)
    name = models.CharField(_("文件名"), max_length=255)
    stored_name = models.CharField(max_length=80, unique=True, editable=False)
    content_type = models.CharField(_("类型"), max_length=100)
    size = models.PositiveBigIntegerField(_("大小（字节）"))
    digest = models.CharField(_("SHA-256"), max_length=64)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = _("附件")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["object_type", "object_code"], name="attachment_object")]

    def __str__(self) -> str:
        return self.name
