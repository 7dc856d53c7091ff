import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0002_append_only'),
        ('documents', '0003_external_signing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='signature',
            name='order',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='application_signature', to='documents.signingorder'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('method', 'external'), ('order__isnull', False)), models.Q(models.Q(('method', 'external'), _negated=True), ('order', None)), _connector='OR'), name='external_signature_has_order'),
        ),
        append_only("applications_signature"),
    ]
