from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from reports import triggers


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("成绩单")

    def ready(self) -> None:
        """Migrations drop triggers on SQLite; this is the one signal of the house."""
        post_migrate.connect(triggers.after_migrate, sender=self)
