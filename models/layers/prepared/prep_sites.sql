{#
  Sites with what their members say together, where borders, buildings and land put them, the area bounds, and the H3 cell that pv_by_h3
  counts by. What a source says of the country stays; borders fill what is missing, and what they say stands beside it.
#}
WITH members AS (
  SELECT
    site_uid,
    count(*)::BIGINT AS features,
    min(area_geod_m2) AS member_area_min_m2,
    max(area_geod_m2) AS member_area_max_m2,
    list(DISTINCT dataset ORDER BY dataset) AS member_datasets,
    list(DISTINCT license ORDER BY license) FILTER (WHERE license IS NOT NULL) AS licenses
  FROM {{ ref('prep_site_members') }}
  GROUP BY site_uid
)
SELECT
  s.* REPLACE (
    coalesce(s.country_iso3, p.border_country_iso3) AS country_iso3,
    coalesce(s.admin1, p.region_name, p.region_code) AS admin1
  ),
  CASE WHEN s.country_iso3 IS NOT NULL THEN 'source' WHEN p.border_country_iso3 IS NOT NULL THEN 'borders' END AS country_from,
  CASE WHEN s.admin1 IS NOT NULL THEN 'source' WHEN p.region_code IS NOT NULL THEN 'borders' END AS admin1_from,
  p.* EXCLUDE (site_uid),
  m.features,
  m.member_area_min_m2,
  m.member_area_max_m2,
  m.member_datasets,
  coalesce(m.licenses, []) AS licenses,
  s.area_geod_m2 BETWEEN {{ var('min_area_m2') }} AND {{ var('max_area_m2') }} AS area_in_bounds,
  {{ h3_parent('s.h3_r15', var('h3_resolution')) }} AS h3_cell
FROM {{ ref('stg_sites') }} AS s
LEFT JOIN members AS m ON m.site_uid = s.site_uid
LEFT JOIN {{ ref('prep_site_places') }} AS p ON p.site_uid = s.site_uid
ORDER BY s.h3_r15, s.site_uid
