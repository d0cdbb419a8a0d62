-- PostgreSQL: 002_types
-- compares: by_float
-- compares: by_interval
-- compares: by_jsonb
-- compares: by_pair
-- compares: by_char
-- compares: by_range

-- there:
CREATE TYPE pair_of AS (a numeric, b text);
CREATE TABLE by_float (k float8 PRIMARY KEY, n int);
CREATE TABLE by_interval (k interval PRIMARY KEY, n int);
CREATE TABLE by_jsonb (k jsonb PRIMARY KEY, n int);
CREATE TABLE by_pair (k pair_of PRIMARY KEY, n int);
CREATE TABLE by_char (k char(5) PRIMARY KEY, n int);
CREATE TABLE by_range (k numrange, n numeric[], PRIMARY KEY (k, n));

-- rows:
INSERT INTO by_float VALUES ('-0', 1), ('NaN', 2), (0.1, 3);
INSERT INTO by_interval VALUES ('1 day', 1), ('1 mon', 2);
INSERT INTO by_jsonb VALUES ('{"a": 1.0}', 1), ('null', 2);
INSERT INTO by_pair VALUES ('(1.0,x)', 1), ('(2,)', 2);
INSERT INTO by_char VALUES ('a', 1), ('', 2);
INSERT INTO by_range VALUES ('[1.0,2)', '{1.0}'), ('empty', '{}');

-- change:
UPDATE by_float SET k = 0 WHERE k = 0;
UPDATE by_float SET n = 9 WHERE k = 'NaN';
DELETE FROM by_float WHERE k = 0.1;

-- change:
UPDATE by_interval SET k = '24:00' WHERE n = 1;
UPDATE by_interval SET k = '30 days', n = 5 WHERE n = 2;

-- change:
DELETE FROM by_jsonb WHERE n = 1;
INSERT INTO by_jsonb VALUES ('{"a": 1.00}', 4);
UPDATE by_jsonb SET n = 7 WHERE k = 'null';

-- change:
UPDATE by_pair SET k = '(1.00,x)' WHERE n = 1;
UPDATE by_pair SET k = '(2,z)', n = 3 WHERE n = 2;

-- change:
UPDATE by_char SET n = n + 1;
UPDATE by_char SET k = 'b' WHERE k = '';
DELETE FROM by_range WHERE k = 'empty';

-- change:
UPDATE by_range SET k = '[1.00,2)', n = '{1.00}';
UPDATE by_range SET n = '{1.000}';
