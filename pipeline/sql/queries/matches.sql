-- name: statements_to_match
select statement_id, title, text, issuer from statements order by statement_id

-- name: claims_to_match
-- Claims that are live; one that was idle for two weeks keeps the matches it has.
select claim_id, text, counties from claims
where kind = 'claim' and last_seen >= (select max(last_seen) from claims) - interval 14 day
order by claim_id

-- name: forget_matches
delete from statement_matches where claim_id in (select unnest($claims::varchar[]))

-- name: forget_statements
delete from statement_matches where statement_id in (select unnest($statements::varchar[]))

-- name: keep_best_matches
delete from statement_matches
where (claim_id, statement_id) in (
    select (claim_id, statement_id) from statement_matches
    where claim_id in (select unnest($claims::varchar[]))
    qualify row_number() over (partition by claim_id order by score desc, statement_id) > $most
)

-- name: all_matches
select claim_id, statement_id, relation, score from statement_matches order by claim_id, score desc, statement_id
