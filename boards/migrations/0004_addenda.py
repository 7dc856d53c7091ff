import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('applications', '0003_external_signing'),
        ('boards', '0003_external_signing'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='change',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='addendum', to='applications.changerequest'),
        ),
        migrations.AlterField(
            model_name='agreement',
            name='application',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='applications.application'),
        ),
        migrations.AlterField(
            model_name='agreement',
            name='item',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agreement', to='boards.agendaitem'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(condition=models.Q(('change', None)), fields=('application',), name='one_agreement'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('change', None), ('item__isnull', False)), models.Q(('change__isnull', False), ('started_on', None)), _connector='OR'), name='agreement_rests_on_decision'),
        ),
        append_only("boards_agreement", when="OLD.started_on IS NOT NULL"),
    ]
