-- sync_id: renamed
-- source: a
-- target: b
-- objects: {schemas: [public, Odd.Schema]}
-- names: {case: lower, schemas: {public: sales}}
-- tables:
--   public.customers:
--     name: people.clients
--     columns: {id: client no, country: false, email: {type: varchar(200)}}
--     extra: {origin: {type: text, value: "'eu'"}}
--   public.orders:
--     columns: {id: customer_id, customer_id: id}
--     primary_key: [id, customer_id, email]
-- distribution: {tables: {public.customers: [id], public.orders: [customer_id]}, other_keys: leave_out}

CREATE SCHEMA IF NOT EXISTS "odd.schema";

CREATE SCHEMA IF NOT EXISTS "people";

CREATE SCHEMA IF NOT EXISTS "sales";

CREATE TABLE "odd.schema"."select ""x"" y" (
    "Id" bigint NOT NULL,
    "day" date NOT NULL
) DISTRIBUTED BY ("Id");
ALTER TABLE "odd.schema"."select ""x"" y" RENAME COLUMN "Id" TO "id";

CREATE TABLE "sales"."countries" (
    "code" character(2) NOT NULL,
    "name" text NOT NULL
) DISTRIBUTED BY ("code");

CREATE TABLE "people"."clients" (
    "id" bigint NOT NULL,
    "email" varchar(200) NOT NULL,
    "origin" text
) WITH (fillfactor='80') DISTRIBUTED BY ("id");
ALTER TABLE "people"."clients" RENAME COLUMN "id" TO "client no";

CREATE TABLE "sales"."orders" (
    "customer_id" bigint NOT NULL,
    "id" bigint NOT NULL,
    "email" text
) DISTRIBUTED BY ("customer_id");
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "customer_id";

ALTER TABLE ONLY "sales"."countries" ADD CONSTRAINT "countries_pkey" PRIMARY KEY (code);

ALTER TABLE "people"."clients" RENAME COLUMN "client no" TO "id";
ALTER TABLE ONLY "people"."clients" ADD CONSTRAINT "customers_pkey" PRIMARY KEY (id);
ALTER TABLE "people"."clients" RENAME COLUMN "id" TO "client no";

ALTER TABLE "odd.schema"."select ""x"" y" RENAME COLUMN "id" TO "Id";
ALTER TABLE ONLY "odd.schema"."select ""x"" y" ADD CONSTRAINT "odd ""key""" PRIMARY KEY ("Id");
ALTER TABLE "odd.schema"."select ""x"" y" RENAME COLUMN "Id" TO "id";

ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "customer_id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "id";
ALTER TABLE ONLY "sales"."orders" ADD CONSTRAINT "orders_pkey1" PRIMARY KEY ("id", "customer_id", "email");
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "customer_id";

ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "customer_id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "id";
ALTER TABLE ONLY "sales"."orders" ADD CONSTRAINT "orders_pkey" UNIQUE (customer_id, id);
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "customer_id";

ALTER TABLE "people"."clients" RENAME COLUMN "client no" TO "id";
CREATE VIEW "sales"."emails" AS
SELECT customers.id,
    customers.email
   FROM "people"."clients" AS "customers";
ALTER TABLE "people"."clients" RENAME COLUMN "id" TO "client no";

ALTER TABLE "people"."clients" RENAME COLUMN "client no" TO "id";
ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "customer_id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "id";
ALTER TABLE "sales"."orders" ADD CONSTRAINT "orders_customer" FOREIGN KEY (customer_id) REFERENCES "people"."clients"(id);
ALTER TABLE "people"."clients" RENAME COLUMN "id" TO "client no";
ALTER TABLE "sales"."orders" RENAME COLUMN "customer_id" TO "adbsync renaming 1";
ALTER TABLE "sales"."orders" RENAME COLUMN "id" TO "adbsync renaming 2";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 1" TO "id";
ALTER TABLE "sales"."orders" RENAME COLUMN "adbsync renaming 2" TO "customer_id";
