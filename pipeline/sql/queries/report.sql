-- Queries of the daily and weekly report. `counties`: the scope; empty means all. Hours are half-open: [since, until).

-- name: report_hours
select hour, need, sum(posts)::bigint as posts
from counts
where hour >= $since and hour < $until
    and (len($counties::varchar[]) = 0 or county in (select unnest($counties::varchar[])))
group by all
order by hour, need

-- name: report_read_hours
-- open: times at which something was collected say nothing of a county
-- Hours in which some source was read: an hour that is missing is a gap in collection, not a calm.
select distinct date_trunc('hour', finished_at) as hour from runs where finished_at >= $since and finished_at < $until
union
select distinct hour from counts where hour >= $since and hour < $until
order by 1

-- name: report_places
select county, sum(posts)::bigint as posts
from counts
where hour >= $since and hour < $until and county <> ''
    and (len($counties::varchar[]) = 0 or county in (select unnest($counties::varchar[])))
group by 1 order by posts desc, county

-- name: report_channels
select channel, sum(posts)::bigint as posts
from counts
where hour >= $since and hour < $until
    and (len($counties::varchar[]) = 0 or county in (select unnest($counties::varchar[])))
group by 1 order by posts desc, channel

-- name: report_claims
-- Claims that were spoken of, the most urgent first; posts of the stretch beside all of them.
select c.claim_id, c.text, c.need, c.rumor_score, c.counties, c.size, c.authors, c.first_seen, n.posts,
    q.priority, coalesce(r.state, 'pending') as state, r.due_at, r.verdict
from (select claim_id, sum(posts)::bigint as posts from counts
      where hour >= $since and hour < $until and claim_id <> '' group by 1) n
join claims c using (claim_id)
left join queue q using (claim_id)
left join responses r using (claim_id)
where c.kind = 'claim' and c.need <> 'none'
    and (len($counties::varchar[]) = 0 or list_has_any(c.counties, $counties::varchar[]))
order by q.priority desc nulls last, n.posts desc, c.claim_id
limit $most

-- name: report_claim_counts
select count(*) as spoken_of,
    count(*) filter (first_seen >= $since) as fresh,
    count(*) filter (need <> 'none') as owed,
    count(*) filter (need <> 'none' and first_seen >= $since) as owed_fresh,
    count(*) filter (recurs is not null and first_seen >= $since) as returned
from claims
join (select distinct claim_id from counts where hour >= $since and hour < $until) spoken using (claim_id)
where kind = 'claim' and (len($counties::varchar[]) = 0 or list_has_any(counties, $counties::varchar[]))

-- name: report_alerts
select a.alert_id, a.claim_id, a.raised_at, a.level, a.reasons, coalesce(c.text, '') as text
from alerts a left join claims c using (claim_id)
where a.raised_at >= $since and a.raised_at < $until
    and (len($counties::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $counties::varchar[]))
order by a.raised_at, a.alert_id

-- name: report_events
-- What was recorded in the ledger, by kind: events, and the claims they are of.
select e.kind, count(*) as events, count(distinct e.claim_id) as claims
from ledger_events e left join claims c using (claim_id)
where e.recorded_at >= $since and e.recorded_at < $until
    and (len($counties::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $counties::varchar[]))
group by 1 order by 1

-- name: report_finished
select r.claim_id, coalesce(c.text, '') as text, r.state, r.reason, r.done_at, r.county, r.department
from responses r left join claims c using (claim_id)
where r.done_at >= $since and r.done_at < $until
    and (len($counties::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $counties::varchar[]))
order by r.done_at, r.claim_id

-- name: report_owed
-- What is owed an answer now, and how much of it is late or due within a day.
select count(*) as waiting,
    count(*) filter (r.due_at < $now) as overdue,
    count(*) filter (r.due_at >= $now and r.due_at < $now::timestamptz + interval 24 hours) as due_day
from responses r left join claims c using (claim_id) left join queue q using (claim_id)
where r.state not in ('closed', 'declined', 'published') and (r.state <> 'pending' or q.claim_id is not null)
    and (len($counties::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $counties::varchar[]))

-- name: report_questions
-- What was asked, equal texts together.
select any_value(p.text) as text, any_value(m.claim_id) as claim_id, count(*) as posts
from posts p join claim_members m using (post_id) join claims c using (claim_id)
where m.relation = 'query' and not p.official and p.deleted_at is null
    and p.published_at >= $since and p.published_at < $until
    and (len($counties::varchar[]) = 0 or list_has_any(c.counties, $counties::varchar[]))
group by p.text_hash
order by posts desc, min(p.published_at)
limit $most

-- name: report_statements
-- open: what is published officially is public
select statement_id, title, text, issuer, url, published_at from statements
where published_at >= $since and published_at < $until
order by published_at, statement_id
limit $most

-- name: report_claim_series
select date_trunc('hour', p.published_at) as hour, m.relation, count(*) as posts
from claim_members m join posts p using (post_id)
where m.claim_id = $claim and p.deleted_at is null and p.published_at < $until
group by all order by hour, m.relation

-- name: report_claim
select claim_id, text, first_seen, last_seen, size, authors, counties, channels, need, rumor_score
from claims where claim_id = $claim
