SELECT run_id, site_uid, building_id, class, share, area_m2, source, release
FROM {{ source('cube', 'site_buildings') }}
