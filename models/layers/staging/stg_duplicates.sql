{{ config(materialized='ephemeral') }}
SELECT
  run_id,
  a_uid,
  b_uid,
  a_dataset,
  b_dataset,
  lower({{ clean_text('class') }}) AS class,
  {{ clean_number('iou', 0, 1) }} AS iou,
  {{ clean_number('iomin', 0, 1) }} AS iomin,
  {{ clean_number('gap_m', 0) }} AS gap_m,
  coalesce(merged, false) AS merged,
  a_priority,
  b_priority
FROM {{ ref('raw_duplicates') }}
