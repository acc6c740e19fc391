-- name: touched_hours
-- Hours of posts that came since `seen`, or that were placed since: posts are placed in the order of ingest.
select distinct date_trunc('hour', published_at) as hour
from posts
where ingested_at >= $seen or ingested_at between $settled and $settled_now

-- name: forget_hours
delete from counts where hour in (select unnest($hours))

-- name: count_hours
insert into counts
select
    date_trunc('hour', p.published_at) as hour,
    coalesce(m.claim_id, '') as claim_id,
    coalesce(p.places[1], p.county) as county,
    p.channel,
    coalesce(t.need, '') as need,
    count(*) as posts,
    count(distinct coalesce(p.author_hash, p.post_id)) as authors
from posts p
left join claim_members m on m.post_id = p.post_id
left join tags t on t.post_id = p.post_id
where p.published_at >= $first and p.published_at < $last
  and date_trunc('hour', p.published_at) in (select unnest($hours))
  and p.deleted_at is null
group by all

-- name: counting_marks
-- The newest post, and the oldest that the stages before have not placed yet.
select
    max(p.ingested_at) as seen,
    coalesce(min(p.ingested_at) filter (c.post_id is null and p.deleted_at is null), max(p.ingested_at)) as settled
from posts p
left join claim_pending c using (post_id)
where p.ingested_at >= $settled

-- name: forget_hours_of_posts
delete from hour_counts where hour in (select unnest($hours))

-- name: count_hours_of_posts
insert into hour_counts
select
    date_trunc('hour', p.published_at) as hour,
    coalesce(p.places[1], p.county) as county,
    p.channel,
    coalesce(t.need, '') as need,
    coalesce(t.sentiment, '') as sentiment,
    count(*) as posts
from posts p
left join tags t on t.post_id = p.post_id
where p.published_at >= $first and p.published_at < $last
  and date_trunc('hour', p.published_at) in (select unnest($hours))
  and p.deleted_at is null
group by all
