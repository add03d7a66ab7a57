{# Countries and sites tell the same totals. #}
WITH totals AS (
  SELECT
    (SELECT count(*) FROM {{ ref('pv_sites') }}) AS sites,
    (SELECT coalesce(sum(sites), 0)::BIGINT FROM {{ ref('pv_by_country') }}) AS sites_by_country,
    (SELECT coalesce(sum(area_geod_m2), 0) FROM {{ ref('pv_sites') }}) AS area,
    (SELECT coalesce(sum(area_m2), 0) FROM {{ ref('pv_by_country') }}) AS area_by_country
)
SELECT *
FROM totals
WHERE sites <> sites_by_country OR abs(area - area_by_country) > 1e-9 * area
