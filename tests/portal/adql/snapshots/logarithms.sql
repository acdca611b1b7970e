SELECT
  NULLIF(LN(NULLIF("t2"."mag", 0)), CAST('nan' AS DOUBLE)) AS "log",
  NULLIF(LOG10(NULLIF("t2"."mag", 0)), CAST('nan' AS DOUBLE)) AS "log10",
  NULLIF(SQRT("t2"."mag"), CAST('nan' AS DOUBLE)) AS "sqrt",
  NULLIF(ACOS("t2"."mag"), CAST('nan' AS DOUBLE)) AS "acos"
FROM "scan_1" AS "t2"
