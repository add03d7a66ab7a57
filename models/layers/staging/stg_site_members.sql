{{ config(materialized='ephemeral') }}
SELECT
  run_id,
  site_uid,
  feature_uid,
  dataset,
  lower({{ clean_text('relation') }}) AS relation,
  {{ clean_number('iou', 0, 1) }} AS iou,
  {{ clean_number('iomin', 0, 1) }} AS iomin,
  priority
FROM {{ ref('raw_site_members') }}
