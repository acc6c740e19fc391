-- name: page_queue
-- The queue, a page at a time. `scope`: the counties that the reader works for; empty means all of them. An empty string or false leaves a filter out; `total` counts all pages.
select
    q.claim_id, q.entered_at, q.priority, q.deadline, q.deadline_rule, q.start_basis, q.reasons,
    c.text, c.first_seen, c.last_seen, c.size, c.spreading, c.authors, c.counties, c.channels,
    c.need, coalesce(v.score, c.rumor_score) as rumor_score,
    coalesce(s.answers, 0) as answers,
    a.level, coalesce(r.state, 'pending') as state, r.department, coalesce(r.escalated_to, '') as escalated_to,
    case when q.urgent then 'urgent' when q.deadline < $now then 'overdue' else 'rest' end as band,
    count(*) over () as total
from queue_open q
join claims c using (claim_id)
left join claim_scores v using (claim_id)
left join (
    select m.claim_id, count(*) as answers
    from statement_matches m join statements t using (statement_id)
    where m.relation = 'answers' and (t.valid_until is null or t.valid_until > $now)
    group by 1
) s using (claim_id)
left join (select claim_id, arg_max(level, raised_at) as level from alerts group by 1) a using (claim_id)
left join responses r using (claim_id)
where (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
  and ($need = '' or c.need = $need)
  and ($county = '' or list_contains(c.counties, $county))
  and ($channel = '' or list_contains(c.channels, $channel))
  and ($words = '' or contains(lower(c.text), lower($words)))
  and (not $unanswered or (coalesce(s.answers, 0) = 0 and coalesce(r.state, 'pending') <> 'published'))
  and (not $asked or c.authors >= 10)
  and ($due_from is null or q.deadline >= $due_from)
  and ($due_before is null or q.deadline < $due_before)
  and ($since is null or c.last_seen >= $since)
order by
    -- What is grave and fresh stands above what is overdue: a pile of old small matters must not hide it.
    case when $sort = 'urgent' then q.urgent::integer end desc,
    case when $sort = 'urgent' then (q.deadline < $now)::integer end desc,
    case when $sort = 'deadline' then q.deadline end asc,
    case when $sort = 'newest' then c.last_seen end desc,
    case when $sort = 'size' then c.size end desc,
    q.priority desc, q.claim_id
limit $most offset $skip

-- name: page_queue_totals
select
    count(*) as waiting,
    count(*) filter (deadline < $now) as overdue,
    count(*) filter (deadline >= $now and deadline < $now + interval 5 hours) as due_5,
    count(*) filter (deadline >= $now and deadline < $now + interval 24 hours) as due_24,
    min(deadline) filter (deadline >= $now) as next_deadline
from queue_open join claims c using (claim_id)
where (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))

-- name: claims_in_scope
-- Which of some claims touch some counties: by their posts, or by the county that has to answer.
-- open: it says of a claim only whether it is in the counties that were given
select x.claim_id
from (select unnest($ids::varchar[]) as claim_id) x
left join claims c using (claim_id)
left join responses r using (claim_id)
where list_has_any(coalesce(c.counties, []), $within::varchar[]) or list_contains($within::varchar[], r.county)

