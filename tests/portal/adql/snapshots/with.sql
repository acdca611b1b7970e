WITH "with_3" AS (
  SELECT
    "t2"."id" AS "id"
  FROM "scan_1" AS "t2"
  WHERE
    "t2"."mag" < 3
)
SELECT
  COUNT(*) AS "count"
FROM "with_3" AS "t4"
  JOIN "with_3" AS "t5"
    ON "t4"."id" = "t5"."id"
