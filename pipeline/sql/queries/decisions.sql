-- name: posts_of_split
select count(*) as members, count(*) filter (post_id in (select unnest($posts::varchar[]))) as chosen
from claim_members where claim_id = $claim

-- name: decision
-- open: one decision by its id; who may take it back is checked when it is
select e.event_id, e.claim_id, e.kind, e.actor, e.body, e.recorded_at,
    exists (select 1 from claim_events u where u.kind = 'undone'
        and json_extract_string(u.body, '$.event') = e.event_id) as undone
from claim_events e where e.event_id = $event

-- name: decisions_of_claim
-- What was decided about a claim, or merged into it; newest first.
select e.event_id, e.claim_id, e.kind, e.actor, e.body, e.recorded_at,
    exists (select 1 from claim_events u where u.kind = 'undone'
        and json_extract_string(u.body, '$.event') = e.event_id) as undone
from claim_events e
where e.claim_id = $claim or (e.kind = 'merged' and json_extract_string(e.body, '$.into') = $claim)
order by e.recorded_at desc, e.event_id
