-- The sync's configuration:
--   distribution:
--     tables:
--       public.orders: [customer_id]
--       public.countries: replicated
--       public.events: randomly
--       archive.logs: [day]
--     other_keys: widen


CREATE SCHEMA IF NOT EXISTS "Odd.Schema";

CREATE SCHEMA IF NOT EXISTS "archive";

CREATE SCHEMA IF NOT EXISTS "public";

CREATE TABLE "Odd.Schema"."select ""x"" y" (
    "Id" bigint NOT NULL,
    "day" date NOT NULL
);

CREATE TABLE "archive"."logs" (
    "day" date NOT NULL,
    "line" text
);

CREATE TABLE "public"."countries" (
    "code" character(2) NOT NULL,
    "name" text NOT NULL
);

CREATE TABLE "public"."customers" (
    "id" bigint NOT NULL,
    "email" text NOT NULL,
    "country" character(2) NOT NULL
) WITH (fillfactor='80');

CREATE TABLE "public"."events" (
    "at" timestamp with time zone NOT NULL,
    "what" jsonb
) WITH (autovacuum_enabled='false');

CREATE TABLE "public"."orders" (
    "customer_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "email" text
);

CREATE TABLE "public"."readings" (
    "sensor" integer NOT NULL,
    "day" date NOT NULL,
    "value" numeric
) PARTITION BY RANGE (day);

CREATE TABLE "public"."readings_2026" (
    "sensor" integer NOT NULL,
    "day" date NOT NULL,
    "value" numeric
);

CREATE TABLE "public"."visits" (
    "visitor" uuid NOT NULL,
    "at" timestamp with time zone NOT NULL,
    "page" text NOT NULL
);

ALTER TABLE ONLY "public"."readings" ATTACH PARTITION "public"."readings_2026" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');

ALTER TABLE ONLY "public"."countries" ADD CONSTRAINT "countries_pkey" PRIMARY KEY (code);

ALTER TABLE ONLY "public"."customers" ADD CONSTRAINT "customers_pkey" PRIMARY KEY (id);

ALTER TABLE ONLY "Odd.Schema"."select ""x"" y" ADD CONSTRAINT "odd ""key""" PRIMARY KEY ("Id");

ALTER TABLE ONLY "public"."orders" ADD CONSTRAINT "orders_pkey" PRIMARY KEY (customer_id, id);

ALTER TABLE ONLY "public"."readings_2026" ADD CONSTRAINT "readings_2026_pkey" PRIMARY KEY (sensor, day);

ALTER TABLE ONLY "public"."readings" ADD CONSTRAINT "readings_pkey" PRIMARY KEY (sensor, day);

ALTER TABLE ONLY "public"."customers" ADD CONSTRAINT "customers_email_key" UNIQUE (email);

CREATE UNIQUE INDEX countries_name ON public.countries USING btree (lower(name));

CREATE UNIQUE INDEX visits_once ON public.visits USING btree (visitor, at);

CREATE UNIQUE INDEX visits_page ON public.visits USING btree (page, "at" DESC) INCLUDE (visitor) WHERE (page <> ')'::text);

ALTER TABLE "public"."orders" ADD CONSTRAINT "orders_customer" FOREIGN KEY (customer_id) REFERENCES public.customers(id) NOT VALID;

ALTER TABLE "public"."orders" ADD CONSTRAINT "orders_email" FOREIGN KEY (email) REFERENCES public.customers(email) NOT VALID;

ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_customer";

ALTER TABLE "public"."orders" VALIDATE CONSTRAINT "orders_email";
