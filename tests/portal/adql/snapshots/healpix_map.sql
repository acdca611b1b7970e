SELECT
  (
    "t2"."_healpix_29" >> 46
  ) AS "pix",
  COUNT(*) AS "n"
FROM "scan_1" AS "t2"
GROUP BY
  (
    "t2"."_healpix_29" >> 46
  )
