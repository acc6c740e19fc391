-- name: drafting_claim
select claim_id, text, first_seen, counties, need from claims where claim_id = $claim

-- name: drafting_statements
-- Official words on a claim that still hold, the best match first.
select s.statement_id, s.title, s.text, s.issuer, s.url, s.published_at, m.sentence, m.relation, m.score
from statement_matches m join statements s using (statement_id)
where m.claim_id = $claim and (s.valid_until is null or s.valid_until > $now)
    and not exists (select 1 from statement_events e
        where e.statement_id = s.statement_id and e.kind in ('withdrawn', 'superseded'))
order by m.relation, m.score desc
limit $most

-- name: drafting_posts
-- What the public says under a claim, equal texts together, the most repeated first.
select any_value(p.text) as text, m.relation, count(*) as posts
from claim_members m join posts p using (post_id)
where m.claim_id = $claim and not p.official and p.deleted_at is null
group by p.text_hash, m.relation
order by posts desc, text
limit $most

-- name: drafting_verdicts
select body, actor, recorded_at from ledger_events where claim_id = $claim and kind = 'verdict' order by recorded_at
