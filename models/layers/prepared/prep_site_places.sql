{# One row a site that borders, buildings or land tell something of; what was not asked for is null. #}
WITH countries AS (
  SELECT
    site_uid,
    any_value(country_iso3) FILTER (WHERE is_best) AS border_country_iso3,
    any_value(share) FILTER (WHERE is_best) AS border_share,
    coalesce(any_value(method) FILTER (WHERE is_best), 'outside') AS border_method,
    count(DISTINCT country_iso3)::INTEGER AS border_countries
  FROM {{ ref('stg_site_admin') }}
  WHERE level = 0
  GROUP BY site_uid
), regions AS (
  SELECT site_uid, code AS region_code, name AS region_name
  FROM {{ ref('stg_site_admin') }}
  WHERE level = 1 AND is_best
), buildings AS (
  SELECT
    site_uid,
    1 - coalesce(max(share) FILTER (WHERE building_id IS NULL), 0) AS building_share,
    list(building_id ORDER BY share DESC, building_id) FILTER (WHERE building_id IS NOT NULL) AS building_ids
  FROM {{ ref('raw_site_buildings') }}
  GROUP BY site_uid
), land AS (
  SELECT
    site_uid,
    list(class ORDER BY share DESC, class) FILTER (WHERE theme = 'cover' AND class IS NOT NULL) AS land_cover,
    list(class ORDER BY share DESC, class) FILTER (WHERE theme = 'use' AND class IS NOT NULL) AS land_use
  FROM {{ ref('raw_site_land') }}
  GROUP BY site_uid
)
SELECT
  s.site_uid,
  c.border_country_iso3,
  c.border_share,
  c.border_method,
  c.border_countries,
  r.region_code,
  r.region_name,
  b.building_share,
  coalesce(b.building_ids, []) AS building_ids,
  l.land_cover[1] AS land_cover,
  l.land_use[1] AS land_use,
  x.site_classification,
  x.classification_evidence,
  x.completeness,
  x.environmental_sensitivity,
  x.development_context,
  x.rules_version AS score_rules_version
FROM {{ ref('stg_sites') }} AS s
LEFT JOIN countries AS c ON c.site_uid = s.site_uid
LEFT JOIN regions AS r ON r.site_uid = s.site_uid
LEFT JOIN buildings AS b ON b.site_uid = s.site_uid
LEFT JOIN land AS l ON l.site_uid = s.site_uid
LEFT JOIN {{ ref('raw_site_scores') }} AS x ON x.site_uid = s.site_uid
ORDER BY s.site_uid
