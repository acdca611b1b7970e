SELECT
  (
    "t2"."name" || ';DROP TABLE x'
  ) AS "expression"
FROM "scan_1" AS "t2"
WHERE
  "t2"."name" LIKE '%''; --' AND "t2"."name" <> "t2"."name"
