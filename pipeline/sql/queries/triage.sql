-- name: claims_to_triage
select
    c.*,
    coalesce(a.answered, false) as answered,
    coalesce(q.entered_at, null) as entered_at,
    coalesce(l.closed, false) as closed,
    coalesce(l.emergency, false) as emergency,
    (select coalesce(sum(posts), 0) from counts n
      where n.claim_id = c.claim_id and n.hour >= $hour_ago) as last_hour,
    (select count(*) from claim_members m where m.claim_id = c.claim_id and m.relation = 'query') as asking
from claims c
left join queue q using (claim_id)
left join (select claim_id, bool_or(relation = 'answers') as answered from statement_matches group by 1) a
    using (claim_id)
left join (
    select claim_id,
        arg_max(kind, recorded_at) filter (kind in ('closed', 'declined', 'reopened')) in ('closed', 'declined') as closed,
        bool_or(kind = 'graded' and body like '%emergency%') as emergency
    from ledger_events group by 1
) l using (claim_id)
where c.last_seen >= $since and c.kind = 'claim'

-- name: leave_queue
delete from queue where claim_id in (select unnest($claims))
