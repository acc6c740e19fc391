-- name: step_counts
-- Distinct voices of each series by step of publication. Officials do not spread rumors, nor do those who deny one.
with said as (
    select
        to_timestamp(floor(epoch(p.published_at) / $seconds) * $seconds) as step,
        coalesce(p.author_hash, p.post_id) as voice,
        coalesce(p.places[1], nullif(p.county, '')) as county,
        p.channel,
        t.need,
        case when k.kind = 'claim' and m.relation <> 'deny' then m.claim_id end as claim_id
    from posts p
    join tags t using (post_id)
    left join claim_members m using (post_id)
    left join claims k using (claim_id)
    where p.published_at >= $start and p.published_at < $end and not p.official and p.deleted_at is null
)
select step, 'claim:' || claim_id as series, count(distinct voice) as posts
from said where claim_id is not null group by all
union all
select step, 'county:' || county, count(distinct voice) from said where county is not null group by all
union all
select step, 'channel:' || channel, count(distinct voice) from said group by all
union all
select step, 'need:' || need || '@' || county, count(distinct voice)
from said where county is not null and need is not null and need <> 'none' group by all
union all
select step, 'all:', count(distinct voice) from said group by all

-- name: voices
select count(distinct coalesce(p.author_hash, p.post_id)) as voices
from posts p
join tags t using (post_id)
left join claim_members m using (post_id)
where p.published_at >= $start and p.published_at < $end and not p.official and p.deleted_at is null
  and case $kind
      when 'claim' then m.claim_id = $series_name and m.relation <> 'deny'
      when 'county' then coalesce(p.places[1], p.county) = $series_name
      when 'channel' then p.channel = $series_name
      when 'need' then t.need || '@' || coalesce(p.places[1], p.county) = $series_name
      else true end

-- name: live_series
select 'claim:' || claim_id as series from claims where last_seen >= $since

-- name: first_published
select min(published_at) as first from posts where published_at >= $since
