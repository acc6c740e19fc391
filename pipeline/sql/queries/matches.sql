-- name: statements_to_match
select statement_id, title, text from statements order by statement_id

-- name: claims_to_match
select claim_id, text, counties from claims where kind = 'claim' order by claim_id

-- name: forget_matches
delete from statement_matches where list_contains($claims::varchar[], claim_id)
