import django.db.models.deletion
import finsam.clock
import uuid
from django.conf import settings
from django.db import migrations, models

from finsam.registry.append_only import append_only


class Migration(migrations.Migration):

    dependencies = [
        ('associations', '0001_initial'),
        ('documents', '0002_append_only'),
        ('registry', '0002_append_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SigningOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='referens')),
                ('kind', models.CharField(max_length=30, verbose_name='slag')),
                ('subject', models.PositiveBigIntegerField(verbose_name='det som skrivs under')),
                ('party', models.PositiveBigIntegerField(default=0, verbose_name='part')),
                ('title', models.CharField(max_length=250, verbose_name='rubrik')),
                ('content_hash', models.CharField(max_length=64, verbose_name='innehållets kontrollsumma')),
                ('state', models.CharField(choices=[('begun', 'Läggs upp'), ('placed', 'Väntar på underskrift'), ('signed', 'Underskriven'), ('declined', 'Avböjd'), ('expired', 'Tiden gick ut'), ('void', 'Gäller inte'), ('refused', 'Beviset godtogs inte')], default='begun', max_length=10, verbose_name='läge')),
                ('sign_address', models.CharField(blank=True, max_length=500, verbose_name='adress att skriva under på')),
                ('trouble', models.CharField(blank=True, max_length=200, verbose_name='senaste fel')),
                ('looks', models.PositiveIntegerField(default=0, verbose_name='gånger frågat')),
                ('begun_at', models.DateTimeField(default=finsam.clock.now, verbose_name='påbörjad')),
                ('expires_at', models.DateTimeField(verbose_name='gäller till')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='avslutad')),
                ('reason', models.TextField(blank=True, verbose_name='skäl')),
                ('signatory_name', models.CharField(blank=True, max_length=120, verbose_name='namn enligt beviset')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.association')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.case')),
                ('evidence', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'underskrift hos underskriftstjänsten',
                'verbose_name_plural': 'underskrifter hos underskriftstjänsten',
                'ordering': ['-begun_at', '-pk'],
                'indexes': [models.Index(fields=['kind', 'subject'], name='signing_order_subject')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['begun', 'placed'])), fields=('kind', 'subject', 'party', 'user'), name='signing_order_one_live'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['begun', 'placed'])), models.Q(models.Q(('state__in', ['begun', 'placed']), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='signing_order_ends_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'signed'), _negated=True), models.Q(('evidence__isnull', False), models.Q(('signatory_name', ''), _negated=True)), _connector='OR'), name='signing_order_signed_has_evidence')],
            },
        ),
        append_only("documents_signingorder", when="OLD.ended_at IS NOT NULL"),
    ]
