{#
  One row an item. Several builds see the same one: the row of the build that began last is taken. Items without a
  footprint are left out, for nothing can be said of where they are.
#}
{{ config(materialized='table', tags=['scenes']) }}
WITH newest AS (
  SELECT *
  FROM {{ ref('raw_items') }}
  WHERE geometry IS NOT NULL
  QUALIFY row_number() OVER (
    PARTITION BY collection, item_id ORDER BY run_started_at DESC NULLS LAST, run_id DESC
  ) = 1
)
SELECT
  run_id,
  item_id,
  coalesce(collection, '') AS collection,
  datetime,
  {{ clean_number('TRY_CAST(json_extract_string(properties, \'$."eo:cloud_cover"\') AS DOUBLE)', 0, 100) }} AS cloud_cover,
  ST_MakeValid({{ unwrap_footprint('geometry') }}) AS geometry
FROM newest
ORDER BY collection, datetime, item_id
