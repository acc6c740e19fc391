-- name: effect_hours
-- A claim's posts of the public by hours before (negative) and after an answer, and by stance. Officials do not count.
select floor(epoch(p.published_at - $answered::timestamptz) / 3600)::integer as hour, m.relation, count(*) as posts
from claim_members m join posts p using (post_id)
where m.claim_id = $claim and not p.official and p.deleted_at is null
    and p.published_at >= $since and p.published_at < $until
group by all
order by 1, 2

-- name: effect_questions
-- What is still asked after an answer, equal texts together.
select any_value(p.text) as text, count(*) as posts, min(p.published_at) as first_seen
from claim_members m join posts p using (post_id)
where m.claim_id = $claim and m.relation = 'query' and not p.official and p.deleted_at is null
    and p.published_at >= $answered and p.published_at < $until
group by p.text_hash
order by posts desc, first_seen
limit $most

-- name: effect_recurrence
-- Claims that repeat this one after it was retired.
select claim_id, text, first_seen, size from claims where recurs = $claim and first_seen < $until order by first_seen

-- name: answered_between
-- Claims whose newest answer was published in a stretch of time.
select r.claim_id, coalesce(c.text, '') as text, r.county, r.department, r.published_at, r.published_url, c.first_seen
from responses r left join claims c using (claim_id)
where r.published_at >= $since and r.published_at < $until
    and (len($counties::varchar[]) = 0 or list_has_any(coalesce(c.counties, []), $counties::varchar[]))
order by r.published_at, r.claim_id
