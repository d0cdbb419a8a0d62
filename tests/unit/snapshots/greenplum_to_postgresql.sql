-- The sync's configuration:
--   distribution: {as_primary_key: true}

-- passed: public.events: it has no primary key and gets its distribution key (at) as one: two rows that are equal in it would stop the schema's second half.
-- passed: archive.logs: it has no primary key and gets its distribution key (day) as one: two rows that are equal in it would stop the schema's second half.

CREATE SCHEMA IF NOT EXISTS "archive";

CREATE SCHEMA IF NOT EXISTS "public";

CREATE TABLE "archive"."logs" (
    "day" date NOT NULL,
    "line" text
);

CREATE TABLE "public"."events" (
    "at" timestamp with time zone NOT NULL,
    "what" jsonb
);

CREATE TABLE "public"."orders" (
    "customer_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "email" text
);

ALTER TABLE ONLY "public"."events" ADD CONSTRAINT "events_pkey" PRIMARY KEY ("at");

ALTER TABLE ONLY "archive"."logs" ADD CONSTRAINT "logs_pkey" PRIMARY KEY ("day");

ALTER TABLE ONLY "public"."orders" ADD CONSTRAINT "orders_pkey" PRIMARY KEY (customer_id, id);