-- name: page_queue_channels
select distinct unnest(c.channels) as channel from queue join claims c using (claim_id)
where (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
order by 1

-- name: page_situation
select
    h.posts, h.posts_before,
    (select count(*) from claims c where last_seen >= $since and kind = 'claim'
        and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
        and ($county = '' or list_contains(c.counties, $county))) as claims,
    (select count(*) from claims c where first_seen >= $since and kind = 'claim'
        and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
        and ($county = '' or list_contains(c.counties, $county))) as new_claims,
    q.waiting, q.overdue, w.alerts, w.open_alerts,
    (select max(collected_at) from posts where collected_at >= $now - interval 1 day) as newest_collected
from (
    select
        coalesce(sum(posts) filter (hour >= $since), 0) as posts,
        coalesce(sum(posts) filter (hour < $since), 0) as posts_before
    from hour_counts
    where hour >= $before and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
      and ($county = '' or county = $county)
      and ($channel = '' or channel = $channel)
      and ($sentiment = '' or sentiment = $sentiment)
) h, (
    select count(*) as waiting, count(*) filter (q.deadline < $now) as overdue
    from queue_open q join claims c using (claim_id)
    where (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
        and ($county = '' or list_contains(c.counties, $county))
) q, (
    select
        count(*) as alerts,
        count(*) filter (a.alert_id not in (select alert_id from alert_events)) as open_alerts
    from alerts a left join claims c using (claim_id)
    where a.raised_at >= $since
        and (len($scope::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $scope::varchar[]))
        and ($county = '' or list_contains(coalesce(c.counties, []), $county))
) w

-- name: page_trend
select hour, need, sum(posts) as posts
from hour_counts
where hour >= $since and ($county = '' or county = $county)
  and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
  and ($channel = '' or channel = $channel)
  and ($sentiment = '' or sentiment = $sentiment)
group by all
order by hour

-- name: page_collected_hours
-- The hours in which some source was read: an hour that is missing here is a gap, not a calm.
-- open: times of collecting only
select distinct date_trunc('hour', finished_at) as hour from runs where finished_at >= $since
order by hour

-- name: page_counties
select
    coalesce(n.county, q.county) as county,
    coalesce(n.posts, 0) as posts,
    coalesce(q.waiting, 0) as waiting,
    coalesce(q.overdue, 0) as overdue
from (
    select county, sum(posts) as posts from hour_counts
    where hour >= $since and county <> ''
      and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
    group by 1
) n
full join (
    select county, count(*) as waiting, count(*) filter (deadline < $now) as overdue
    from (select unnest(c.counties) as county, q.deadline from queue_open q join claims c using (claim_id))
    where len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[]))
    group by 1
) q on q.county = n.county

-- name: page_claim
select
    c.* replace (coalesce(v.score, c.rumor_score) as rumor_score), q.entered_at, q.priority, q.deadline, q.deadline_rule, q.start_basis, q.reasons,
    o.deadline as owed_until, (select r.verdict from responses r where r.claim_id = c.claim_id) as verdict,
    (select r.decided_by from responses r where r.claim_id = c.claim_id) as decided_by
from claims c
left join claim_scores v using (claim_id)
left join queue q using (claim_id)
left join queue_open o using (claim_id)
where c.claim_id = $claim and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))

-- name: page_claim_series
-- `since` and `until` bound the claim's posts in time: only that part of a large table is read.
with own as materialized (select * from claim_members where claim_id = $claim)
select
    time_bucket(to_minutes($minutes), p.published_at) as bucket,
    m.relation,
    count(*) as posts
from own m
join posts p using (post_id)
where p.published_at between $since and $until and p.deleted_at is null
group by all
order by bucket

-- name: page_claim_members
-- `since` and `until` bound the claim's posts in time: only that part of a large table is read.
with own as materialized (select * from claim_members where claim_id = $claim)
select
    m.post_id, m.similarity, m.relation, m.reason,
    p.text, p.first_text, p.title, p.url, p.channel, p.source, p.published_at, p.precision, p.places, p.county,
    p.official, p.deleted_at, p.likes, p.replies, p.reposts, p.views,
    count(*) over () as total
from own m
join posts p using (post_id)
where p.published_at between $since and $until
  and ($relation = '' or m.relation = $relation)
order by
    case when $sort = 'similar' then m.similarity end desc,
    case when $sort = 'first' then p.published_at end asc,
    p.published_at desc, m.post_id
limit $most offset $skip

