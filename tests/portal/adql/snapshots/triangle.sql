SELECT
  "t2"."id" AS "id"
FROM "scan_1" AS "t2"
WHERE
  (
    (
      (
        (
          CASE
            WHEN (
              -0.01744443096485137e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.0006091729526383331e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.9998476487628634e0 * SIN(RADIANS("t2"."dec"))
            ) > 0.0e0
            AND (
              (
                0.0008078413228107344e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.01034810427050879e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.015190792652199622e0 * SIN(RADIANS("t2"."dec"))
              ) >= 0.0e0
              AND (
                -0.00016261331245065577e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.010381993293128954e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.019695103607470628e0 * SIN(RADIANS("t2"."dec"))
              ) < 0.0e0
            )
            THEN 1
            ELSE 0
          END
        ) + (
          CASE
            WHEN (
              0.054609000026965254e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.8930245085070921e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.44668230804646997e0 * SIN(RADIANS("t2"."dec"))
            ) > 0.0e0
            AND (
              (
                -0.0009739041531931787e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.024510561332842736e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.0022497542215688462e0 * SIN(RADIANS("t2"."dec"))
              ) >= 0.0e0
              AND (
                0.0008078413228107344e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.01034810427050879e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.015190792652199622e0 * SIN(RADIANS("t2"."dec"))
              ) < 0.0e0
            )
            THEN 1
            ELSE 0
          END
        ) + (
          CASE
            WHEN (
              -0.007818265432997077e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.8946584769641979e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.4466823080464697e0 * SIN(RADIANS("t2"."dec"))
            ) > 0.0e0
            AND (
              (
                -0.00016261331245065577e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.010381993293128954e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.019695103607470628e0 * SIN(RADIANS("t2"."dec"))
              ) >= 0.0e0
              AND (
                -0.0009739041531931787e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.024510561332842736e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.0022497542215688462e0 * SIN(RADIANS("t2"."dec"))
              ) < 0.0e0
            )
            THEN 1
            ELSE 0
          END
        )
      ) % 2 = 1
      OR (
        ABS(
          (
            -0.01744443096485137e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.0006091729526383331e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.9998476487628634e0 * SIN(RADIANS("t2"."dec"))
          )
        ) <= 1e-12
        AND (
          -0.01745772139446149e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.9998475559758057e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.00030458647631919256e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
        AND (
          0.05233064452398755e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.998629766665696e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.00030458647631908885e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
      )
      OR (
        ABS(
          (
            0.054609000026965254e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.8930245085070921e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.44668230804646997e0 * SIN(RADIANS("t2"."dec"))
          )
        ) <= 1e-12
        AND (
          0.00778855853404997e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.44695526528740576e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.894522402842895e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
        AND (
          0.031169668030274864e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.44865642582322085e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.8931606033420951e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
      )
      OR (
        ABS(
          (
            -0.007818265432997077e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.8946584769641979e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.4466823080464697e0 * SIN(RADIANS("t2"."dec"))
          )
        ) <= 1e-12
        AND (
          0.062390430473605756e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + -0.44538923518974133e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + -0.8931606033420952e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
        AND (
          -0.02340843723090687e0 * COS(RADIANS("t2"."dec")) * COS(RADIANS("t2"."ra")) + 0.4464098071039434e0 * COS(RADIANS("t2"."dec")) * SIN(RADIANS("t2"."ra")) + 0.8945224028428951e0 * SIN(RADIANS("t2"."dec"))
        ) >= -1e-12
      )
    )
  )
