-- name: unplaced_posts
-- In order of arrival. The county of the source stands in where a text names no place.
select
    p.post_id, p.text, p.published_at, p.channel, p.author_hash, p.official, p.parent_id,
    case when len(p.places) = 0 and p.county <> '' then [p.county] else p.places end as places,
    t.need, t.rumor_score, t.checkworthy_score, t.stance, t.stance_score, e.vector
from posts p
join tags t using (post_id)
left join embeddings e using (post_id)
anti join claim_pending c using (post_id)
where p.deleted_at is null
order by p.ingested_at, p.published_at, p.post_id
limit $batch

-- name: placed_posts
select
    p.post_id, p.text, p.published_at, p.channel, p.author_hash, p.official, p.parent_id,
    case when len(p.places) = 0 and p.county <> '' then [p.county] else p.places end as places,
    t.need, t.rumor_score, t.checkworthy_score, t.stance, t.stance_score, e.vector,
    m.claim_id, k.kind
from claim_members m
join claims k using (claim_id)
join posts p using (post_id)
join tags t using (post_id)
left join embeddings e using (post_id)
order by p.ingested_at, p.published_at, p.post_id

-- name: people_on_claims
select event_id, claim_id, kind, body from claim_events order by recorded_at, event_id

-- name: claim_list
select claim_id, text, first_seen, last_seen, size, spreading, counties, need, rumor_score
from claims
where kind = $kind
order by last_seen desc, claim_id
limit $most
