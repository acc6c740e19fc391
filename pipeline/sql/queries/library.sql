-- name: library_size
-- Grows with every import, withdrawal and verdict: a claim looked up under a smaller number is looked up again.
select
    (select count(*) from library_events)
    + (select count(*) from ledger_events where kind = 'verdict') as size

-- name: library_texts
select rumor_id, text, claim_id from known_rumors

-- name: claims_to_look_up
select c.claim_id, c.text
from claims c
left join known_rumor_looks l using (claim_id)
where c.kind = 'claim'
  and c.last_seen >= $now::timestamptz - interval 14 day
  and (l.claim_id is null or l.text <> c.text or l.library <> $library)
order by c.last_seen desc, c.claim_id
limit $most

-- name: forget_known_rumors
delete from known_rumor_matches where claim_id in (select unnest($claims::varchar[]))

-- name: known_rumor_of
-- What is known already of what a claim says, the likest first. No row: nothing like it is in the library.
-- novelty: recurrence (the same again) | variant (a decisive fact differs, named in `difference`).
select
    m.rumor_id, m.relation as novelty, m.score, m.difference,
    k.text, k.verdict, k.issuer, k.url, k.decided_at, k.origin, k.claim_id as earlier_claim
from known_rumor_matches m
join known_rumors k using (rumor_id)
where m.claim_id = $claim
order by (m.relation = 'variant')::integer, m.score desc, m.rumor_id

-- name: library_list
select rumor_id, decided_at, verdict, text, issuer, url, origin
from known_rumors
where $words = '' or contains(lower(text), lower($words))
order by decided_at desc nulls last, rumor_id
limit $most

-- name: library_entry
select rumor_id, text from known_rumors where rumor_id = $rumor_id and origin = 'imported'

-- name: library_ids
select distinct rumor_id from library_events where kind = 'imported'
