{# Text without blanks around it; what says nothing is null. #}
{% macro clean_text(column) %}
  CASE WHEN lower(trim({{ column }})) IN ('', 'nan', 'none', 'null', '-9999') THEN NULL ELSE trim({{ column }}) END
{% endmacro %}

{# A number inside the closed bounds, else null; a bound that is none is open. NaN is outside. #}
{% macro clean_number(column, low=none, high=none) %}
  CASE WHEN isfinite({{ column }})
    {%- if low is not none %} AND {{ column }} >= {{ low }}{% endif %}
    {%- if high is not none %} AND {{ column }} <= {{ high }}{% endif %} THEN {{ column }} END
{% endmacro %}

{# A sum that does not depend on how threads share the rows. #}
{% macro ordered_sum(column, key) %}sum({{ column }} ORDER BY {{ key }})::DOUBLE{% endmacro %}

{# How many rows meet the condition, as BIGINT: DuckLake would keep the HUGEINT of a sum as DOUBLE. #}
{% macro count_where(condition) %}(count(*) FILTER (WHERE {{ condition }}))::BIGINT{% endmacro %}
