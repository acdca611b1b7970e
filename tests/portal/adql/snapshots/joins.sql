SELECT
  "t2"."name" AS "name",
  "t2"."id" AS "id",
  "t2"."ra" AS "ra",
  "t2"."dec" AS "dec",
  "t2"."pmra" AS "pmra",
  "t2"."pmdec" AS "pmdec",
  "t2"."parallax" AS "parallax",
  "t2"."mag" AS "mag",
  "t2"."count" AS "count",
  "t2"."Odd Name" AS "Odd Name",
  "t4"."ra" AS "ra_2",
  "t4"."dec" AS "dec_2",
  "t4"."mag" AS "mag_2"
FROM "scan_1" AS "t2"
  LEFT JOIN "scan_3" AS "t4"
    ON "t2"."name" = "t4"."name"
