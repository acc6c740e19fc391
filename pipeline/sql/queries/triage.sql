-- name: claims_to_triage
select
    c.* replace (coalesce(e.score, c.rumor_score) as rumor_score),
    coalesce(a.answered, false) or coalesce(r.state = 'published', false) as answered,
    coalesce(q.entered_at, null) as entered_at,
    coalesce(r.state in ('closed', 'declined'), false) as closed,
    coalesce(r.state, 'pending') = 'pending' as untouched,
    coalesce(r.emergency, false) as emergency,
    r.due_at, r.due_rule, r.due_basis,
    exists (select 1 from alerts l join alert_states s using (alert_id)
            where l.claim_id = c.claim_id and l.raised_at >= $alerted
              and s.settled_as is distinct from 'false_alarm') as alerted,
    (select coalesce(sum(posts), 0) from counts n
      where n.claim_id = c.claim_id and n.hour >= $hour_ago) as last_hour,
    (select count(*) from claim_members m where m.claim_id = c.claim_id and m.relation = 'query') as asking
from claims c
left join claim_scores e using (claim_id)
left join queue q using (claim_id)
left join (select claim_id, bool_or(relation = 'answers') as answered from statement_matches group by 1) a
    using (claim_id)
left join responses r using (claim_id)
where (c.last_seen >= $since or q.claim_id is not null) and c.kind = 'claim'

-- name: leave_queue
delete from queue where claim_id in (select unnest($claims))
