from django.db import migrations

TABLES = ('veto_deduction', 'veto_vetorecord')


def drop_triggers(apps, schema_editor):
    """SQLite refuses to drop a column that a trigger names; `migrate` installs them again when it is done."""
    if schema_editor.connection.vendor == 'sqlite':
        for table in TABLES:
            schema_editor.execute(f'DROP TRIGGER IF EXISTS ledger_{table}_update')


class Migration(migrations.Migration):

    dependencies = [
        ('veto', '0002_hearing_steps'),
    ]

    operations = [
        migrations.RunPython(drop_triggers, migrations.RunPython.noop),
        *(
            migrations.RemoveField(model_name=model, name=name)
            for model in ('deduction', 'vetorecord')
            for name in ('answer', 'answered_on', 'statement', 'witnesses')
        ),
    ]
