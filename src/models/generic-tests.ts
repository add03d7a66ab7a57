/** dbt's four tests, as macros. Null passes all but not_null. */
const MACROS = `
{% macro test_not_null(model, column_name) %}
SELECT {{ column_name }} FROM {{ model }} WHERE {{ column_name }} IS NULL
{% endmacro %}
{% macro test_unique(model, column_name) %}
SELECT {{ column_name }} AS value, count(*) AS occurrences
FROM {{ model }} WHERE {{ column_name }} IS NOT NULL GROUP BY {{ column_name }} HAVING count(*) > 1
{% endmacro %}
{% macro test_accepted_values(model, column_name, values, quote=true) %}
SELECT {{ column_name }} AS value, count(*) AS occurrences
FROM {{ model }} GROUP BY {{ column_name }}
HAVING {{ column_name }} NOT IN (
  {%- for value in values %}{% if quote %}'{{ value | string | replace("'", "''") }}'{% else %}{{ value }}{% endif %}{% if not loop.last %}, {% endif %}{% endfor -%}
)
{% endmacro %}
{% macro test_relationships(model, column_name, to, field) %}
SELECT child.{{ column_name }} AS value
FROM {{ model }} AS child LEFT JOIN {{ to }} AS parent ON child.{{ column_name }} = parent.{{ field }}
WHERE child.{{ column_name }} IS NOT NULL AND parent.{{ field }} IS NULL
{% endmacro %}
`;

/** The tests that every project has. */
export const BUILT_IN_TESTS = ['not_null', 'unique', 'accepted_values', 'relationships'] as const;

/** Their macros as a file of macros; a project's own of the same name is taken instead, for it comes behind. */
export const BUILT_IN_MACROS = { path: 'built-in tests', text: MACROS };
