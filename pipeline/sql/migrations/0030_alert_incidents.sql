-- One incident a claim: an alert's row says how it was raised and never changes; what came after is beside it.

alter table alerts add column if not exists kind varchar default 'rumor';      -- rumor | help | concern, see alert_rules
alter table alerts add column if not exists source varchar default '';         -- of its first post: votes are counted by it
alter table alerts add column if not exists details varchar default '{}';      -- JSON: growth, shares, novelty, gaps, …

create table alert_updates (                     -- how an alert went on; a higher level is told anew
    alert_id   varchar not null,
    updated_at timestamptz not null,
    level      varchar not null,
    observed   integer not null,
    expected   double not null,
    upper      double not null,
    window_minutes integer not null,
    score      double not null,
    voices     integer not null,
    reasons    varchar[] not null,
    post_ids   varchar[] not null,
    primary key (alert_id, updated_at)
);

create table alert_claims (                      -- which claims an alert stands for: its own and those merged into it
    claim_id   varchar not null,
    alert_id   varchar not null,
    why        varchar not null,
    shared     double not null,                  -- share of posts or of rare words in common
    joined_at  timestamptz not null,
    primary key (claim_id, alert_id)
);

insert into alert_claims select claim_id, alert_id, '本说法', 1.0, raised_at from alerts;

create table bursts (                            -- every burst, alerted or not: what the rules are tried on
    series     varchar not null,
    ended_at   timestamptz not null,
    window_minutes integer not null,
    observed   integer not null,
    expected   double not null,
    upper      double not null,
    score      double not null,
    baseline_days double not null,
    claim_id   varchar not null default '',      -- the claim that most of its posts belong to
    share      double not null default 0,        -- that claim's share of the window's posts
    primary key (series, ended_at)
);

create table alert_looks (                       -- a claim's evidence when it was looked at: what the rules are tried on
    claim_id   varchar not null,
    looked_at  timestamptz not null,
    evidence   varchar not null,                 -- JSON, see alert_rules.Evidence
    burst      double not null,                  -- score of its burst, 0 without one
    level      varchar not null,
    raised     boolean not null,
    primary key (claim_id, looked_at)
);

drop table notifications;
create table notifications (                     -- the outbox: who is to be told what, decided with the alert
    notification_id varchar primary key,         -- of alert, level and recipient: once each
    kind       varchar not null,                 -- alert | escalation | heartbeat | none (nobody: why says why)
    alert_id   varchar not null default '',
    level      varchar not null default '',
    recipient  varchar not null default '',
    channels   varchar[] not null,               -- in their order; the rest are fall-backs
    route      varchar not null default '',
    mode       varchar not null,                 -- now | digest | daily | none
    why        varchar not null,                 -- in words: why now, why later, why not
    title      varchar not null default '',
    body       varchar not null default '',
    due_at     timestamptz not null,
    decided_at timestamptz not null
);

create table notification_events (               -- what the sender did: append-only
    event_id   varchar primary key,
    notification_id varchar not null,
    kind       varchar not null,                 -- sent | failed | gave_up
    channel    varchar not null default '',
    body       varchar not null default '{}',    -- JSON: the platform's answer, the message's id, what was merged
    actor      varchar not null,
    recorded_at timestamptz not null
);

create view notification_states as
select
    n.notification_id, n.kind, n.alert_id, n.level, n.recipient, n.route, n.mode, n.why, n.due_at, n.decided_at,
    case when n.mode = 'none' then 'none'
         when e.sent_at is not null then 'sent'
         when e.gave_up_at is not null then 'gave_up'
         when n.mode <> 'now' then 'held'
         else 'pending' end as status,
    coalesce(e.failures, 0) as failures, e.sent_at, e.channel, e.receipt, e.failed_at
from notifications n
left join (
    select notification_id,
        min(recorded_at) filter (kind = 'sent') as sent_at,
        max(recorded_at) filter (kind = 'gave_up') as gave_up_at,
        max(recorded_at) filter (kind = 'failed') as failed_at,
        count(*) filter (kind = 'failed') as failures,
        arg_max(channel, recorded_at) as channel,
        arg_max(body, recorded_at) as receipt
    from notification_events group by 1
) e using (notification_id);

-- What an alert's events add up to. The first to acknowledge has it; the others are recorded and shown.
create view alert_states as
with said as (
    select
        alert_id,
        arg_min(actor, recorded_at) filter (kind = 'acknowledged') as acknowledged_by,
        min(recorded_at) filter (kind = 'acknowledged') as acknowledged_at,
        max(recorded_at) filter (kind = 'acknowledged') as seen_again_at,
        count(distinct actor) filter (kind = 'acknowledged') as acknowledgers,
        max(recorded_at) filter (kind = 'escalated') as escalated_at,
        arg_max(actor, recorded_at) filter (kind = 'escalated') as escalated_by,
        count(*) filter (kind = 'escalated') as escalations,
        max(recorded_at) filter (kind in ('closed', 'false_alarm', 'known')) as settled_at,
        arg_max(kind, recorded_at) filter (kind in ('closed', 'false_alarm', 'known')) as settled_as,
        arg_max(actor, recorded_at) filter (kind in ('closed', 'false_alarm', 'known')) as settled_by,
        max(recorded_at) filter (kind = 'reopened') as reopened_at,
        max(recorded_at) filter (kind = 'muted') as muted_at,
        arg_max(coalesce(try_cast(json_extract_string(body, '$.until') as timestamptz), recorded_at + interval 24 hours),
            recorded_at) filter (kind = 'muted') as mute_ends,
        max(recorded_at) filter (kind = 'unmuted') as unmuted_at
    from alert_events group by 1
), told as (
    select n.alert_id, min(e.recorded_at) as told_at
    from notifications n join notification_events e using (notification_id)
    where e.kind = 'sent' group by 1
), latest as (
    select alert_id, arg_max(level, updated_at) as level, max(updated_at) as updated_at, count(*) as updates
    from alert_updates group by 1
), merged as (
    select alert_id, count(*) as claims from alert_claims group by 1
)
select
    a.alert_id, a.claim_id, a.raised_at, coalesce(l.level, a.level) as level,
    coalesce(l.updated_at, a.raised_at) as updated_at, coalesce(l.updates, 0) as updates,
    coalesce(m.claims, 1) as claims,
    case when s.settled_at is not null and coalesce(s.reopened_at < s.settled_at, true) then 'closed'
         when s.escalated_at is not null and coalesce(s.seen_again_at < s.escalated_at, true) then 'escalated'
         when s.acknowledged_at is not null then 'acknowledged'
         when t.told_at is not null then 'open'
         else 'new' end as state,
    s.acknowledged_by, s.acknowledged_at, coalesce(s.acknowledgers, 0) as acknowledgers,
    s.escalated_at, s.escalated_by, coalesce(s.escalations, 0) as escalations,
    case when coalesce(s.reopened_at < s.settled_at, true) then s.settled_at end as settled_at,
    case when coalesce(s.reopened_at < s.settled_at, true) then s.settled_as end as settled_as,
    case when coalesce(s.reopened_at < s.settled_at, true) then s.settled_by end as settled_by,
    case when coalesce(s.unmuted_at < s.muted_at, true) then s.mute_ends end as muted_until,
    t.told_at
from alerts a
left join said s using (alert_id)
left join told t using (alert_id)
left join latest l using (alert_id)
left join merged m using (alert_id);
