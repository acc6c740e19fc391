-- name: claims_to_alert
-- Claims with a burst, claims young enough to be alerted by their content, and those of open alerts; never
-- advertising or copypasta. The early score knows the replies; without one the posts' own scores stand in.
with open_alerts as (
    select distinct m.claim_id
    from alert_states s join alert_claims m using (alert_id)
    where s.settled_at is null and s.raised_at >= $now::timestamptz - interval 7 days
)
select
    c.claim_id, c.text, c.first_seen, c.last_seen, c.need, coalesce(e.score, c.rumor_score) as rumor_score, c.stake,
    c.recurs, c.spreading, c.counties,
    o.claim_id is not null as alerted,
    exists (select 1 from statement_matches s join statements t using (statement_id)
            where s.claim_id = c.claim_id and s.relation = 'answers' and t.published_at <= $now) as answered,
    exists (select 1 from claim_members m join posts p using (post_id)
            where m.claim_id = c.claim_id and p.official and m.relation <> 'deny' and p.published_at <= $now
              and not regexp_matches(p.text, '谣|不实|网传|不属实|虚假|并非|未发生|没有发生')) as official
from claims c
left join open_alerts o using (claim_id)
left join claim_scores e on e.claim_id = c.claim_id
where c.kind = 'claim'
  and (c.claim_id in (select unnest($claims::varchar[]))
       or (c.first_seen >= $since and c.last_seen >= $since and c.spreading >= 2)
       or (o.claim_id is not null and c.last_seen >= $since))
order by c.first_seen, c.claim_id

-- name: recent_members
select
    p.post_id, p.source, p.published_at, p.channel, coalesce(p.places[1], nullif(p.county, '')) as county,
    coalesce(p.author_hash, p.post_id) as voice, m.relation, m.similarity,
    t.checkworthy_score as checkworthy, p.parent_id is not null and length(p.match_text) < 15 as is_short_reply,
    coalesce(p.likes, 0) + coalesce(p.replies, 0) + coalesce(p.reposts, 0) as loudness
from claim_members m
join posts p using (post_id)
left join tags t using (post_id)
where m.claim_id in (select unnest($claims::varchar[])) and m.relation <> 'deny' and not p.official
  and p.deleted_at is null and p.published_at >= $since and p.published_at <= $now
order by p.published_at, p.post_id

-- name: first_member
select p.channel, coalesce(p.places[1], nullif(p.county, '')) as county, coalesce(nullif(s.name, ''), p.source) as name
from claim_members m
join posts p using (post_id)
left join sources s on s.source = p.source
where m.claim_id = $claim_id and m.relation <> 'deny' and not p.official
order by p.published_at, p.post_id
limit 1

-- name: texts_of
select post_id, text from posts where post_id in (select unnest($posts::varchar[]))

-- name: claims_in_window
-- Whose posts a series' window holds; what belongs to no claim is counted under an empty id.
select coalesce(k.claim_id, '') as claim_id, any_value(k.need) as need, any_value(k.text) as text,
    count(distinct coalesce(p.author_hash, p.post_id)) as posts
from posts p
join tags t using (post_id)
left join claim_members m on m.post_id = p.post_id and m.relation <> 'deny'
left join claims k on k.claim_id = m.claim_id and k.kind = 'claim'
where p.published_at >= $start and p.published_at < $end and not p.official and p.deleted_at is null
  and case $kind
      when 'county' then coalesce(p.places[1], p.county) = $series_name
      when 'channel' then p.channel = $series_name
      when 'need' then t.need || '@' || coalesce(p.places[1], p.county) = $series_name
      else true end
group by 1
order by posts desc, claim_id

-- name: claims_merged
select claim_id, json_extract_string(body, '$.into') as into_claim from claim_events where kind = 'merged'

-- name: incidents_of
-- Every alert that stands or stood for these claims, the newest last.
select
    m.claim_id as of_claim, s.alert_id, s.claim_id, s.raised_at, s.level, s.updated_at, s.settled_at, s.muted_until,
    a.kind,
    coalesce((select list(o.claim_id order by o.joined_at, o.claim_id) from alert_claims o where o.alert_id = s.alert_id),
        [s.claim_id]) as claims
from (select claim_id, alert_id from alerts union select claim_id, alert_id from alert_claims) m
join alert_states s using (alert_id)
join alerts a using (alert_id)
where m.claim_id in (select unnest($claims::varchar[]))
order by m.claim_id, s.raised_at, s.alert_id

