{# No feature vanishes: every feature belongs to exactly one site, and a site counts the members that it has. #}
SELECT 'feature' AS what, f.feature_uid AS uid, count(m.site_uid) AS found, 1 AS expected
FROM {{ ref('stg_features') }} AS f
LEFT JOIN {{ ref('prep_site_members') }} AS m ON m.feature_uid = f.feature_uid
GROUP BY f.feature_uid
HAVING count(m.site_uid) <> 1
UNION ALL
SELECT 'site', site_uid, coalesce(features, 0), members
FROM {{ ref('prep_sites') }}
WHERE coalesce(features, 0) <> members
