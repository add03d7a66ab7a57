SELECT
  run_id,
  site_uid,
  level,
  code,
  name,
  country_iso3,
  share,
  area_m2,
  is_best,
  method,
  distance_m,
  source,
  release
FROM {{ source('cube', 'site_admin') }}