-- name: open_incidents
select
    s.alert_id, s.claim_id, s.raised_at, s.level, s.updated_at, s.settled_at, s.muted_until, a.kind,
    coalesce((select list(o.claim_id order by o.joined_at, o.claim_id) from alert_claims o where o.alert_id = s.alert_id),
        [s.claim_id]) as claims,
    (select list_distinct(flatten(list(c.counties))) from claims c
     where c.claim_id = s.claim_id or c.claim_id in (select o.claim_id from alert_claims o where o.alert_id = s.alert_id)
    ) as counties
from alert_states s
join alerts a using (alert_id)
where s.settled_at is null and s.updated_at >= $since
order by s.raised_at, s.alert_id

-- name: quiet_alerts
select s.alert_id, max(c.last_seen) as last_seen
from alert_states s
join (select claim_id, alert_id from alerts union select claim_id, alert_id from alert_claims) m using (alert_id)
join claims c on c.claim_id = m.claim_id
where s.settled_at is null and s.raised_at < $before
group by 1
having max(c.last_seen) < $before

-- name: forget_looks
delete from alert_looks where looked_at < $before

-- name: false_alarm_votes
-- open: numbers by source, no alert of a county
-- By source, over 60 days of alerts: false alarms less those that a person took up. Undone when one is reopened.
select a.source, count(*) filter (s.settled_as = 'false_alarm')
    - count(*) filter (s.acknowledged_at is not null and s.settled_as is distinct from 'false_alarm') as votes
from alerts a join alert_states s using (alert_id)
where a.source <> '' and a.raised_at >= (select max(raised_at) from alerts) - interval 60 days
group by 1

-- name: usual_shares
select 'county' as kind, county as name, sum(posts)::bigint as posts
from counts where hour >= $since and hour < $until and county <> '' group by all
union all
select 'channel', channel, sum(posts)::bigint from counts where hour >= $since and hour < $until group by all

-- name: source_gaps
-- open: names of sources
select coalesce(nullif(s.name, ''), s.source) as name
from sources s
left join (select source, max(finished_at) as finished_at, arg_max(status, finished_at) as status from runs group by 1) r
    using (source)
where r.status = 'red' or r.finished_at < $now - to_seconds(s.every_minutes * 60 * $intervals)
order by name

-- name: alert_list
select
    a.alert_id, a.raised_at, s.level, s.state, a.kind, a.trigger, a.observed, a.expected, a.window_minutes, c.text,
    a.reasons, a.claim_id
from alerts a
join alert_states s using (alert_id)
left join claims c on c.claim_id = a.claim_id
where a.raised_at >= $since
order by a.raised_at desc, a.alert_id
limit $most

-- name: alert_one
-- One alert by its id or the start of it, with its latest figures.
select
    a.alert_id, a.claim_id, a.raised_at, a.level as raised_level, a.kind, a.trigger, a.source, a.details,
    coalesce(u.reasons, a.reasons) as reasons, coalesce(u.post_ids, a.post_ids) as post_ids,
    s.* exclude (alert_id, claim_id, raised_at), c.text, c.need, c.counties
from alerts a
join alert_states s using (alert_id)
left join (select alert_id, arg_max(reasons, updated_at) as reasons, arg_max(post_ids, updated_at) as post_ids from alert_updates group by 1) u
    using (alert_id)
left join claims c on c.claim_id = a.claim_id
where starts_with(a.alert_id, $alert)
order by a.alert_id
limit 2

-- name: alert_history
select event_id, kind, actor, body, recorded_at from alert_events where alert_id = $alert order by recorded_at, event_id

-- name: alert_looks_since
-- keyed: claim_id
select l.claim_id, l.looked_at, l.evidence, l.burst, l.level, l.raised, c.text,
    i.alert_id, i.settled_as
from alert_looks l
left join claims c using (claim_id)
left join (
    select m.claim_id, arg_max(s.alert_id, s.raised_at) as alert_id, arg_max(s.settled_as, s.raised_at) as settled_as
    from (select claim_id, alert_id from alerts union select claim_id, alert_id from alert_claims) m
    join alert_states s using (alert_id) group by 1
) i on i.claim_id = l.claim_id
where l.looked_at >= $since
order by l.looked_at, l.claim_id

-- name: story_texts
-- The latest distinct texts of claims, each with its vector, to tell by whether two claims are one story.
select p.text, any_value(e.vector) as vector
from claim_members m
join posts p using (post_id)
left join embeddings e using (post_id)
where m.claim_id in (select unnest($claims::varchar[])) and m.relation <> 'deny' and not p.official
  and p.parent_id is null and p.deleted_at is null
group by p.match_text, p.text
order by max(p.published_at) desc, p.text
limit $most
