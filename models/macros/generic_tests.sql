{# Tests of schema.yml beside the four that dbt has. Each selects the rows that fail. #}

{# Values inside closed bounds; null passes. #}
{% test accepted_range(model, column_name, min_value=none, max_value=none) %}
SELECT {{ column_name }}
FROM {{ model }}
WHERE {{ column_name }} IS NOT NULL
  AND NOT (
    isfinite({{ column_name }}::DOUBLE)
    {% if min_value is not none %}AND {{ column_name }} >= {{ min_value }}{% endif %}
    {% if max_value is not none %}AND {{ column_name }} <= {{ max_value }}{% endif %}
  )
{% endtest %}

{# No two rows alike in all of the columns. #}
{% test unique_combination(model, columns) %}
SELECT {{ columns | join(', ') }}, count(*) AS occurrences
FROM {{ model }}
GROUP BY {{ columns | join(', ') }}
HAVING count(*) > 1
{% endtest %}

{# A condition that no row breaks; one that is null counts as broken. #}
{% test holds(model, expression) %}
SELECT *
FROM {{ model }}
WHERE NOT coalesce(({{ expression }}), false)
{% endtest %}

{# Geometry that is there, valid, not empty and in degrees. #}
{% test lonlat_geometry(model, column_name) %}
SELECT ST_AsText({{ column_name }}) AS {{ column_name }}
FROM {{ model }}
WHERE {{ column_name }} IS NULL
  OR ST_IsEmpty({{ column_name }})
  OR NOT ST_IsValid({{ column_name }})
  OR ST_XMin({{ column_name }}) < -180 OR ST_XMax({{ column_name }}) > 180
  OR ST_YMin({{ column_name }}) < -90 OR ST_YMax({{ column_name }}) > 90
{% endtest %}

{# As many rows as another model. #}
{% test same_count(model, other) %}
SELECT *
FROM (SELECT (SELECT count(*) FROM {{ model }}) AS rows_here, (SELECT count(*) FROM {{ other }}) AS rows_there)
WHERE rows_here <> rows_there
{% endtest %}
