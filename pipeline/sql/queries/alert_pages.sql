-- name: page_alerts
-- Open ones first, the gravest at the top; then what is done, newest first.
select
    a.alert_id, s.claim_id, s.raised_at, s.updated_at, s.updates, s.claims, s.level, a.level as raised_level, a.kind,
    a.trigger, a.source, a.details, s.state, s.acknowledged_by, s.acknowledged_at, s.acknowledgers, s.escalated_at,
    s.escalated_by, s.escalations, s.settled_at, s.settled_as, s.settled_by, s.muted_until, s.told_at,
    coalesce(u.observed, a.observed) as observed, coalesce(u.expected, a.expected) as expected,
    coalesce(u.upper, a.upper) as upper, coalesce(u.window_minutes, a.window_minutes) as window_minutes,
    coalesce(u.reasons, a.reasons) as reasons, coalesce(u.post_ids, a.post_ids) as post_ids,
    c.text, c.size, c.counties, count(*) over () as total
from alerts a
join alert_states s using (alert_id)
left join claims c on c.claim_id = a.claim_id
left join (select * from alert_updates qualify row_number() over (partition by alert_id order by updated_at desc) = 1) u
    on u.alert_id = a.alert_id
where (s.raised_at >= $since or s.settled_at is null)
  and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
  and ($level = '' or s.level = $level)
  and ($alert = '' or a.alert_id = $alert)
  and (not $unhandled or s.state in ('new', 'open', 'escalated'))
  and ($county = '' or list_contains(c.counties, $county))
order by
    case s.state when 'new' then 0 when 'open' then 0 when 'escalated' then 0 when 'acknowledged' then 1 else 2 end,
    case when s.settled_at is null then list_position(['red', 'orange', 'yellow', 'blue'], s.level) end,
    a.raised_at desc, a.alert_id
limit $most offset $skip

-- name: page_alert_history
-- keyed: claim_id
select e.event_id, e.alert_id, a.claim_id, e.kind, e.actor, e.body, e.recorded_at
from alert_events e join alerts a using (alert_id)
where e.alert_id in (select unnest($alerts::varchar[]))
order by e.recorded_at, e.event_id

-- name: page_alert_deliveries
-- keyed: claim_id
select n.alert_id, a.claim_id, n.kind, n.level, n.recipient, n.route, n.mode, n.why, n.status, n.due_at, n.decided_at,
    n.failures, n.sent_at, n.channel, n.receipt
from notification_states n join alerts a using (alert_id)
where n.alert_id in (select unnest($alerts::varchar[]))
order by n.decided_at, n.recipient

-- name: page_alert_samples
-- keyed: claim_id
select m.claim_id, p.post_id, p.text, p.url, p.channel, p.published_at, coalesce(p.places[1], p.county) as county
from posts p join claim_members m using (post_id)
where p.post_id in (select unnest($posts::varchar[]))
order by p.published_at, p.post_id

-- name: page_linked_alert
-- open: read by the holder of a signed link, for the alert that it names
select a.alert_id, a.raised_at, s.level, s.state, s.acknowledged_by, s.acknowledged_at, c.text, c.counties,
    coalesce(u.reasons, a.reasons) as reasons
from alerts a
join alert_states s using (alert_id)
left join claims c on c.claim_id = a.claim_id
left join (select alert_id, arg_max(reasons, updated_at) as reasons from alert_updates group by 1) u
    on u.alert_id = a.alert_id
where a.alert_id = $alert
