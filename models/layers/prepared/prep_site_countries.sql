{#
  One row a site and a country that it counts for; the weights of a site add up to 1. A site that crosses a border is shared by area,
  unless its source names a country that borders say it does not touch: then the source is believed.
#}
WITH parts AS (
  SELECT site_uid, country_iso3, {{ ordered_sum('share', 'code') }} AS share
  FROM {{ ref('stg_site_admin') }}
  WHERE level = 0 AND country_iso3 IS NOT NULL
  GROUP BY site_uid, country_iso3
), crossing AS (
  SELECT p.site_uid, {{ ordered_sum('p.share', 'p.country_iso3') }} AS total
  FROM parts AS p
  INNER JOIN {{ ref('prep_sites') }} AS s ON s.site_uid = p.site_uid
  GROUP BY p.site_uid
  HAVING count(*) > 1 AND bool_or(p.country_iso3 = s.country_iso3)
)
SELECT s.site_uid, p.country_iso3, p.share / c.total AS weight, p.country_iso3 = s.country_iso3 AS is_main
FROM crossing AS c
INNER JOIN parts AS p ON p.site_uid = c.site_uid
INNER JOIN {{ ref('prep_sites') }} AS s ON s.site_uid = c.site_uid
UNION ALL
SELECT s.site_uid, coalesce(s.country_iso3, 'ZZZ'), 1::DOUBLE, true
FROM {{ ref('prep_sites') }} AS s
ANTI JOIN crossing AS c ON c.site_uid = s.site_uid
ORDER BY ALL
