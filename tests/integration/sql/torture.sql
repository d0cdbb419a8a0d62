-- What every_object.sql does not have, on PostgreSQL 16 and newer: operators, casts, rules, triggers, policies,
-- statistics, and how things are stored. Run after it; needs a superuser.
CREATE COLLATION shop.posix (provider = libc, locale = 'POSIX');
CREATE COLLATION aux."C too" (provider = libc, lc_collate = 'C', lc_ctype = 'C');
COMMENT ON COLLATION shop.posix IS 'collation';
COMMENT ON SCHEMA shop IS 'schema';
COMMENT ON CONSTRAINT "must be even" ON DOMAIN shop.even IS 'domain constraint';

CREATE TEXT SEARCH DICTIONARY shop."Simple It" (TEMPLATE = simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION shop.words_of (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION shop.words_of ALTER MAPPING FOR asciiword, word WITH shop."Simple It", simple;
COMMENT ON TEXT SEARCH CONFIGURATION shop.words_of IS 'configuration';

-- a type of its own order: operators that know each other, a class, a family with a loose member
CREATE TYPE shop.version AS (major int, minor int);
CREATE FUNCTION shop.version_cmp(shop.version, shop.version) RETURNS int LANGUAGE sql IMMUTABLE
    AS 'SELECT CASE WHEN ($1).major <> ($2).major THEN ($1).major - ($2).major ELSE ($1).minor - ($2).minor END';
CREATE FUNCTION shop.version_lt(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) < 0';
CREATE FUNCTION shop.version_eq(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) = 0';
CREATE FUNCTION shop.version_ne(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) <> 0';
CREATE FUNCTION shop.version_gt(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) > 0';
CREATE FUNCTION shop.version_le(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) <= 0';
CREATE FUNCTION shop.version_ge(shop.version, shop.version) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT shop.version_cmp($1, $2) >= 0';
CREATE FUNCTION shop.version_of(int) RETURNS shop.version LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1, 0)::shop.version';
CREATE FUNCTION shop.version_cmp_int(shop.version, int) RETURNS int LANGUAGE sql IMMUTABLE
    AS 'SELECT ($1).major - $2';
CREATE FUNCTION shop.version_eq_int(shop.version, int) RETURNS bool LANGUAGE sql IMMUTABLE
    AS 'SELECT ($1).major = $2';
CREATE FUNCTION shop.negated(shop.version) RETURNS shop.version LANGUAGE sql IMMUTABLE
    AS 'SELECT ROW(-($1).major, -($1).minor)::shop.version';
CREATE OPERATOR shop.<<< (FUNCTION = shop.version_lt, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.>>>), NEGATOR = OPERATOR(shop.>>>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR shop.>>> (FUNCTION = shop.version_gt, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.<<<), NEGATOR = OPERATOR(shop.<<<=));
CREATE OPERATOR shop.<<<= (FUNCTION = shop.version_le, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.>>>=), NEGATOR = OPERATOR(shop.>>>));
CREATE OPERATOR shop.>>>= (FUNCTION = shop.version_ge, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.<<<=), NEGATOR = OPERATOR(shop.<<<));
CREATE OPERATOR shop.=== (FUNCTION = shop.version_eq, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.===), NEGATOR = OPERATOR(shop.!==), RESTRICT = eqsel, JOIN = eqjoinsel, MERGES);
CREATE OPERATOR shop.!== (FUNCTION = shop.version_ne, LEFTARG = shop.version, RIGHTARG = shop.version,
    COMMUTATOR = OPERATOR(shop.!==), NEGATOR = OPERATOR(shop.===));
CREATE OPERATOR shop.=== (FUNCTION = shop.version_eq_int, LEFTARG = shop.version, RIGHTARG = int);
CREATE OPERATOR shop.!- (FUNCTION = shop.negated, RIGHTARG = shop.version);
CREATE OPERATOR FAMILY shop."Version Order" USING btree;
CREATE OPERATOR CLASS shop.version_ops DEFAULT FOR TYPE shop.version USING btree FAMILY shop."Version Order" AS
    OPERATOR 1 shop.<<<, OPERATOR 2 shop.<<<=, OPERATOR 3 shop.===, OPERATOR 4 shop.>>>=, OPERATOR 5 shop.>>>,
    FUNCTION 1 shop.version_cmp(shop.version, shop.version);
ALTER OPERATOR FAMILY shop."Version Order" USING btree
    ADD OPERATOR 3 shop.=== (shop.version, int), FUNCTION 1 (shop.version, int) shop.version_cmp_int(shop.version, int);
CREATE OPERATOR CLASS shop.hash_text FOR TYPE text USING hash AS
    OPERATOR 1 =, FUNCTION 1 hashtext(text), FUNCTION 2 hashtextextended(text, int8);
