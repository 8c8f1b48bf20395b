from django.db import migrations
from django.db.models import Exists, OuterRef

TRIGGER = 'ledger_members_recordbatch_update'


def mark_batches(apps, schema_editor):
    """Batches that corrections wrote said they came from the screen; what a correction recorded is never late."""
    alias = schema_editor.connection.alias
    corrections = apps.get_model('points', 'Correction').objects.using(alias)
    written = corrections.filter(actor=OuterRef('actor'), at=OuterRef('at'))
    batches = apps.get_model('members', 'RecordBatch').objects.using(alias).filter(Exists(written), source='screen')
    if not batches.exists():
        return
    # The ledger refuses an update; `migrate` installs the trigger again when it is done.
    table = '' if schema_editor.connection.vendor == 'sqlite' else ' ON members_recordbatch'
    schema_editor.execute(f'DROP TRIGGER IF EXISTS {TRIGGER}{table}')
    batches.update(source='correct')


class Migration(migrations.Migration):

    dependencies = [
        ('members', '0007_correction_refused_notification'),
        ('points', '0004_dues_amounts'),
    ]

    operations = [
        migrations.RunPython(mark_batches, migrations.RunPython.noop),
    ]
