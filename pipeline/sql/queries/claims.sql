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
-- Members of the claims that posts may still join or that are wanted whole, and of older ones the first, to know
-- a recurrence by. Of a post that makes several claims, its parts stand in its place.
with told as (
    select
        p.post_id, p.text, p.published_at, p.channel, p.author_hash, p.official, p.parent_id,
        case when len(p.places) = 0 and p.county <> '' then [p.county] else p.places end as places,
        t.need, t.rumor_score, t.checkworthy_score, t.stance, t.stance_score, e.vector,
        p.ingested_at
    from posts p
    join tags t using (post_id)
    left join embeddings e using (post_id)
),
placed as (
    select told.*, m.claim_id, 0 as part
    from claim_members m join told using (post_id)
    anti join claim_mentions using (post_id)
    union all by name
    select told.* replace (
            n.sentence as text, n.places as places, null::float[] as vector, n.post_id || '#' || n.part as post_id
        ), n.claim_id, n.part
    from claim_mentions n join told on told.post_id = n.post_id
)
select placed.* exclude (ingested_at, part), k.kind, k.recurs
from placed join claims k using (claim_id)
where k.last_seen >= $known
qualify k.last_seen >= $active or list_contains($whole::varchar[], claim_id)
    or row_number() over (partition by claim_id order by ingested_at, published_at, post_id) = 1
order by ingested_at, published_at, part, post_id

-- name: newest_claim
select max(last_seen) as last_seen from claims

-- name: undecided_claim_events
select event_id, claim_id, kind, body from claim_events anti join claim_decisions using (event_id)
order by recorded_at, event_id

-- name: claim_renames
select event_id, claim_id, body from claim_events where kind = 'renamed' order by recorded_at, event_id

-- name: posts_of_claim
select post_id from claim_members where claim_id = $claim order by post_id

-- name: posts_with_replies
with recursive taken as (
    select post_id from claim_members where claim_id = $claim and list_contains($posts::varchar[], post_id)
    union
    select m.post_id from claim_members m join posts p using (post_id) join taken t on p.parent_id = t.post_id
    where m.claim_id = $claim
)
select post_id from taken order by post_id

-- name: moves_to_undo
-- Of the event named, else of the claim's last merge or split that stands; only posts that nobody moved on since.
with last as (
    select event_id from claim_decisions
    where kind in ('merged', 'split') and not undone and into_id <> ''
      and (event_id = $event or ($event = '' and claim_id = $claim))
    order by applied_at desc, event_id desc
    limit 1
)
select v.post_id, v.from_claim, v.to_claim
from claim_moves v join last using (event_id) join claim_members m on m.post_id = v.post_id and m.claim_id = v.to_claim
order by v.post_id

-- name: mark_undone
update claim_decisions set undone = true
where event_id = (
    select event_id from claim_decisions
    where kind in ('merged', 'split') and not undone and into_id <> ''
      and (event_id = $event or ($event = '' and claim_id = $claim))
    order by applied_at desc, event_id desc
    limit 1
)

-- name: merged_into
select into_id from claim_decisions
where kind = 'merged' and claim_id = $claim and not undone and into_id <> ''
order by applied_at desc, event_id desc
limit 1

-- name: keep_kind_of_moved
-- The claim that takes the posts gets a row at once, of their kind; its figures are written when the engine has them.
insert into claims
select distinct on (v.to_claim) k.* replace (v.to_claim as claim_id, 0 as size, 0 as spreading, null as recurs)
from claim_moves v join claims k on k.claim_id = v.from_claim
where v.event_id = $event
order by v.to_claim
on conflict do nothing

-- name: move_members
update claim_members set claim_id = v.to_claim
from claim_moves v
where v.event_id = $event and v.post_id = claim_members.post_id

-- name: move_mentions
-- A claim that is merged away takes the parts of texts with it that spoke of it.
update claim_mentions set claim_id = $into where claim_id = $claim

-- name: drop_empty_claims
delete from claims where claim_id not in (select claim_id from claim_members)
and claim_id not in (select claim_id from claim_mentions)
and claim_id in (select from_claim from claim_moves)

-- name: release_claim
update claims set kind = 'claim' where claim_id = $claim

-- name: claim_list
select claim_id, text, first_seen, last_seen, size, spreading, counties, need, rumor_score
from claims
where kind = $kind
order by last_seen desc, claim_id
limit $most

-- name: claims_kept_apart
-- Pairs that a person took apart: posts split off, or a merge taken back.
select claim_id, into_id from claim_decisions where into_id <> '' and (kind = 'split' or (kind = 'merged' and undone))

-- name: claims_known
select claim_id from claims where list_contains($claims::varchar[], claim_id)

-- name: claim_taken_up
-- Whether a claim was alerted, or a person did anything with it.
select 1 as taken from alerts where claim_id = $claim
union all select 1 from claim_events where claim_id = $claim and actor <> $system
union all select 1 from responses where claim_id = $claim and state <> 'pending'
limit 1

-- name: hours_of_claim
select distinct date_trunc('hour', p.published_at) as hour
from claim_members m join posts p using (post_id) where m.claim_id = $claim

-- name: in_queue
select claim_id from queue where claim_id = $claim
