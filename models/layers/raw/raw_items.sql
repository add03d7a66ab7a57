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
