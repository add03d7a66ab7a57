SELECT
  run_id,
  dataset,
  {{ clean_text('version') }} AS version,
  {{ clean_text('doi') }} AS doi,
  {{ clean_text('repo') }} AS repo,
  {{ clean_text('license') }} AS license,
  {{ clean_text('citation') }} AS citation,
  priority,
  content_hash,
  records,
  features,
  quarantined,
  ingested_at
FROM {{ ref('raw_datasets') }}
