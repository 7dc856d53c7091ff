import django.db.models.deletion
import finsam.clock
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0001_initial'),
        ('documents', '0003_external_signing'),
        ('jobs', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Preview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, unique=True, verbose_name='id')),
                ('kind', models.CharField(max_length=60, verbose_name='slag')),
                ('key', models.CharField(max_length=160, verbose_name='nyckel')),
                ('digest', models.CharField(max_length=64, verbose_name='innehållets kontrollsumma')),
                ('name', models.CharField(max_length=200, verbose_name='filens namn')),
                ('back', models.CharField(max_length=300, verbose_name='sidan den begärdes på')),
                ('source', models.JSONField(verbose_name='innehåll')),
                ('made', models.BinaryField(null=True, verbose_name='PDF')),
                ('tries', models.PositiveIntegerField(default=0, verbose_name='lovad antal gånger')),
                ('asked_at', models.DateTimeField(db_index=True, default=finsam.clock.now, verbose_name='senast begärd')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.association')),
                ('job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job')),
            ],
            options={
                'verbose_name': 'utskrift',
                'verbose_name_plural': 'utskrifter',
                'constraints': [models.UniqueConstraint(fields=('association', 'kind', 'key', 'digest'), name='preview_once_per_content')],
            },
        ),
    ]
