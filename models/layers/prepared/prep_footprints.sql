{# Footprints that go beyond 180 degrees, once more a turn to the other side: sites lie between -180 and 180. #}
{{ config(materialized='ephemeral', tags=['scenes']) }}
SELECT collection, item_id, geometry FROM {{ ref('stg_items') }}
UNION ALL
SELECT collection, item_id, {{ turn_geometry('geometry', -360) }} FROM {{ ref('stg_items') }} WHERE ST_XMax(geometry) > 180
UNION ALL
SELECT collection, item_id, {{ turn_geometry('geometry', 360) }} FROM {{ ref('stg_items') }} WHERE ST_XMin(geometry) < -180
