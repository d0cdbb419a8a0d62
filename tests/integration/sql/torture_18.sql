-- What only PostgreSQL 18 and newer have. Run after torture.sql.
CREATE TABLE shop.newer (
    id int CONSTRAINT "id is there" NOT NULL,
    b int NOT NULL NO INHERIT,
    c int,
    doubled int GENERATED ALWAYS AS (b * 2) VIRTUAL,
    CONSTRAINT newer_pkey PRIMARY KEY (id),
    CONSTRAINT lenient CHECK (c > 0) NOT ENFORCED
);
CREATE TABLE shop.newer_late (c int);
ALTER TABLE shop.newer_late ADD CONSTRAINT "c later" NOT NULL c NOT VALID;
CREATE TABLE shop.newer_child (id int CONSTRAINT "id of child" NOT NULL, d int NOT NULL) INHERITS (shop.newer);
CREATE TABLE shop.newer_heir (NOT NULL id) INHERITS (shop.newer);
CREATE TABLE shop.lenient_key (id int REFERENCES shop.newer NOT ENFORCED);
CREATE TABLE shop.room (
    id int4range,
    during tstzrange,
    PRIMARY KEY (id, during WITHOUT OVERLAPS)
);
CREATE TABLE shop.booking (
    room int4range,
    at tstzrange,
    FOREIGN KEY (room, PERIOD at) REFERENCES shop.room (id, PERIOD during)
);
CREATE DOMAIN shop.present AS text CONSTRAINT "must be there" NOT NULL;
