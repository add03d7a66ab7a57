{# Every site counts as one, in one main country. #}
SELECT s.site_uid, sum(c.weight) AS weight, count(*) FILTER (WHERE c.is_main) AS main
FROM {{ ref('prep_sites') }} AS s
LEFT JOIN {{ ref('prep_site_countries') }} AS c ON c.site_uid = s.site_uid
GROUP BY s.site_uid
HAVING coalesce(abs(sum(c.weight) - 1) > 1e-9, true) OR count(*) FILTER (WHERE c.is_main) <> 1
