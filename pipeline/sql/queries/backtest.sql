-- name: hide_posts
create or replace temp table hidden_posts as select * from posts order by published_at, post_id

-- name: hide_statements
create or replace temp table hidden_statements as select * from statements

-- name: forget_visible_posts
delete from posts

-- name: forget_visible_statements
delete from statements

-- name: hidden_counts
select
    (select count(*) from hidden_posts) as posts,
    (select count(*) from hidden_statements) as statements,
    (select min(published_at) from hidden_posts) as first,
    (select max(published_at) from hidden_posts) as last

-- name: hidden_steps
-- Half-open steps: a post published exactly at a step's end belongs to the next one.
select distinct to_timestamp(floor(epoch(published_at) / $seconds) * $seconds) as step
from hidden_posts
order by step

-- name: reveal_posts
insert into posts by name
select * replace ($end as ingested_at)
from hidden_posts
where published_at >= $start and published_at < $end

-- name: reveal_statements
insert or ignore into statements by name
select * replace (published_at as added_at)
from hidden_statements
where published_at < $end

-- name: entered_queue
-- With the place that a claim has in the order in which the page shows the queue first.
select * from (
    select *, row_number() over (order by urgent desc, deadline < $at_time desc, priority desc, claim_id) as rank
    from queue_open
)
where entered_at = $at_time order by priority desc, claim_id

-- name: top_of_queue
select row_number() over (order by urgent desc, deadline < $now desc, priority desc, claim_id) as rank,
    claim_id, priority, urgent, deadline
from queue_open order by rank limit $most

-- name: backtest_tags
select
    p.post_id, coalesce(p.external_id, p.post_id) as id,
    t.sentiment, t.sentiment_score, t.emotion, t.emotion_score, t.need, t.need_score, t.rumor_score,
    t.checkworthy_score, t.stance, t.stance_score, p.places, t.model_version, m.claim_id, m.relation
from posts p
join tags t using (post_id)
left join (select m.* from claim_members m join claims c using (claim_id) where c.kind = 'claim') m using (post_id)
where p.post_id > $after
order by p.post_id
limit $most

-- name: backtest_claims
-- `formerly`: claims that went into it since; the queue may name them.
with recursive gone as (
    select claim_id as was, into_id as claim_id from claim_decisions where kind = 'merged' and not undone
    union
    select g.was, d.into_id from gone g join claim_decisions d using (claim_id) where d.kind = 'merged' and not d.undone
)
select
    c.claim_id, c.text, c.first_seen, c.last_seen, c.size, c.counties, c.channels, c.need, c.rumor_score,
    coalesce((select list(g.was order by g.was) from gone g where g.claim_id = c.claim_id), []) as formerly,
    (select list(coalesce(p.external_id, p.post_id) order by p.published_at, p.post_id)
        from claim_members m join posts p using (post_id) where m.claim_id = c.claim_id) as post_ids
from claims c
where c.kind = 'claim' and c.claim_id > $after
order by c.claim_id
limit $most

-- name: backtest_alerts
select
    a.alert_id, a.claim_id, a.raised_at, a.level, a.kind, a.trigger, a.observed, a.expected, a.score, a.reasons,
    (select list(coalesce(p.external_id, u.post_id) order by u.place)
        from (select unnest(a.post_ids) as post_id, generate_subscripts(a.post_ids, 1) as place) u
        left join posts p using (post_id)) as post_ids
from alerts a
where a.alert_id > $after
order by a.alert_id
limit $most