CREATE CAST (int AS shop.version) WITH FUNCTION shop.version_of(int) AS IMPLICIT;
CREATE CAST (shop.version AS text) WITH INOUT AS ASSIGNMENT;
CREATE CAST (shop.mood AS aux.unit) WITH INOUT;
COMMENT ON OPERATOR shop.<<< (shop.version, shop.version) IS 'operator';
COMMENT ON OPERATOR shop.!- (NONE, shop.version) IS 'unary';
COMMENT ON OPERATOR CLASS shop.version_ops USING btree IS 'class';
COMMENT ON OPERATOR FAMILY shop."Version Order" USING btree IS 'family';
COMMENT ON CAST (int AS shop.version) IS 'cast';

-- how columns and tables are stored
CREATE TABLE shop.stored (
    id int PRIMARY KEY,
    outside text,
    inside text COLLATE shop.posix,
    plain bytea,
    squeezed jsonb COMPRESSION pglz,
    v shop.version DEFAULT 7,
    document text,
    CHECK (v OPERATOR(shop.>>>) ROW(0, 0)::shop.version)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, toast_tuple_target = 1000,
        toast.autovacuum_enabled = false, toast.vacuum_truncate = false);
ALTER TABLE shop.stored ALTER outside SET STORAGE EXTERNAL, ALTER inside SET STORAGE MAIN, ALTER plain SET STORAGE PLAIN,
    ALTER id SET STATISTICS 1000, ALTER v SET STATISTICS 0, ALTER inside SET (n_distinct = -0.5, n_distinct_inherited = 100);
CREATE INDEX stored_version ON shop.stored (v);
CREATE INDEX stored_hash ON shop.stored USING hash (document shop.hash_text);
CREATE INDEX stored_words ON shop.stored USING gin (to_tsvector('shop.words_of', document)) WITH (fastupdate = off);
CREATE INDEX stored_expression ON shop.stored (lower(outside), id);
ALTER INDEX shop.stored_expression ALTER COLUMN 1 SET STATISTICS 321;
CREATE INDEX stored_spgist ON shop.stored USING spgist (inside COLLATE "C" text_ops);
ALTER TABLE shop.stored CLUSTER ON stored_pkey;
CREATE TABLE shop.typed OF shop.version (major DEFAULT 1, PRIMARY KEY (major));
CREATE TABLE shop.heir (own text) INHERITS (shop.stored);
ALTER TABLE shop.heir ALTER outside SET STORAGE MAIN, ALTER own SET STORAGE EXTERNAL;
ALTER TABLE shop.event_2023 ALTER payload SET STORAGE EXTERNAL;
CREATE MATERIALIZED VIEW aux.stored_view WITH (fillfactor = 60, toast.autovacuum_enabled = false) AS
    SELECT id, outside FROM shop.stored;
ALTER MATERIALIZED VIEW aux.stored_view ALTER outside SET STORAGE EXTERNAL, ALTER id SET STATISTICS 50;
CREATE MATERIALIZED VIEW shop.on_stored_view AS SELECT count(*) AS n FROM shop.moods;
CREATE STATISTICS shop.both ON id, outside FROM shop.stored;
CREATE STATISTICS aux."Some Kinds" (mcv, dependencies) ON inside, (lower(outside)), v FROM shop.stored;
ALTER STATISTICS shop.both SET STATISTICS 77;
COMMENT ON STATISTICS shop.both IS 'statistics';

-- triggers
CREATE TRIGGER plain BEFORE INSERT OR UPDATE OF outside, "inside" ON shop.stored
    FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION shop.react('it''s', 'an "argument"');
CREATE TRIGGER "Of Statement" AFTER DELETE OR TRUNCATE ON shop.stored FOR EACH STATEMENT EXECUTE FUNCTION shop.react();
CREATE TRIGGER transition AFTER UPDATE ON shop.stored REFERENCING OLD TABLE AS gone NEW TABLE AS come
    FOR EACH STATEMENT EXECUTE FUNCTION shop.react();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON shop.stored DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION shop.react();
CREATE TRIGGER always BEFORE DELETE ON shop.stored FOR EACH ROW EXECUTE FUNCTION shop.react();
ALTER TABLE shop.stored ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER on_replica BEFORE DELETE ON shop.stored FOR EACH ROW EXECUTE FUNCTION shop.react();
ALTER TABLE shop.stored ENABLE REPLICA TRIGGER on_replica;
CREATE TRIGGER off BEFORE DELETE ON shop.stored FOR EACH ROW EXECUTE FUNCTION shop.react();
ALTER TABLE shop.stored DISABLE TRIGGER off;
CREATE TRIGGER on_partitions AFTER INSERT ON shop.event FOR EACH ROW EXECUTE FUNCTION shop.react();
CREATE TRIGGER on_one BEFORE INSERT ON shop.event_2023 FOR EACH ROW EXECUTE FUNCTION shop.react();
CREATE TRIGGER instead INSTEAD OF INSERT ON shop.by_key FOR EACH ROW EXECUTE FUNCTION shop.react();
CREATE TRIGGER same BEFORE UPDATE ON shop.keyless FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
COMMENT ON TRIGGER plain ON shop.stored IS 'trigger';

