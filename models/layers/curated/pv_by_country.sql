SELECT
  coalesce(country_iso3, 'ZZZ') AS country_iso3,
  {{ site_totals() }}
FROM {{ ref('prep_sites') }}
GROUP BY ALL
ORDER BY country_iso3
