{#
  Which scenes see which sites. ST_Intersects stands alone in the first join, because only then DuckDB joins by an R-tree of
  boxes; the rest is asked of those pairs. The share of a polygon is of areas in degrees, which is the share on the ground for
  all but the largest sites. A site across the antimeridian meets a footprint in two parts, which are added up.
#}
{{ config(tags=['scenes']) }}
WITH pairs AS MATERIALIZED (
  SELECT s.site_uid, i.collection, i.item_id, s.geometry AS site, i.geometry AS footprint, s.lon, s.lat
  FROM {{ ref('prep_sites') }} AS s
  INNER JOIN {{ ref('prep_footprints') }} AS i ON ST_Intersects(s.geometry, i.geometry)
), shares AS (
  -- Of a point, which has no area, all or nothing: it is here because it meets the footprint.
  SELECT
    *,
    CASE
      WHEN ST_Area(site) = 0 OR ST_Contains(footprint, site) THEN 1
      ELSE ST_Area(ST_Intersection(site, footprint)) / ST_Area(site)
    END AS share
  FROM pairs
), measured AS (
  SELECT
    site_uid,
    collection,
    item_id,
    bool_or(coalesce(ST_Contains(footprint, ST_Point(lon, lat)), false)) AS covers_point,
    least(1, {{ ordered_sum('share', 'ST_XMin(footprint)') }}) AS covered_fraction
  FROM shares
  GROUP BY site_uid, collection, item_id
)
SELECT
  m.site_uid,
  m.collection,
  m.item_id,
  i.run_id,
  i.datetime,
  i.cloud_cover,
  m.covers_point,
  m.covered_fraction,
  m.covers_point
    AND m.covered_fraction >= {{ var('min_coverage') }}
    AND coalesce(i.cloud_cover <= {{ var('max_cloud_cover') }}, true) AS usable
FROM measured AS m
INNER JOIN {{ ref('stg_items') }} AS i ON i.collection = m.collection AND i.item_id = m.item_id
ORDER BY m.site_uid, m.collection, i.datetime, m.item_id
