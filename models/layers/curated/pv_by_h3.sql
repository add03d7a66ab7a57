{# lon and lat are the mean direction of the sites, so that cells on the antimeridian are right. #}
SELECT
  h3_cell,
  {{ h3_text('h3_cell') }} AS h3_text,
  {{ var('h3_resolution') }}::INTEGER AS resolution,
  {{ site_totals() }},
  degrees(atan2({{ ordered_sum('sin(radians(lon))', 'site_uid') }}, {{ ordered_sum('cos(radians(lon))', 'site_uid') }})) AS lon,
  {{ ordered_sum('lat', 'site_uid') }} / count(lat) AS lat
FROM {{ ref('prep_sites') }}
WHERE h3_cell IS NOT NULL
GROUP BY h3_cell
ORDER BY h3_cell
