-- name: page_posts_hours
-- Posts of each hour that the filters let through, from the small table of counts: says in which hours a page's rows lie.
select hour, sum(posts)::bigint as posts
from hour_counts
where hour >= $since and hour < $until
  and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
  and ($county = '' or county = $county)
  and ($channel = '' or channel = $channel)
  and ($need = '' or need = $need)
  and ($sentiment = '' or sentiment = $sentiment)
group by hour
order by hour

-- name: page_posts
-- Posts of a stretch of time. A post is tagged after it was published: tags older than the stretch are not looked at.
-- Texts are fetched for the page only.
with labels as materialized (
    select post_id from tags
    where ($need <> '' or $sentiment <> '') and tagged_at >= $since - interval 1 hour
      and ($need = '' or need = $need) and ($sentiment = '' or sentiment = $sentiment)
),
found as (
    select
        p.post_id, p.published_at,
        coalesce(p.replies, 0) + coalesce(p.reposts, 0) + coalesce(p.likes, 0) as loud
    from posts p
    where p.published_at >= $since and p.published_at < $until and p.deleted_at is null
      and (len($scope::varchar[]) = 0 or coalesce(p.places[1], p.county) in (select unnest($scope::varchar[])))
      and ($county = '' or coalesce(p.places[1], p.county) = $county)
      and ($channel = '' or p.channel = $channel)
      and ($words = '' or contains(lower(p.text), lower($words)))
      and (($need = '' and $sentiment = '') or p.post_id in (select post_id from labels))
),
page as materialized (
    select *
    from found
    order by
        case when $sort = 'loud' then loud end desc,
        case when $sort = 'oldest' then published_at end asc,
        published_at desc, post_id
    limit $most offset $skip
)
select
    page.post_id, p.text, p.title, p.url, p.channel, page.published_at, p.official,
    coalesce(p.places[1], p.county) as county, p.likes, p.replies, p.reposts,
    t.need, t.sentiment, t.rumor_score, m.claim_id, 1 as alike,
    (select count(*) from found) as total
from page
join (
    select * from posts
    where published_at >= $since and published_at < $until and post_id in (select post_id from page)
) p using (post_id)
left join (
    select * from tags
    where tagged_at >= $since - interval 1 hour and post_id in (select post_id from page)
) t using (post_id)
left join (
    select * from claim_members
    where joined_at >= $since - interval 1 hour and post_id in (select post_id from page)
) m using (post_id)
order by
    case when $sort = 'loud' then page.loud end desc,
    case when $sort = 'oldest' then page.published_at end asc,
    page.published_at desc, page.post_id

-- name: page_posts_merged
-- Posts of a stretch of time; posts of one claim, or of the same words, are one row: the newest of them.
-- A post is tagged and placed after it was published: tags and members older than the stretch are not looked at. Texts
-- are fetched for the page only.
with chosen as materialized (
    select
        p.post_id, p.published_at, p.text_hash,
        coalesce(p.replies, 0) + coalesce(p.reposts, 0) + coalesce(p.likes, 0) as loud
    from posts p
    where p.published_at >= $since and p.published_at < $until and p.deleted_at is null
      and (len($scope::varchar[]) = 0 or coalesce(p.places[1], p.county) in (select unnest($scope::varchar[])))
      and ($county = '' or coalesce(p.places[1], p.county) = $county)
      and ($channel = '' or p.channel = $channel)
      and ($words = '' or contains(lower(p.text), lower($words)))
),
labels as materialized (
    select post_id, need, sentiment, rumor_score from tags
    where tagged_at >= $since - interval 1 hour and post_id in (select post_id from chosen)
),
owners as materialized (
    select post_id, claim_id from claim_members
    where joined_at >= $since - interval 1 hour and post_id in (select post_id from chosen)
),
found as (
    select
        c.*, t.need, t.sentiment, t.rumor_score, m.claim_id, count(*) over same as alike,
        row_number() over (same order by c.published_at desc, c.post_id) as place
    from chosen c
    left join labels t using (post_id)
    left join owners m using (post_id)
    where ($need = '' or t.need = $need) and ($sentiment = '' or t.sentiment = $sentiment)
    window same as (partition by coalesce(m.claim_id, c.text_hash))
),
page as materialized (
    select *, count(*) over () as total
    from found
    where place = 1
    order by
        case when $sort = 'loud' then loud end desc,
        case when $sort = 'alike' then alike end desc,
        case when $sort = 'oldest' then published_at end asc,
        published_at desc, post_id
    limit $most offset $skip
)
select
    page.post_id, p.text, p.title, p.url, p.channel, page.published_at, p.official,
    coalesce(p.places[1], p.county) as county, p.likes, p.replies, p.reposts,
    page.need, page.sentiment, page.rumor_score, page.claim_id, page.alike, page.total
from page
join (
    select * from posts
    where published_at >= $since and published_at < $until and post_id in (select post_id from page)
) p using (post_id)
order by
    case when $sort = 'loud' then page.loud end desc,
    case when $sort = 'alike' then page.alike end desc,
    case when $sort = 'oldest' then page.published_at end asc,
    page.published_at desc, page.post_id

-- name: page_channels
select distinct channel from hour_counts
where hour >= $since
  and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
order by channel

-- name: page_moods
-- What the posts of a stretch of time are about and how they sound; n is the sum.
select need, sentiment, sum(posts)::bigint as posts
from hour_counts
where hour >= $since
  and (len($scope::varchar[]) = 0 or county in (select unnest($scope::varchar[])))
  and ($county = '' or county = $county)
  and ($channel = '' or channel = $channel)
group by all
