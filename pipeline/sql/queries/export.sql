-- name: export_posts
select
    p.post_id, p.source, p.channel, p.external_id as id, p.url, p.title, p.text, p.published_at, p.precision,
    p.collected_at, p.edited_at, p.deleted_at, p.county, p.places, p.parent_id, p.official,
    p.likes, p.replies, p.reposts, p.views,
    t.sentiment, t.sentiment_score, t.emotion, t.emotion_score, t.need, t.need_score, t.rumor_score,
    t.checkworthy_score, t.stance, t.stance_score, t.model_version, m.claim_id, m.similarity, m.relation
from posts p
left join tags t using (post_id)
left join claim_members m using (post_id)
where p.post_id > $after
order by p.post_id
limit $most

-- name: export_claims
select
    c.claim_id, c.text, c.first_seen, c.last_seen, c.size, c.spreading, c.authors, c.counties, c.channels, c.need,
    c.rumor_score, c.kind, c.recurs, q.entered_at, q.priority, q.deadline, q.deadline_rule, q.start_basis
from claims c
left join queue q using (claim_id)
where c.claim_id > $after
order by c.claim_id
limit $most

-- name: export_alerts
select alert_id, claim_id, raised_at, level, observed, expected, upper, window_minutes, score, trigger, reasons, post_ids
from alerts
where alert_id > $after
order by alert_id
limit $most

-- name: export_ledger
select event_id, claim_id, kind, actor, body, recorded_at
from ledger_events
where event_id > $after
order by event_id
limit $most

-- name: export_rejects
select reject_id, file, line, reason, raw, rejected_at
from rejects
where reject_id > $after
order by reject_id
limit $most