-- rules
CREATE RULE "Keep It" AS ON DELETE TO shop.keyless WHERE old.a > 5 DO INSTEAD NOTHING;
CREATE RULE also AS ON INSERT TO shop.keyless DO ALSO (
    INSERT INTO shop.nothing DEFAULT VALUES;
    UPDATE shop.circle SET v = 'x' WHERE id = NEW.a
);
CREATE RULE off AS ON UPDATE TO shop.keyless DO INSTEAD NOTHING;
ALTER TABLE shop.keyless DISABLE RULE off;
CREATE RULE writable AS ON INSERT TO shop.a_second DO INSTEAD NOTHING;
COMMENT ON RULE "Keep It" ON shop.keyless IS 'rule';

-- row security
ALTER TABLE shop.stored ENABLE ROW LEVEL SECURITY;
ALTER TABLE shop.keyless ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY everyone ON shop.stored USING (id > 0);
CREATE POLICY "Only Some" ON shop.stored AS RESTRICTIVE FOR UPDATE TO CURRENT_USER
    USING (outside <> '') WITH CHECK (id IN (SELECT a FROM shop.keyless));
CREATE POLICY adding ON shop.keyless FOR INSERT WITH CHECK (b IS NOT NULL);
COMMENT ON POLICY everyone ON shop.stored IS 'policy';

-- views
CREATE VIEW shop.invoking WITH (security_invoker = true, security_barrier = false) AS SELECT id, outside FROM shop.stored;
ALTER VIEW shop.invoking ALTER outside SET DEFAULT 'by the view';
CREATE RECURSIVE VIEW shop.counting (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE VIEW shop.compared AS
    SELECT s.id, s.v OPERATOR(shop.===) 3 AS three, s.v::text AS written FROM shop.stored s
    ORDER BY s.v USING OPERATOR(shop.<<<);

-- names: reserved words, quotes, spaces, dots, Unicode, 63 bytes
CREATE TABLE "Odd.Schema"."table" ("user" int PRIMARY KEY, "order" int, "a.b" text, "   " text, "%s %(x)s" text);
CREATE TABLE "Odd.Schema"."日本語の表のとても長い名前で六十三バイト" ("列" int PRIMARY KEY, "ключ" text UNIQUE);
CREATE TABLE "Odd.Schema".a123456789b123456789c123456789d123456789e123456789f123456789xyz (
    a123456789b123456789c123456789d123456789e123456789f123456789xyz int PRIMARY KEY,
    b123456789b123456789c123456789d123456789e123456789f123456789xyz serial NOT NULL
        REFERENCES "Odd.Schema"."table" UNIQUE CHECK (b123456789b123456789c123456789d123456789e123456789f123456789xyz > 0)
);
CREATE TRIGGER "tr "" . 日" BEFORE INSERT ON "Odd.Schema"."table" FOR EACH ROW EXECUTE FUNCTION shop.react('%');
CREATE RULE "ru "" . %" AS ON UPDATE TO "Odd.Schema"."table" DO ALSO NOTHING;
CREATE POLICY "po "" . %" ON "Odd.Schema"."table" USING ("%s %(x)s" LIKE '%\%');
CREATE STATISTICS "Odd.Schema"."st "" . %" ON "user", "a.b" FROM "Odd.Schema"."table";
CREATE TYPE "Odd.Schema"."ty "" . %" AS ENUM ('a''b', '%');
CREATE DOMAIN "Odd.Schema"."do "" . %" AS text CONSTRAINT "c "" . %" CHECK (VALUE LIKE 'a%');
CREATE FUNCTION "Odd.Schema"."fn "" . %"("in "" . %" "Odd.Schema"."ty "" . %") RETURNS text LANGUAGE sql
    AS $$ SELECT format('%s', $1) $$;
CREATE SEQUENCE "Odd.Schema"."sq "" . %" OWNED BY "Odd.Schema"."table"."a.b";
CREATE VIEW "Odd.Schema"."vi "" . %" AS SELECT "user" AS "select", "%s %(x)s" FROM "Odd.Schema"."table";
COMMENT ON TABLE "Odd.Schema"."table" IS E'100 % \\ ''quoted''\nsecond line';
