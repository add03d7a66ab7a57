SELECT run_id, site_uid, theme, class, share, area_m2, zones, source, release
FROM {{ source('cube', 'site_land') }}