-- name: page_claim_places
-- `since` and `until` bound the claim's posts in time: only that part of a large table is read.
with own as materialized (select * from claim_members where claim_id = $claim)
select county, count(*) as posts, min(published_at) as first_seen, max(published_at) as last_seen
from (
    select unnest(case when len(p.places) > 0 then p.places else [p.county] end) as county, p.published_at
    from own m join posts p using (post_id)
    where p.published_at between $since and $until
)
where county <> ''
group by 1
order by posts desc, county

-- name: page_claim_channels
-- `since` and `until` bound the claim's posts in time: only that part of a large table is read.
with own as materialized (select * from claim_members where claim_id = $claim)
select p.channel, count(*) as posts, min(p.published_at) as first_seen, max(p.published_at) as last_seen
from own m join posts p using (post_id)
where p.published_at between $since and $until
group by 1
order by posts desc, channel

-- name: page_claim_questions
-- What people ask under a claim, the most repeated words first.
-- `since` and `until` bound the claim's posts in time: only that part of a large table is read.
with own as materialized (select * from claim_members where claim_id = $claim)
select any_value(p.text) as text, count(*) as posts, min(p.published_at) as first_seen
from own m join posts p using (post_id)
where p.published_at between $since and $until and m.relation = 'query' and not p.official
group by p.text_hash
order by posts desc, first_seen
limit $most

-- name: page_claim_statements
select
    s.statement_id, s.title, s.text, s.issuer, s.url, s.published_at, s.valid_until,
    m.relation, m.score, m.sentence
from statement_matches m
join statements s using (statement_id)
where m.claim_id = $claim
order by m.relation, m.score desc

-- name: page_claim_alerts
select alert_id, raised_at, level, observed, expected, upper, window_minutes, score, trigger, reasons
from alerts
where claim_id = $claim
order by raised_at

-- name: page_claims
-- Claims for the picker of the page of one claim.
select
    c.claim_id, c.text, c.first_seen, c.last_seen, c.size, c.authors, c.counties, c.need, coalesce(v.score, c.rumor_score) as rumor_score,
    q.deadline,
    count(*) over () as total
from claims c
left join claim_scores v using (claim_id)
left join queue q using (claim_id)
where c.kind = 'claim' and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
  and ($words = '' or contains(lower(c.text), lower($words)))
  and ($county = '' or list_contains(c.counties, $county))
  and ($need = '' or c.need = $need)
  and c.last_seen >= $since
order by
    case when $sort = 'size' then c.size end desc,
    case when $sort = 'rumor' then coalesce(v.score, c.rumor_score) end desc,
    c.last_seen desc, c.claim_id
limit $most offset $skip

-- name: page_statements
-- open: statements were published by officials for everybody
select
    s.statement_id, s.title, s.text, s.issuer, s.url, s.published_at, s.valid_until, s.added_by, s.added_at,
    coalesce(m.answers, 0) as answers, coalesce(m.related, 0) as related,
    count(*) over () as total
from statements s
left join (
    select statement_id, count(*) filter (relation = 'answers') as answers,
        count(*) filter (relation <> 'answers') as related
    from statement_matches group by 1
) m using (statement_id)
where ($words = '' or contains(lower(s.title || s.text || s.issuer), lower($words)))
  and (not $valid or s.valid_until is null or s.valid_until > $now)
  and ($statement = '' or s.statement_id = $statement)
order by s.published_at desc, s.statement_id
limit $most offset $skip

-- name: page_statement_claims
select c.claim_id, c.text, c.size, c.last_seen, m.relation, m.score, m.sentence
from statement_matches m join claims c using (claim_id)
where m.statement_id = $statement and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
order by m.relation, m.score desc
limit $most

-- name: page_coverage
-- How many of the claims that are owed an answer have one that holds: a statement's, or one of our own.
select
    count(*) as open_claims,
    count(*) filter (answered) as answered,
    coalesce(sum(authors), 0)::bigint as askers,
    coalesce(sum(authors) filter (answered), 0)::bigint as askers_answered
