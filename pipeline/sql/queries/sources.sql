-- name: source_health
-- One row a source: what its file says, how its last run went, and what it brought in the last day.
with health as (
    select
        s.source,
        s.name,
        s.kind,
        s.channel,
        s.county,
        s.official,
        s.every_minutes,
        s.url,
        case when e.kind = 'paused' then 'paused' when last.status is null then 'never' else last.status end as status,
        coalesce(last.reasons, []) as reasons,
        last.finished_at as last_run,
        last.new_items as last_new,
        last.errors as last_errors,
        good.finished_at as last_good,
        coalesce(day.runs, 0) as runs_a_day,
        coalesce(day.new_items, 0) as new_a_day,
        coalesce(day.requests, 0) as requests_a_day
    from sources s
    left join (
        select source, arg_max(kind, recorded_at) as kind
        from source_events where kind in ('paused', 'resumed') group by 1
    ) e using (source)
    left join (
        select source, max(finished_at) as finished_at, arg_max(status, finished_at) as status,
            arg_max(reasons, finished_at) as reasons, arg_max(new_items, finished_at) as new_items,
            arg_max(errors, finished_at) as errors
        from runs group by 1
    ) last using (source)
    left join (
        select source, max(finished_at) as finished_at from runs where status <> 'red' group by 1
    ) good using (source)
    left join (
        select source, count(*) as runs, sum(new_items)::bigint as new_items, sum(requests)::bigint as requests
        from runs where finished_at >= $day_ago group by 1
    ) day using (source)
)
select * from health
order by
    case status when 'red' then 0 when 'amber' then 1 when 'never' then 2 when 'paused' then 3 else 4 end,
    source

-- name: clocks_ahead
-- Whose times lay ahead of ours when they reached us: collectors by source, and machines that wrote to the ledger.
-- open: how far clocks run ahead; no post and no claim is shown
select 'collector' as kind, coalesce(nullif(s.name, ''), p.source) as name,
    max(epoch(p.collected_at) - epoch(p.ingested_at)) as seconds
from posts p left join sources s using (source)
where p.ingested_at >= $since and p.collected_at > p.ingested_at + to_seconds($most_seconds)
group by all
union all
select 'desk' as kind, '' as name, max(epoch(e.recorded_at) - epoch(c.sealed_at)) as seconds
from ledger_chain c join ledger_events e using (event_id)
where c.sealed_at >= $since and e.recorded_at > c.sealed_at + to_seconds($most_seconds)
having count(*) > 0
order by kind, name
