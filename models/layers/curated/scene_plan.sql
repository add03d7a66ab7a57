{#
  Which scenes to fetch so that every site that has a usable scene is seen once, with few scenes: the greedy set cover, for
  each collection on its own. A step takes the scene that sees most of the sites that are left; of equals the one with the
  least cloud (unknown last), then the newest, then the first by name. Greedy is at most 1 + ln(sites) times the fewest.
#}
{{ config(tags=['scenes']) }}
WITH RECURSIVE usable AS MATERIALIZED (
  SELECT collection, item_id, site_uid, datetime, cloud_cover
  FROM {{ ref('site_scenes') }}
  WHERE usable
), steps AS (
  -- One row a site that was left before the step; item_id is the scene that the step gave it, null where it is still left.
  SELECT DISTINCT 0 AS step, collection, site_uid, NULL::VARCHAR AS item_id
  FROM usable
  UNION ALL
  SELECT a.step, a.collection, a.site_uid, u.item_id
  FROM (
    SELECT s.step + 1 AS step, s.collection, s.site_uid, b.item_id
    FROM steps AS s
    INNER JOIN (
      SELECT u.collection, u.item_id
      FROM steps AS s
      INNER JOIN usable AS u ON u.collection = s.collection AND u.site_uid = s.site_uid
      WHERE s.item_id IS NULL
      GROUP BY u.collection, u.item_id
      QUALIFY row_number() OVER (
        PARTITION BY u.collection
        ORDER BY count(*) DESC, min(u.cloud_cover) ASC NULLS LAST, max(u.datetime) DESC NULLS LAST, u.item_id ASC
      ) = 1
    ) AS b ON b.collection = s.collection
    WHERE s.item_id IS NULL
  ) AS a
  LEFT JOIN usable AS u ON u.collection = a.collection AND u.item_id = a.item_id AND u.site_uid = a.site_uid
), chosen AS (
  SELECT collection, step, item_id, count(*)::BIGINT AS new_sites
  FROM steps
  WHERE item_id IS NOT NULL
  GROUP BY collection, step, item_id
)
SELECT
  c.collection,
  c.step,
  c.item_id,
  i.datetime,
  i.cloud_cover,
  c.new_sites,
  (sum(c.new_sites) OVER (PARTITION BY c.collection ORDER BY c.step))::BIGINT AS sites_so_far,
  (sum(c.new_sites) OVER (PARTITION BY c.collection))::BIGINT AS sites_planned
FROM chosen AS c
INNER JOIN {{ ref('stg_items') }} AS i ON i.collection = c.collection AND i.item_id = c.item_id
ORDER BY c.collection, c.step
