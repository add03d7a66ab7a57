{#
  A site counts in one country, its main one; area and capacity of a site that crosses a border are shared. So countries add up to what
  sites add up to.
#}
WITH placed AS (
  SELECT
    s.* REPLACE (
      c.country_iso3 AS country_iso3,
      s.area_geod_m2 * c.weight AS area_geod_m2,
      s.cap_dc_mw * c.weight AS cap_dc_mw,
      s.cap_ac_mw * c.weight AS cap_ac_mw
    ),
    c.is_main,
    c.weight
  FROM {{ ref('prep_site_countries') }} AS c
  INNER JOIN {{ ref('prep_sites') }} AS s ON s.site_uid = c.site_uid
)
SELECT
  country_iso3,
  {{ site_totals('is_main') }},
  {{ count_where('weight < 1') }} AS border_sites
FROM placed
GROUP BY country_iso3
ORDER BY country_iso3
