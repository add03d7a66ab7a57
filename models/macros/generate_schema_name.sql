{# dbt would put the target's schema before the layer's name; `cube models` takes the layer's name as it is, and so does this. #}
{% macro generate_schema_name(custom_schema_name, node) %}
  {{- target.schema if custom_schema_name is none else custom_schema_name | trim -}}
{% endmacro %}
