-- name: touched_hours
select distinct date_trunc('hour', published_at) as hour
from posts
where ingested_at >= $since

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

-- name: newest_ingested
select max(ingested_at) as newest from posts
