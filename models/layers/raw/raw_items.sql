{{ config(tags=['scenes']) }}
SELECT
  i.run_id,
  i.item_id,
  i.collection,
  i.datetime,
  i.geometry,
  i.properties,
  r.started_at AS run_started_at
FROM {{ source('cube', 'items') }} AS i
LEFT JOIN {{ source('cube', 'runs') }} AS r ON r.run_id = i.run_id
UNION ALL BY NAME
SELECT
  run_id,
  item_id,
  collection,
  coalesce(datetime, start_datetime) AS datetime,
  geometry,
  properties,
  fetched_at AS run_started_at
FROM {{ source('cube', 'stac_items') }}
