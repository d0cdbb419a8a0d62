-- PostgreSQL: 014_binary
-- tables: {public.other_types: {columns: {a: {type: bigint}, b: {type: text}, c: {type: float8}, d: {type: numeric}}}}
-- tables: {public.more_types: {columns: {e: {type: text}, f: {type: text}, h: {type: timestamptz}, j: {type: jsonb}}}}
-- compares: (SELECT a, b::text, c::float8, d FROM other_types) | other_types
-- compares: (SELECT e, f::text, g, h::timestamptz, j::jsonb FROM more_types) | more_types
-- compares: by_array
-- compares: homemade
-- compares: homemade_keyless

-- there:
CREATE TYPE mood_of AS ENUM ('sad', 'glad');
CREATE TYPE spot_of AS (x int, m mood_of);
CREATE DOMAIN moods_of AS mood_of[];
CREATE TYPE homemade_text;
CREATE FUNCTION homemade_in(cstring, oid, int) RETURNS homemade_text LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
CREATE FUNCTION homemade_out(homemade_text) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
CREATE TYPE homemade_text (input = homemade_in, output = homemade_out);
CREATE TABLE other_types (a int PRIMARY KEY, b numeric(10, 2), c real, d bigint);
CREATE TABLE more_types (e varchar(20) PRIMARY KEY, f date, g mood_of, h timestamp, j json);
CREATE TABLE by_array (k int[] PRIMARY KEY, n numeric[], t text[], m moods_of, s spot_of[], r int4range[]);
CREATE TABLE homemade (id int PRIMARY KEY, h homemade_text, s spot_of);
CREATE TABLE homemade_keyless (h homemade_text, n int);

-- here:
CREATE TYPE homemade_text;
CREATE FUNCTION homemade_in(cstring, oid, int) RETURNS homemade_text LANGUAGE internal IMMUTABLE STRICT AS 'varcharin';
CREATE FUNCTION homemade_out(homemade_text) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'varcharout';
CREATE TYPE homemade_text (input = homemade_in, output = homemade_out);
CREATE TYPE mood_that_is_only_here AS ENUM ('only', 'here');
CREATE TYPE mood_of AS ENUM ('sad', 'glad');
CREATE TYPE spot_of AS (x int, m mood_of);
CREATE DOMAIN moods_of AS mood_of[];
CREATE TABLE homemade_keyless (h homemade_text, n int);
CREATE TABLE homemade (id int PRIMARY KEY, h homemade_text, s spot_of);
CREATE TABLE by_array (k int[] PRIMARY KEY, n numeric[], t text[], m moods_of, s spot_of[], r int4range[]);
CREATE TABLE more_types (e text PRIMARY KEY, f text, g mood_of, h timestamptz, j jsonb);
CREATE TABLE other_types (a bigint PRIMARY KEY, b text, c float8, d numeric);

-- rows:
INSERT INTO other_types SELECT n, n * 1.1, n * 1.1, n FROM generate_series(1, 40) n;
INSERT INTO more_types SELECT 'e' || n, date '2026-01-01' + n, 'sad', '2026-01-01', '{"a": 1.0}' FROM generate_series(1, 40) n;
INSERT INTO by_array SELECT ARRAY[n, NULL, 1], ARRAY[n, 'NaN', 1.10], ARRAY['a,b', '"', NULL, '{}'], '{sad,NULL}',
ARRAY[(n, 'glad')::spot_of, NULL], ARRAY[int4range(n, n + 5), 'empty'] FROM generate_series(1, 30) n;
INSERT INTO homemade SELECT n, ('h' || n)::homemade_text, (n, 'sad')::spot_of FROM generate_series(1, 30) n;
INSERT INTO homemade_keyless SELECT ('h' || n % 5)::homemade_text, n % 3 FROM generate_series(1, 30) n;

-- change:
UPDATE other_types SET b = 42, c = 0.1 WHERE a % 3 = 0;
UPDATE other_types SET c = NULL, d = -d, a = -a WHERE a < 10;
INSERT INTO other_types VALUES (100, 1.10, '-0', 9223372036854775807), (101, 'NaN', 'NaN', 0);

-- change:
UPDATE more_types SET f = 'infinity', g = 'glad', j = '{"b":  [1, 1.10]}' WHERE e < 'e3';
UPDATE more_types SET h = '2026-05-05 12:00', e = e || '\x' WHERE e > 'e3';
DELETE FROM more_types WHERE e = 'e1';

-- change:
UPDATE by_array SET n[1] = 42, t = NULL;
UPDATE by_array SET m = '{glad,sad}', s[2] = '(0,)', k[2] = 7 WHERE k[1] % 2 = 0;
DELETE FROM by_array WHERE k[1] < 4;
INSERT INTO by_array VALUES ('{}', '{{1.0,2},{3,4}}', '[2:3]={a,b}', '{}', '{}', NULL);

-- change:
UPDATE homemade SET h = 'other' WHERE id % 2 = 0;
UPDATE homemade SET s = '(,glad)', id = id + 100 WHERE id % 5 = 0;
INSERT INTO homemade VALUES (500, NULL, NULL);

-- change:
DELETE FROM homemade_keyless WHERE ctid IN (SELECT ctid FROM homemade_keyless WHERE n = 1 LIMIT 4);
UPDATE homemade_keyless SET h = 'changed' WHERE n = 2;
