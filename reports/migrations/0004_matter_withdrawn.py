from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_official")]

    operations = [
        migrations.AddField(
            model_name="matter",
            name="withdraw_reason",
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name="撤回原因"),
        ),
    ]