from (
    select c.claim_id, c.authors, exists (
        select 1 from statement_matches m join statements s using (statement_id)
        where m.claim_id = c.claim_id and m.relation = 'answers'
          and (s.valid_until is null or s.valid_until > $now)
    ) or coalesce(r.state in ('published', 'closed') and r.published_at is not null
        and (r.holds_until is null or r.holds_until > $now), false) as answered
    from claims c left join responses r using (claim_id)
    where coalesce(r.state, '') <> 'declined' and c.kind = 'claim' and c.need <> 'none' and c.last_seen >= $since
      and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
)

-- name: page_sources
select
    coalesce(s.source, r.source) as source,
    coalesce(s.name, r.source) as name,
    s.kind, s.url, s.channel, s.county, s.official, s.every_minutes,
    r.started_at, r.finished_at, r.items, r.new_items, r.requests, r.errors, r.status, r.reasons,
    coalesce(r.items_day, 0) as items_day,
    coalesce(r.new_day, 0) as new_day,
    coalesce(r.errors_day, 0) as errors_day,
    coalesce(r.runs_day, 0) as runs_day
from sources s
full join (
    select
        source,
        max(started_at) as started_at, max(finished_at) as finished_at,
        arg_max(items, finished_at) as items, arg_max(new_items, finished_at) as new_items,
        arg_max(requests, finished_at) as requests, arg_max(errors, finished_at) as errors,
        arg_max(status, finished_at) as status, arg_max(reasons, finished_at) as reasons,
        sum(items) filter (finished_at >= $since)::bigint as items_day,
        sum(new_items) filter (finished_at >= $since)::bigint as new_day,
        sum(errors) filter (finished_at >= $since)::bigint as errors_day,
        count(*) filter (finished_at >= $since) as runs_day
    from runs
    group by 1
) r on r.source = s.source
where len($scope::varchar[]) = 0 or coalesce(s.county, '') = '' or s.county in (select unnest($scope::varchar[]))
order by
    case r.status when 'red' then 0 when 'amber' then 1 when 'green' then 3 else 2 end, name

-- name: page_source_runs
select started_at, finished_at, items, new_items, requests, errors, status, reasons
from runs
where source = $source
  and (len($scope::varchar[]) = 0 or source not in (
    select source from sources where county <> '' and county not in (select unnest($scope::varchar[]))))
order by finished_at desc
limit $most

-- name: page_source_events
select kind, actor, recorded_at from source_events
where source = $source
  and (len($scope::varchar[]) = 0 or source not in (
    select source from sources where county <> '' and county not in (select unnest($scope::varchar[]))))
order by recorded_at desc
limit $most

-- name: page_rejects
-- office: rows of imported files, of any county
select file, line, reason, raw, rejected_at, count(*) over () as total
from rejects
where ($file = '' or file = $file)
order by rejected_at desc, file, line
limit $most offset $skip

-- name: page_reject_files
-- office: names of imported files, of any county
select file, reason, count(*) as rows, max(rejected_at) as newest
from rejects
group by all
order by newest desc
limit $most

-- name: page_sizes
-- open: numbers of rows only
select
    (select count(*) from posts) as posts,
    (select count(*) from tags) as tags,
    (select count(*) from claim_pending) as placed,
    (select count(*) from claims) as claims,
    (select count(*) from alerts) as alerts,
    (select count(*) from statements) as statements,
    (select count(*) from rejects) as rejects,
    (select count(*) from ledger_events) as ledger_events,
    (select min(published_at) from posts) as oldest,
    (select max(ingested_at) from posts) as newest

-- name: page_model_versions
-- open: numbers of rows only
select model_version, count(*) as posts, min(tagged_at) as first, max(tagged_at) as last
from tags
group by 1
order by last desc

-- name: page_audit
-- office: it tells of every county's work
select recorded_at, actor, action, body, count(*) over () as total
from audit_events
order by recorded_at desc, event_id
limit $most offset $skip

-- name: page_migrations
-- open: the schema's number only
select max(number) as number, max(applied_at) as applied_at from migrations
