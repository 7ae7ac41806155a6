"""Chains and their nodes, which the administrator keeps."""

from django.contrib import admin

from enterprises.models import Chain, ChainNode
from parkportal.admin import KeptInline, TracedAdmin, site


class ChainNodeInline(KeptInline):
    model = ChainNode
    fields = ("code", "name", "tier", "state")


@admin.register(Chain, site=site)
class ChainAdmin(TracedAdmin):
    list_display = ("name", "code", "region", "chief", "leading_enterprise")
    list_filter = ("region",)
    search_fields = ("name", "code")
    inlines = (ChainNodeInline,)
