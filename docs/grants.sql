-- What the role that serves the site may do. Run it as the owner of the tables after every migration:
--
--     psql "$OWNER_DATABASE_URL" -f docs/grants.sql
--
-- It may read and write, and change nothing of what a table is. In an append-only table it may add rows and set the
-- columns that go once from empty to a value, and nothing else: its triggers refuse the rest, and here it cannot even
-- be asked for. What tables there are, and which columns these are, is read from the triggers themselves. Nor may it mark
-- a stretch of the access log as removed: that is the owner's, who alone can remove it (`remove_access_entries`).

GRANT USAGE ON SCHEMA public TO points_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO points_app;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO points_app;
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM points_app;
REVOKE INSERT ON members_removedaccess FROM points_app;

DO $$
DECLARE
    guarded regclass;
    stamps text[];
    stamp text;
BEGIN
    FOR guarded, stamps IN
        SELECT tgrelid::regclass, array_remove(string_to_array(encode(tgargs, 'escape'), '\000'), '')
          FROM pg_trigger
         WHERE tgname LIKE 'ledger\_%\_update' AND NOT tgisinternal
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM points_app', guarded);
        FOREACH stamp IN ARRAY stamps LOOP
            -- What may be rewritten: by `rotate_keys` and `pseudonymise`, as the owner.
            CONTINUE WHEN stamp LIKE '*%';
            EXECUTE format('GRANT UPDATE (%I) ON %s TO points_app', stamp, guarded);
        END LOOP;
    END LOOP;
END
$$;
