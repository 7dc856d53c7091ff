import django.db.models.deletion
import finsam.clock
import uuid
from django.conf import settings
from django.db import migrations, models

from finsam.first_tables import FirstTables


class Migration(FirstTables):

    initial = True

    dependencies = [
        ('associations', '0001_initial'),
        ('jobs', '0001_initial'),
        ('people', '0001_initial'),
        ('registry', '0002_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='DocumentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='associations.association')),
                ('kind', models.CharField(max_length=60, verbose_name='slag')),
                ('key', models.CharField(max_length=160, unique=True, verbose_name='nyckel')),
                ('last_version', models.PositiveIntegerField(default=0, verbose_name='senast lovade version')),
                ('last_digest', models.CharField(blank=True, max_length=64, verbose_name='underlagets kontrollsumma')),
                ('last_job', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='jobs.job')),
            ],
            options={
                'verbose_name': 'handlingsserie',
                'verbose_name_plural': 'handlingsserier',
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stored_files', to='associations.association')),
                ('key', models.CharField(max_length=120, verbose_name='plats i lagret')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='kontrollsumma')),
                ('size', models.PositiveBigIntegerField(verbose_name='storlek')),
                ('name', models.CharField(max_length=150, verbose_name='filnamn')),
                ('content_type', models.CharField(max_length=100, verbose_name='filtyp')),
                ('created_at', models.DateTimeField(default=finsam.clock.now, verbose_name='lagrad')),
            ],
            options={
                'verbose_name': 'lagrad fil',
                'verbose_name_plural': 'lagrade filer',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='stored_file_has_key'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='stored_file_has_name'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='stored_file_sha256_is_hex')],
            },
        ),
        migrations.CreateModel(
            name='ArchivePackage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archive_packages', to='registry.case')),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='archive_package', to='jobs.job')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('made_at', models.DateTimeField(default=finsam.clock.now, verbose_name='gjort')),
            ],
            options={
                'verbose_name': 'arkivpaket',
                'verbose_name_plural': 'arkivpaket',
                'ordering': ['-made_at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='associations.association')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='documents.documentseries')),
                ('kind', models.CharField(max_length=60, verbose_name='slag')),
                ('key', models.CharField(db_index=True, max_length=160, verbose_name='nyckel')),
                ('version', models.PositiveIntegerField(verbose_name='version')),
                ('title', models.CharField(max_length=250, verbose_name='rubrik')),
                ('case', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='registry.case')),
                ('record', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documents', to='registry.record')),
                ('short_id', models.CharField(max_length=8, unique=True, verbose_name='handlingens id')),
                ('check_code', models.CharField(max_length=8, verbose_name='kontrollkod')),
                ('pdf', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('docx', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('sha256', models.CharField(db_index=True, max_length=64, verbose_name='kontrollsumma')),
                ('created_at', models.DateTimeField(default=finsam.clock.now, verbose_name='upprättad')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('job', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='document', to='jobs.job')),
            ],
            options={
                'verbose_name': 'handling',
                'verbose_name_plural': 'handlingar',
                'ordering': ['-created_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('series', 'version'), name='document_version_unique'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='document_version_from_one'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='document_has_title'), models.CheckConstraint(condition=models.Q(('sha256__regex', '^[0-9a-f]{64}$')), name='document_sha256_is_hex')],
            },
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='associations.association')),
                ('file', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='upload', to='documents.storedfile')),
                ('purpose', models.CharField(max_length=20, verbose_name='ändamål')),
                ('kind', models.CharField(blank=True, max_length=20, verbose_name='slag av fil')),
                ('state', models.CharField(choices=[('accepted', 'Mottagen'), ('refused', 'Avvisad')], max_length=20, verbose_name='läge')),
                ('reason', models.CharField(blank=True, max_length=40, verbose_name='skäl')),
                ('message', models.TextField(blank=True, verbose_name='förklaring')),
                ('warnings', models.JSONField(blank=True, default=list, verbose_name='anmärkningar')),
                ('virus_state', models.CharField(choices=[('clean', 'Inget virus hittat'), ('virus', 'Virus hittat'), ('not_checked', 'Ej kontrollerad')], max_length=20, verbose_name='viruskontroll')),
                ('virus_checked_at', models.DateTimeField(blank=True, null=True, verbose_name='viruskontrollerad')),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField(default=finsam.clock.now, verbose_name='inkommen')),
            ],
            options={
                'verbose_name': 'inlämnad fil',
                'verbose_name_plural': 'inlämnade filer',
                'ordering': ['-created_at'],
                'indexes': [models.Index(fields=['association', 'state', 'created_at'], name='upload_state'), models.Index(condition=models.Q(('state', 'accepted'), ('virus_state', 'not_checked')), fields=['created_at'], name='upload_virus_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('message__gt', ''), ('reason__gt', ''), ('state', 'refused')), models.Q(('reason', ''), ('state', 'accepted')), _connector='OR'), name='upload_refusal_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('virus_state', 'virus'), _negated=True), ('state', 'refused'), _connector='OR'), name='upload_with_virus_is_refused'), models.CheckConstraint(condition=models.Q(models.Q(('virus_checked_at', None), ('virus_state', 'not_checked')), models.Q(models.Q(('virus_state', 'not_checked'), _negated=True), ('virus_checked_at__isnull', False)), _connector='OR'), name='upload_virus_check_has_moment')],
            },
        ),
        migrations.CreateModel(
            name='Release',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, verbose_name='formulärets nyckel')),
                ('outcome', models.CharField(choices=[('whole', 'Lämnad ut'), ('masked', 'Lämnad ut med maskering'), ('refused', 'Inte lämnad ut')], max_length=10, verbose_name='beslut')),
                ('sections', models.CharField(blank=True, max_length=250, verbose_name='sekretess enligt')),
                ('reason', models.TextField(blank=True, verbose_name='skäl')),
                ('decided_at', models.DateTimeField(default=finsam.clock.now, verbose_name='beslutat')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='registry.case')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('document', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='documents.document')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='releases', to='documents.storedfile')),
                ('job', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='release', to='jobs.job')),
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='release', to='registry.record')),
            ],
            options={
                'verbose_name': 'utlämnande',
                'verbose_name_plural': 'utlämnanden',
                'ordering': ['-decided_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('case', 'key'), name='release_key_unique'), models.CheckConstraint(condition=models.Q(models.Q(('job', None), ('outcome', 'whole'), ('sections', '')), models.Q(('job__isnull', False), ('outcome__in', ['masked', 'refused']), models.Q(('sections', ''), _negated=True)), _connector='OR'), name='release_restriction_has_section')],
            },
        ),
        migrations.CreateModel(
            name='Letterhead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('word', 'Word-mall'), ('logo', 'Logotyp')], max_length=10, verbose_name='del')),
                ('number', models.PositiveIntegerField(verbose_name='version')),
                ('found', models.JSONField(default=dict, verbose_name='funnet i filen')),
                ('made_at', models.DateTimeField(default=finsam.clock.now, verbose_name='inlämnad')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letterheads', to='associations.association')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='documents.storedfile')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('upload', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='letterhead', to='documents.upload')),
            ],
            options={
                'verbose_name': 'brevmall',
                'verbose_name_plural': 'brevmallar',
                'ordering': ['part', '-number'],
                'constraints': [models.UniqueConstraint(fields=('association', 'part', 'number'), name='letterhead_number_unique')],
            },
        ),
    ]
