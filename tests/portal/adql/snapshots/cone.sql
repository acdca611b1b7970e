SELECT
  "t2"."id" AS "id"
FROM "scan_1" AS "t2"
WHERE
  (
    (
      (
        0.10752005074255495e0 * "t2"."computed 0" + 0.9897388868043241e0 * "t2"."computed 1" + -0.09410831331851433e0 * "t2"."computed 2"
      ) >= 0.9999619221915027e0
      AND DEGREES(
        ATAN2(
          SQRT(
            (
              0.99556196460308e0 * SIN(RADIANS((
                83.8e0 - (
                  "t2"."ra"
                )
              ))) * 0.99556196460308e0 * SIN(RADIANS((
                83.8e0 - (
                  "t2"."ra"
                )
              ))) + (
                COS(RADIANS("t2"."dec")) * -0.09410831331851433e0 - (
                  SIN(RADIANS("t2"."dec")) * 0.99556196460308e0 * COS(RADIANS((
                    83.8e0 - (
                      "t2"."ra"
                    )
                  )))
                )
              ) * (
                COS(RADIANS("t2"."dec")) * -0.09410831331851433e0 - (
                  SIN(RADIANS("t2"."dec")) * 0.99556196460308e0 * COS(RADIANS((
                    83.8e0 - (
                      "t2"."ra"
                    )
                  )))
                )
              )
            )
          ),
          (
            SIN(RADIANS("t2"."dec")) * -0.09410831331851433e0 + COS(RADIANS("t2"."dec")) * 0.99556196460308e0 * COS(RADIANS((
              83.8e0 - (
                "t2"."ra"
              )
            )))
          )
        )
      ) <= 0.5e0
    )
  )
