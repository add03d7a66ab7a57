{# The plan of a collection sees every site that has a usable scene in it. #}
{{ config(tags=['scenes']) }}
SELECT collection, count(DISTINCT site_uid) AS sites, any_value(planned) AS planned
FROM {{ ref('site_scenes') }}
LEFT JOIN (SELECT collection, max(sites_planned) AS planned FROM {{ ref('scene_plan') }} GROUP BY collection) USING (collection)
WHERE usable
GROUP BY collection
HAVING count(DISTINCT site_uid) IS DISTINCT FROM any_value(planned)
