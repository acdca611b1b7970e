SELECT
  DEGREES(
    ATAN2(
      SQRT(
        (
          0.9396926207859084e0 * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) * 0.9396926207859084e0 * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) + (
            COS(RADIANS("t2"."dec")) * 0.3420201433256687e0 - (
              SIN(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          ) * (
            COS(RADIANS("t2"."dec")) * 0.3420201433256687e0 - (
              SIN(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          )
        )
      ),
      (
        SIN(RADIANS("t2"."dec")) * 0.3420201433256687e0 + COS(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
          10 - (
            "t2"."ra"
          )
        )))
      )
    )
  ) AS "d"
FROM "scan_1" AS "t2"
ORDER BY
  DEGREES(
    ATAN2(
      SQRT(
        (
          0.9396926207859084e0 * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) * 0.9396926207859084e0 * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) + (
            COS(RADIANS("t2"."dec")) * 0.3420201433256687e0 - (
              SIN(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          ) * (
            COS(RADIANS("t2"."dec")) * 0.3420201433256687e0 - (
              SIN(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          )
        )
      ),
      (
        SIN(RADIANS("t2"."dec")) * 0.3420201433256687e0 + COS(RADIANS("t2"."dec")) * 0.9396926207859084e0 * COS(RADIANS((
          10 - (
            "t2"."ra"
          )
        )))
      )
    )
  ) DESC NULLS FIRST
