-- name: claim_departments
select department from responses where claim_id = $claim and department <> ''

-- name: pages_since
select recipient, count(*) as pages
from notifications
where kind = 'alert' and mode = 'now' and decided_at >= $since
group by 1

-- name: known_notifications
select notification_id from notifications where notification_id in (select unnest($ids::varchar[]))

-- name: unanswered_alerts
-- Alerts that somebody was told of and nobody has answered, how long ago, and how often they were passed on.
with asked as (
    select n.alert_id, n.level, min(n.due_at) as since
    from notifications n where n.kind = 'alert' and n.mode <> 'none' group by all
), passed as (
    select alert_id, json_extract_string(body, '$.level') as level, count(*) as step
    from alert_events
    where kind = 'escalated' and json_extract_string(body, '$.automatic') = 'true'
    group by all
)
select s.alert_id, s.claim_id, s.level, k.since, coalesce(p.step, 0) as step,
    a.kind, coalesce(u.reasons, a.reasons) as reasons, c.text, c.counties
from alert_states s
join alerts a using (alert_id)
join asked k on k.alert_id = s.alert_id and k.level = s.level
left join passed p on p.alert_id = s.alert_id and p.level = s.level
left join (select alert_id, arg_max(reasons, updated_at) as reasons from alert_updates group by 1) u on u.alert_id = s.alert_id
left join claims c on c.claim_id = s.claim_id
where s.level in (select unnest($levels::varchar[])) and k.since <= $now
  and s.settled_at is null and s.acknowledged_at is null
  and (s.muted_until is null or s.muted_until <= $now)
  and s.raised_at >= $now::timestamptz - interval 3 days
order by k.since, s.alert_id

-- name: passed_on
-- What people passed on to the next level and nobody was told of yet.
select e.event_id, e.actor, s.alert_id, s.claim_id, s.level, a.kind, coalesce(u.reasons, a.reasons) as reasons,
    c.text, c.counties
from alert_events e
join alert_states s using (alert_id)
join alerts a using (alert_id)
left join (select alert_id, arg_max(reasons, updated_at) as reasons from alert_updates group by 1) u
    on u.alert_id = s.alert_id
left join claims c on c.claim_id = s.claim_id
where e.kind = 'escalated' and e.recorded_at >= $since and s.settled_at is null
  and json_extract_string(e.body, '$.automatic') is distinct from 'true'
  and not exists (select 1 from notifications n where n.alert_id = e.alert_id and n.kind = 'escalation'
                  and n.decided_at >= e.recorded_at)
order by e.recorded_at, e.event_id

-- name: day_facts
-- open: sums of the whole office, of no claim
select
    (select count(*) from posts where ingested_at >= $since) as posts,
    (select count(*) from alert_states where raised_at >= $since) as alerts,
    (select count(*) from alert_states where raised_at >= $since and acknowledged_at is not null) as acknowledged,
    (select count(*) from alert_states where settled_at is null and acknowledged_at is null) as open,
    (select count(*) from notification_states where decided_at >= $since and status = 'held') as held,
    (select count(*) from notification_states where decided_at >= $since and status = 'gave_up') as gave_up

-- name: due_notifications
-- What is to be sent now, with what was tried before, oldest first.
select
    n.notification_id, n.kind, n.alert_id, n.level, n.recipient, n.channels, n.mode, n.why, n.title, n.body,
    n.due_at, coalesce(e.tried, []) as tried
from notifications n
left join (
    select notification_id,
        list({'channel': channel, 'at': recorded_at, 'final': json_extract_string(body, '$.final') = 'true'}
            order by recorded_at) filter (kind = 'failed') as tried,
        count(*) filter (kind in ('sent', 'gave_up')) as done
    from notification_events group by 1
) e using (notification_id)
where n.mode <> 'none' and n.due_at <= $now and coalesce(e.done, 0) = 0
order by n.due_at, n.notification_id
limit $most

-- name: notifications_of_day
-- All of a day's alerts for one recipient, told already or not: 当日汇总 lists them all.
select notification_id, kind, title, mode, why, decided_at
from notifications
where recipient = $recipient and kind = 'alert' and decided_at >= $since and decided_at <= $now
order by decided_at, notification_id

-- name: sent_lately
select channel, count(distinct json_extract_string(body, '$.message')) as messages
from notification_events
where recorded_at >= $since and kind in ('sent', 'failed') and channel <> ''
group by 1

-- name: deliveries_of_alerts
select s.*, n.title
from notification_states s join notifications n using (notification_id)
where s.alert_id in (select unnest($alerts::varchar[]))
order by s.decided_at, s.recipient

-- name: deliveries_since
-- open: how many messages went to whom and why, of no claim
select kind, recipient, level, mode, status, why, channel, count(*) as messages
from notification_states
where decided_at >= $since
group by all
order by messages desc, recipient

-- name: open_notice_words
select words from notices where ended_at is null and kind in ('silence', 'gap', 'breakage') order by raised_at
