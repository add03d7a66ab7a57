{# Rows of sites that the lake still has: enrichment is a step of its own, and may be older than the sites. #}
SELECT
  a.run_id,
  a.site_uid,
  a.level,
  a.code,
  {{ clean_text('a.name') }} AS name,
  a.country_iso3,
  {{ clean_number('a.share', 0, 1) }} AS share,
  {{ clean_number('a.area_m2', 0) }} AS area_m2,
  coalesce(a.is_best, false) AS is_best,
  a.method,
  {{ clean_number('a.distance_m', 0) }} AS distance_m,
  a.source,
  a.release
FROM {{ ref('raw_site_admin') }} AS a
SEMI JOIN {{ ref('raw_sites') }} AS s ON s.site_uid = a.site_uid
