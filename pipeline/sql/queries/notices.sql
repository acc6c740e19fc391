-- name: source_hours
-- Posts of each crawled source by hour of publication, and when it last spoke and was last fetched.
select
    s.source,
    coalesce(nullif(s.name, ''), s.source) as name,
    date_trunc('hour', p.published_at) as hour,
    count(*) as posts,
    max(p.published_at) as last_post
from sources s
join posts p using (source)
where p.published_at >= $since and p.published_at <= $now
group by all
order by s.source, hour

-- name: failing_sources
-- Crawled sources whose last run failed, or that had none for several of their intervals.
select s.source
from sources s
left join (select source, max(finished_at) as finished_at, arg_max(status, finished_at) as status
           from runs where finished_at <= $now group by 1) r using (source)
where r.status = 'red' or r.finished_at is null or r.finished_at < $now - to_seconds(s.every_minutes * 60 * $intervals)

-- name: paused_sources
select source
from source_events
where kind in ('paused', 'resumed')
group by source
having arg_max(kind, recorded_at) = 'paused'

-- name: late_posts
-- Posts of crawled sources that came after their step was judged, since the last look.
select s.source, coalesce(nullif(s.name, ''), s.source) as name, count(*) as posts,
    min(p.published_at) as first, max(p.published_at) as last
from sources s
join posts p using (source)
where p.ingested_at > $since and p.ingested_at <= $now
  and p.published_at < p.ingested_at - to_seconds($late_seconds)
  and p.published_at >= $oldest
group by all
having count(*) >= $fewest
order by s.source

-- name: broken_sources
-- Crawled sources whose last run was red, or whose last three were not green: since when, and the last reasons.
with numbered as (
    select r.*, row_number() over (partition by r.source order by r.finished_at desc, r.run_id) as back
    from runs r
    where r.finished_at <= $now
),
streaks as (                                     -- the runs since the last green one
    select n.*
    from numbered n
    left join (select source, min(back) as green from numbered where status = 'green' group by 1) g using (source)
    where n.back < coalesce(g.green, n.back + 1)
)
select
    s.source, coalesce(nullif(s.name, ''), s.source) as name, count(*) as runs, min(k.finished_at) as since,
    arg_min(k.status, k.back) as status, arg_min(k.reasons, k.back) as reasons
from sources s
join streaks k using (source)
group by all
having arg_min(k.status, k.back) = 'red' or count(*) >= $patience
order by s.source

-- name: open_notices
select notice_id, kind, source, since from notices where ended_at is null and kind in ('silence', 'gap', 'breakage')

-- name: notices_to_tell
select notice_id, words from notices
where ended_at is null and kind in ('silence', 'gap', 'breakage') and raised_at >= $since and raised_at <= $now
order by raised_at, notice_id

-- name: end_notices
update notices set ended_at = $now where notice_id in (select unnest($ended))

-- name: notice_list
-- open: how collection goes is nobody's secret; no post and no claim is shown
select n.kind, n.source, coalesce(nullif(s.name, ''), n.source) as name, n.since, n.raised_at, n.ended_at, n.expected, n.words
from notices n
left join sources s using (source)
where n.raised_at >= $since
order by n.ended_at is null desc, n.raised_at desc, n.notice_id
limit $most
