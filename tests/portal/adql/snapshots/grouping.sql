SELECT
  ROUND(CAST("t2"."mag" AS DOUBLE)) AS "m",
  CAST(SUM("t2"."id") AS BIGINT) AS "sum",
  AVG("t2"."mag") AS "avg"
FROM "scan_1" AS "t2"
GROUP BY
  ROUND(CAST("t2"."mag" AS DOUBLE))
HAVING
  COUNT(*) > 1
ORDER BY
  ROUND(CAST("t2"."mag" AS DOUBLE)) DESC NULLS FIRST
