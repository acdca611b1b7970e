SELECT
  DEGREES(
    ATAN2(
      SQRT(
        (
          COS(RADIANS(20)) * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) * COS(RADIANS(20)) * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) + (
            COS(RADIANS("t2"."dec")) * SIN(RADIANS(20)) - (
              SIN(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          ) * (
            COS(RADIANS("t2"."dec")) * SIN(RADIANS(20)) - (
              SIN(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          )
        )
      ),
      (
        SIN(RADIANS("t2"."dec")) * SIN(RADIANS(20)) + COS(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
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
          COS(RADIANS(20)) * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) * COS(RADIANS(20)) * SIN(RADIANS((
            10 - (
              "t2"."ra"
            )
          ))) + (
            COS(RADIANS("t2"."dec")) * SIN(RADIANS(20)) - (
              SIN(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          ) * (
            COS(RADIANS("t2"."dec")) * SIN(RADIANS(20)) - (
              SIN(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
                10 - (
                  "t2"."ra"
                )
              )))
            )
          )
        )
      ),
      (
        SIN(RADIANS("t2"."dec")) * SIN(RADIANS(20)) + COS(RADIANS("t2"."dec")) * COS(RADIANS(20)) * COS(RADIANS((
          10 - (
            "t2"."ra"
          )
        )))
      )
    )
  ) DESC NULLS FIRST
