SELECT
  ROUND("t2"."mag") AS "m",
  CAST(SUM("t2"."id") AS BIGINT) AS "sum",
  AVG("t2"."mag") AS "avg"
FROM "scan_1" AS "t2"
GROUP BY
  ROUND("t2"."mag")
HAVING
  COUNT(*) > 1
ORDER BY
  ROUND("t2"."mag") DESC NULLS FIRST
