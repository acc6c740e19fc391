-- name: unsealed_events
-- In the order of arrival (rowid; the table is append-only): the clocks of two machines may differ.
select e.* from ledger_events e
anti join ledger_chain c using (event_id)
order by e.rowid

-- name: count_unsealed
-- open: a number only
select count(*) as waiting from ledger_events e anti join ledger_chain c using (event_id)

-- name: chain_head
-- open: hashes only
select position, hash from ledger_chain order by position desc limit 1

-- name: chain_links
-- open: read to check the chain; the check tells only numbers and places
select c.position, c.event_id, c.previous, c.hash, e.claim_id, e.kind, e.actor, e.body, e.recorded_at
from ledger_chain c left join ledger_events e using (event_id)
where c.position > $after
order by c.position
limit $most

-- name: events_of_claims
-- In the order of the chain; what is not sealed yet comes last.
select e.event_id, e.claim_id, e.kind, e.actor, e.body, e.recorded_at, c.position
from ledger_events e left join ledger_chain c using (event_id)
where e.claim_id in (select unnest($claims::varchar[]))
order by c.position nulls last, e.rowid

-- name: ledger_claims
select claim_id, text, need, first_seen, last_seen, counties, channels, size, rumor_score
from claims
where claim_id in (select unnest($claims::varchar[]))

-- name: ended_answers
-- open: ids and times only
-- When an answer or a statement stopped holding, for the claims that cite it.
select json_extract_string(body, '$.answer_id') as id, min(recorded_at) as ended_at
from ledger_events where kind in ('superseded', 'withdrawn') group by 1
union all
select json_extract_string(body, '$.replaces'), min(recorded_at)
from ledger_events where kind = 'published' and json_extract_string(body, '$.replaces') <> '' group by 1
union all
select statement_id, min(recorded_at)
from statement_events where kind in ('superseded', 'withdrawn') group by 1

-- name: claims_to_project
-- Claims whose response may have changed: in the queue without a row, seen earlier than was known, with an answer
-- that lapsed, or citing something that ended since.
select q.claim_id from queue q anti join responses r using (claim_id)
union
select r.claim_id from responses r join claims c using (claim_id) where c.first_seen < r.opened_at
union
select claim_id from responses where holds_until <= $now and state in ('published', 'closed')
union
select e.claim_id from ledger_events e join responses r using (claim_id)
where e.kind = 'cited' and r.state in ('published', 'closed')
    and (json_extract_string(e.body, '$.statement_id') in (select unnest($ended::varchar[]))
        or json_extract_string(e.body, '$.answer_id') in (select unnest($ended::varchar[])))

-- name: all_ledger_claims
select distinct claim_id from ledger_events

-- name: response_page
-- A finished response has no due_at. What nobody took up is owed an answer only while it is in the queue.
select r.*, coalesce(c.text, '') as text, c.need, c.size, c.last_seen, c.counties,
    r.state not in ('closed', 'declined') and (r.state <> 'pending' or q.claim_id is not null) as owed
from responses r
left join claims c using (claim_id)
left join queue q using (claim_id)
where ($state = '' or r.state = $state)
    and (len($counties::varchar[]) = 0 or r.county in (select unnest($counties::varchar[]))
        or list_has_any(coalesce(c.counties, []), $counties::varchar[]))
    and ($due_before::timestamptz is null
        or (r.due_at < $due_before::timestamptz and (r.state <> 'pending' or q.claim_id is not null)))
    and ($due_after::timestamptz is null or r.due_at >= $due_after::timestamptz)
order by r.state in ('closed', 'declined'), r.due_at nulls last, r.claim_id
limit $most offset $skip

-- name: response_counts
select state, count(*) as responses,
    count(*) filter (where due_at < $now and (state <> 'pending' or q.claim_id is not null)) as overdue
from responses r left join queue q using (claim_id) left join claims c using (claim_id)
where len($scope::varchar[]) = 0 or r.county in (select unnest($scope::varchar[]))
    or list_has_any(coalesce(c.counties, []), $scope::varchar[])
group by 1

-- name: responses_touched
-- keyed: claim_id
-- Claims with an event in a stretch of time.
select distinct claim_id from ledger_events where recorded_at >= $since and recorded_at < $until

-- name: muted_alerts
-- keyed: claim_id
-- Alerts that are silent at a moment, whenever that was decided, with who decided it last and until when.
select s.alert_id, s.claim_id, c.text, s.level, e.actor, e.recorded_at, s.muted_until
from alert_states s
join (
    select alert_id, arg_max(actor, recorded_at) as actor, max(recorded_at) as recorded_at
    from alert_events where kind = 'muted' group by alert_id
) e using (alert_id)
left join claims c on c.claim_id = s.claim_id
where s.muted_until > $now and s.settled_at is null
order by e.recorded_at, s.alert_id

-- name: page_claim_choices
-- Other claims, those that share the most characters first: to say of which one this is a duplicate.
select claim_id, text, size, last_seen
from claims
where claim_id <> $claim_of and kind = 'claim' and last_seen >= $since
    and (len($scope::varchar[]) = 0 or list_has_any(counties, $scope::varchar[]))
order by len(list_intersect(string_split(left(text, 200), ''), string_split(left($text, 200), '')))::double
    / greatest(length(left(text, 200)), length(left($text, 200)), 1) desc, last_seen desc, claim_id
limit $most

-- name: shelved_between
-- keyed: claim_id
-- Claims that left the queue by their rank alone, nobody having taken them up.
select e.claim_id, coalesce(c.text, '') as text, e.kind, e.actor, e.recorded_at, e.body
from ledger_events e left join claims c using (claim_id)
where e.kind = 'shelved' and e.recorded_at >= $since and e.recorded_at < $until
order by e.recorded_at, e.claim_id

-- name: claims_citing
-- Other claims that an answer of this claim answers too: they open again when it lapses.
-- keyed: citing
select distinct json_extract_string(e.body, '$.answer_id') as answer_id, e.claim_id as citing, coalesce(c.text, '') as text
from ledger_events e left join claims c on c.claim_id = e.claim_id
where e.kind = 'cited' and e.claim_id <> $claim
    and json_extract_string(e.body, '$.answer_id') in (
        select event_id from ledger_events where claim_id = $claim and kind in ('published', 'cited'))
order by citing

-- name: overdue_to_escalate
-- Owed responses whose time is up and of which no event of the system's says so yet.
select r.claim_id, r.state, r.county, r.department, r.emergency, r.due_at, r.due_rule, r.blocked_by,
    coalesce(c.text, '') as text, coalesce(q.urgent, false) as urgent
from responses r
left join claims c using (claim_id)
left join queue q using (claim_id)
where r.due_at <= $now and r.due_at > $since
    and r.state not in ('closed', 'declined') and (r.state <> 'pending' or q.claim_id is not null)
    and not exists (select 1 from ledger_events e where e.claim_id = r.claim_id and e.kind = 'escalated'
        and try_cast(json_extract_string(e.body, '$.due_at') as timestamptz) = r.due_at)
order by r.due_at, r.claim_id
