import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0003_external_signing'),
        ('boards', '0002_append_only'),
        ('documents', '0003_external_signing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='agreementsignature',
            name='order',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreement_signature', to='documents.signingorder'),
        ),
        migrations.AddConstraint(
            model_name='agreementsignature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('method', 'external'), ('order__isnull', False)), models.Q(models.Q(('method', 'external'), _negated=True), ('order', None)), _connector='OR'), name='agreement_external_has_order'),
        ),
        append_only("boards_agreementsignature"),
    ]
