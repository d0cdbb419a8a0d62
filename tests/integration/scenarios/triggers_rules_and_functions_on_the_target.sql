-- PostgreSQL: 003_constraints, 100_bugs
-- compares: fires
-- compares: fired

-- there:
CREATE TABLE fires (id int PRIMARY KEY, b text);
CREATE TABLE fired (id int);

-- here:
CREATE TABLE fires (id int PRIMARY KEY, b text);
CREATE TABLE fired (id int);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO fired VALUES (new.id); RETURN NULL; END $$;
CREATE TRIGGER before BEFORE INSERT OR UPDATE ON fires FOR EACH ROW EXECUTE FUNCTION fire();
CREATE TRIGGER after AFTER DELETE ON fires FOR EACH STATEMENT EXECUTE FUNCTION fire();
CREATE RULE instead AS ON UPDATE TO fires DO INSTEAD INSERT INTO fired VALUES (0);
CREATE RULE nothing AS ON INSERT TO fires DO INSTEAD NOTHING;
CREATE FUNCTION lowered(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN RETURN (SELECT lower(t)); END $$;
CREATE INDEX ON fires (lowered(b));

-- rows:
INSERT INTO fires VALUES (1, 'x');

-- change:
INSERT INTO fires VALUES (2, 'y');

-- change:
UPDATE fires SET b = 'z';

-- change:
DELETE FROM fires WHERE id = 1;
