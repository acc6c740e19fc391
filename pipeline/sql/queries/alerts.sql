-- name: claims_to_alert
-- Claims with a burst, and claims young enough to be alerted by their content; never advertising or copypasta.
select
    c.claim_id, c.text, c.first_seen, c.need, coalesce(e.score, c.rumor_score) as rumor_score, c.stake, c.recurs,
    exists (select 1 from statement_matches s join statements t using (statement_id)
            where s.claim_id = c.claim_id and s.relation = 'answers' and t.published_at <= $now) as answered
from claims c
left join claim_scores e using (claim_id)
where c.kind = 'claim'
  and (c.claim_id in (select unnest($claims))
       or (c.first_seen >= $since and c.last_seen >= $since and c.spreading >= 2))
order by c.claim_id

-- name: recent_members
select
    p.post_id, p.published_at, p.channel, coalesce(p.places[1], p.county) as county,
    coalesce(p.author_hash, p.post_id) as voice, m.relation, m.similarity,
    coalesce(p.likes, 0) + coalesce(p.replies, 0) + coalesce(p.reposts, 0) as loudness
from claim_members m
join posts p using (post_id)
where m.claim_id = $claim_id and m.relation <> 'deny' and not p.official and p.deleted_at is null
  and p.published_at >= $since and p.published_at <= $now
order by p.published_at, p.post_id

-- name: alerts_of_claims
select
    a.claim_id, a.alert_id, a.level, a.raised_at,
    max(e.recorded_at) filter (e.kind in (select unnest($settled))) as settled_at,
    max(e.recorded_at) filter (e.kind = 'muted') + to_hours($mute_hours::integer) as muted_until
from alerts a
left join alert_events e using (alert_id)
where a.claim_id in (select unnest($claims))
group by all
order by a.claim_id, a.raised_at

-- name: source_gaps
select coalesce(nullif(s.name, ''), s.source) as name
from sources s
left join (select source, max(finished_at) as finished_at, arg_max(status, finished_at) as status from runs group by 1) r
    using (source)
where r.status = 'red' or r.finished_at < $now - to_seconds(s.every_minutes * 60 * $intervals)
order by name

-- name: alert_list
select a.alert_id, a.raised_at, a.level, a.trigger, a.observed, a.expected, a.window_minutes, c.text, a.reasons, a.claim_id
from alerts a
join claims c using (claim_id)
where a.raised_at >= $since
order by a.raised_at desc, a.alert_id
limit $most
