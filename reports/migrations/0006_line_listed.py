from typing import Any

from django.db import migrations, models


def as_now(apps: Any, _schema: Any) -> None:
    """Lines that are there follow their indicator as it is: nothing else is known of them."""
    apps.get_model("reports", "ScorecardLine").objects.filter(indicator__listed=False).update(listed=False)


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_reconciliation")]

    operations = [
        migrations.AddField("scorecardline", "listed", models.BooleanField(default=True, verbose_name="列入附件1")),
        migrations.RunPython(as_now, migrations.RunPython.noop),
    ]
