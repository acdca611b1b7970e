(
  SELECT
    "t2"."name" AS "name"
  FROM "scan_1" AS "t2"
  LIMIT 2
)
UNION ALL
SELECT
  "t4"."name" AS "name"
FROM "scan_3" AS "t4"
ORDER BY
  "name" ASC
OFFSET 1
