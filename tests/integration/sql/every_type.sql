-- One table with the types that real databases have.
CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s "fine"');
CREATE TYPE place AS (street text, number int, tags text[]);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE DOMAIN positive AS numeric CHECK (value > 0);
CREATE DOMAIN moody AS mood;
CREATE TABLE every_type (
    id bigint GENERATED ALWAYS AS IDENTITY,
    boo bool, int2 smallint, int4 int, flo4 real, flo8 double precision, num numeric, dec numeric(20, 4), mon money,
    txt text, vch varchar(20), cha char(6), "Quoted ""Name""" name, onechar "char", byt bytea,
    dat date, tim time, timz timetz, ts timestamp(3), tsz timestamptz, inter interval,
    uid uuid, js json, jsb jsonb, jpath jsonpath, ine inet, cid cidr, mac macaddr, mac8 macaddr8,
    bit5 bit(5), varb varbit, pnt point, bx box, pol polygon, cir circle, lin line, tsv tsvector, tsq tsquery,
    ints int[], txts text[], nums numeric[][], moo mood, moos mood[], mdom moody, pla place, plas place[],
    pos positive, irange int4range, trange tstzrange, mrange int4multirange, spa span, lsn pg_lsn,
    cls regclass, oi oid,
    twice bigint GENERATED ALWAYS AS (int4::bigint * 2) STORED
);
