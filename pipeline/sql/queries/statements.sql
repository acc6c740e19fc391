-- name: statement_event_count
select count(*) as events from statement_events

-- name: write_added_statements
insert or replace into statements
select
    statement_id,
    json_extract_string(body, '$.text'),
    json_extract_string(body, '$.title'),
    json_extract_string(body, '$.issuer'),
    json_extract_string(body, '$.url'),
    json_extract_string(body, '$.published_at')::timestamptz,
    nullif(json_extract_string(body, '$.valid_until'), '')::timestamptz,
    actor,
    recorded_at
from (
    select statement_id, arg_max(kind, recorded_at) as kind, arg_max(body, recorded_at) as body,
        arg_max(actor, recorded_at) as actor, max(recorded_at) as recorded_at
    from statement_events group by 1
)
where kind = 'added'

-- name: end_statements
-- Run with every pass: ingest may write a statement again that people ended.
update statements set valid_until = ended.recorded_at
from (
    select statement_id, arg_max(kind, recorded_at) as kind, max(recorded_at) as recorded_at
    from statement_events group by 1
) ended
where ended.statement_id = statements.statement_id and ended.kind in ('withdrawn', 'superseded')
  and (statements.valid_until is null or statements.valid_until > ended.recorded_at)

-- name: page_statement_events
-- open: statements were published by officials for everybody
select kind, actor, body, recorded_at from statement_events
where statement_id = $statement
order by recorded_at desc
