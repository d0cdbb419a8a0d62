-- Names in mixed case, and functions of every kind that name tables and columns.
CREATE SCHEMA "Shop";
CREATE TYPE "Shop"."Mood" AS ENUM ('ok', 'Bad');
CREATE SEQUENCE "Shop"."Free";
CREATE TABLE "Shop"."Customer" (
    "Id" serial PRIMARY KEY,
    "Name" text NOT NULL CHECK ("Name" <> ''),
    "Mood" "Shop"."Mood" DEFAULT 'ok',
    "Lower" text GENERATED ALWAYS AS (lower("Name")) STORED
);
CREATE TABLE "Shop"."Order" (
    "Id" int GENERATED ALWAYS AS IDENTITY CONSTRAINT "The Key" PRIMARY KEY,
    "CustomerId" int CONSTRAINT "To Customer" REFERENCES "Shop"."Customer" ON DELETE CASCADE,
    "Amount" numeric DEFAULT 1,
    note text
);
CREATE INDEX "By Amount" ON "Shop"."Order" (("Amount" * 2), note) WHERE "Amount" > 0;
CREATE STATISTICS "Shop"."Both" ON "CustomerId", "Amount" FROM "Shop"."Order";
CREATE VIEW "Shop"."Totals" AS
    SELECT c."Name", sum(o."Amount") AS "Total" FROM "Shop"."Customer" c JOIN "Shop"."Order" o ON o."CustomerId" = c."Id"
    GROUP BY c."Id";
CREATE VIEW "Shop"."Big" AS SELECT "Name" FROM "Shop"."Totals" WHERE "Total" > 10;
CREATE FUNCTION "Shop"."SumOf"(customer int) RETURNS numeric LANGUAGE sql STABLE
    AS $$ SELECT coalesce(sum("Amount"), 0) FROM "Shop"."Order" WHERE "CustomerId" = $1 $$;
CREATE FUNCTION "Shop"."NextFree"() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('"Shop"."Free"') $$;
CREATE FUNCTION "Shop"."Touch"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE who "Shop"."Customer"%ROWTYPE;
BEGIN
    SELECT * INTO who FROM "Shop"."Customer" WHERE "Id" = NEW."CustomerId"; -- "Name" of the customer
    NEW.note := who."Name" || '''s "Order"';
    RETURN NEW;
END $$;
CREATE FUNCTION "Shop"."Dynamic"() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'DELETE FROM "Shop"."Order"';
END $$;
CREATE FUNCTION "Shop"."Atomic"() RETURNS SETOF "Shop"."Order" LANGUAGE sql
    BEGIN ATOMIC SELECT * FROM "Shop"."Order" WHERE "Order"."Amount" > 5; END;
CREATE TRIGGER "Touch It" BEFORE INSERT OR UPDATE OF "Amount" ON "Shop"."Order"
    FOR EACH ROW WHEN (NEW."Amount" > 0) EXECUTE FUNCTION "Shop"."Touch"();
CREATE RULE "No Truncate" AS ON DELETE TO "Shop"."Customer" WHERE old."Id" < 0 DO INSTEAD NOTHING;
CREATE POLICY "Mine" ON "Shop"."Order" USING ("CustomerId" IN (
    SELECT "Id" FROM "Shop"."Customer" WHERE "Name" = CURRENT_USER AND "Customer"."Id" = "Order"."CustomerId"));
COMMENT ON COLUMN "Shop"."Order"."Amount" IS 'the "Amount"';
COMMENT ON CONSTRAINT "The Key" ON "Shop"."Order" IS 'key';
COMMENT ON INDEX "Shop"."By Amount" IS 'index';
COMMENT ON SCHEMA "Shop" IS 'schema';
