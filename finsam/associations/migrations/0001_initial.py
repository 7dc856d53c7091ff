import django.core.validators
import django.db.models.deletion
import re
from django.db import migrations, models

from finsam.first_tables import FirstTables


class Migration(FirstTables):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Association',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True, verbose_name='adress')),
                ('name', models.CharField(max_length=120, verbose_name='namn')),
                ('short_name', models.CharField(max_length=60, verbose_name='kortnamn')),
                ('initials', models.CharField(max_length=3, verbose_name='märke')),
                ('kind', models.CharField(choices=[('coordination', 'Samordningsförbund'), ('fund', 'Fond')], max_length=20, verbose_name='slag')),
                ('organisation_number', models.CharField(blank=True, max_length=11, verbose_name='organisationsnummer')),
                ('colour', models.CharField(default='#0b5d57', max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}$', 'Skriv färgen som #rrggbb, till exempel #0b5d57.')], verbose_name='färg')),
                ('headline', models.CharField(blank=True, max_length=120, verbose_name='rubrik på startsidan')),
                ('lead', models.TextField(blank=True, verbose_name='ingress på startsidan')),
                ('email', models.EmailField(max_length=254, verbose_name='e-post')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telefon')),
                ('address', models.TextField(blank=True, verbose_name='postadress')),
                ('register_prefix', models.CharField(max_length=12, verbose_name='prefix i diarienummer')),
                ('board_name', models.CharField(default='Styrelsen', max_length=60, verbose_name='styrelsens namn')),
                ('council_name', models.CharField(default='Utvecklingsrådet', max_length=60, verbose_name='beredande organ')),
                ('director_title', models.CharField(default='förbundschef', max_length=60, verbose_name='chefens titel')),
                ('office_name', models.CharField(default='kansliet', max_length=60, verbose_name='kansliets namn')),
                ('dispatch_days', models.PositiveSmallIntegerField(default=7, verbose_name='dagar från utskick till möte')),
                ('remote_participation', models.BooleanField(default=False, verbose_name='distansdeltagande beslutat')),
                ('paragraph_numbering', models.CharField(choices=[('yearly', 'Börjar om varje år'), ('continuous', 'Löper vidare')], default='yearly', max_length=20, verbose_name='paragrafnumrering')),
                ('public_register', models.BooleanField(default=True, verbose_name='diariet är sökbart för alla')),
                ('is_demo', models.BooleanField(default=False, verbose_name='exempeldata')),
                ('logo', models.CharField(blank=True, editable=False, max_length=64, verbose_name='logotyp')),
                ('word_template', models.CharField(blank=True, editable=False, max_length=64, verbose_name='Word-mall')),
            ],
            options={
                'verbose_name': 'förbund',
                'verbose_name_plural': 'förbund',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('register_prefix',), name='association_register_prefix_unique')],
            },
        ),
        migrations.CreateModel(
            name='Member',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, validators=[django.core.validators.RegexValidator(re.compile('^[-a-zA-Z0-9_]+\\Z'), 'Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.', 'invalid')], verbose_name='adressnamn')),
                ('name', models.CharField(max_length=120, verbose_name='namn')),
                ('short_name', models.CharField(max_length=60, verbose_name='kortnamn')),
                ('kind', models.CharField(choices=[('insurance_agency', 'Försäkringskassan'), ('employment_service', 'Arbetsförmedlingen'), ('region', 'Region'), ('municipality', 'Kommun'), ('external', 'Annan aktör')], max_length=20, verbose_name='slag av part')),
                ('organisation_number', models.CharField(blank=True, max_length=11, verbose_name='organisationsnummer')),
                ('population', models.PositiveIntegerField(blank=True, null=True, verbose_name='invånare')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordning')),
                ('is_active', models.BooleanField(default=True, verbose_name='aktiv')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='associations.association')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='units', to='associations.member')),
            ],
            options={
                'verbose_name': 'medlem',
                'verbose_name_plural': 'medlemmar',
                'ordering': ['association', 'position', 'name'],
                'constraints': [models.UniqueConstraint(fields=('association', 'slug'), name='member_slug_unique'), models.UniqueConstraint(fields=('association', 'name'), name='member_name_unique')],
            },
        ),
        migrations.CreateModel(
            name='NoticeBoard',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='namn')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-post till den som anslår')),
                ('address', models.URLField(blank=True, verbose_name='webbadress')),
                ('association', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notice_boards', to='associations.association')),
                ('member', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notice_board', to='associations.member')),
            ],
            options={
                'verbose_name': 'anslagstavla',
                'verbose_name_plural': 'anslagstavlor',
                'ordering': ['association', 'name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='notice_board_has_name')],
            },
        ),
    ]
