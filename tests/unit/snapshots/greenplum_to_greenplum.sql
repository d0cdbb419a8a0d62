-- The sync's configuration:

-- passed: Distributed as on the source: public.orders, public.events, archive.logs.

CREATE SCHEMA IF NOT EXISTS "archive";

CREATE SCHEMA IF NOT EXISTS "public";

CREATE TABLE "archive"."logs" (
    "day" date NOT NULL,
    "line" text
) USING ao_row DISTRIBUTED BY ("day");

CREATE TABLE "public"."events" (
    "at" timestamp with time zone NOT NULL ENCODING (compresstype=rle_type, compresslevel=2),
    "what" jsonb ENCODING (compresstype=none)
) USING ao_column WITH (compresstype='zlib', compresslevel='3') DISTRIBUTED BY ("at");

CREATE TABLE "public"."orders" (
    "customer_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "email" text
) DISTRIBUTED BY ("customer_id");

ALTER TABLE ONLY "public"."orders" ADD CONSTRAINT "orders_pkey" PRIMARY KEY (customer_id, id);
