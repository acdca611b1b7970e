SELECT
  (
    (
      "t2"."id"
    ) // NULLIF(2, 0)
  ) AS "expression",
  (
    (
      "t2"."id"
    ) / NULLIF(2.0e0, 0)
  ) AS "expression_2",
  (
    (
      CAST("t2"."mag" AS DOUBLE)
    ) / NULLIF("t2"."id", 0)
  ) AS "expression_3",
  (
    (
      1
    ) // NULLIF(0, 0)
  ) AS "expression_4"
FROM "scan_1" AS "t2"
