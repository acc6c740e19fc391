-- name: page_noise
-- Clusters that are no claims, the newest first, with why their last member was put there and whether a person let it out.
with page as (
    select c.claim_id, c.kind, c.text, c.size, c.authors, c.first_seen, c.last_seen, c.counties, c.channels,
        count(*) over () as total
    from claims c
    where c.kind <> 'claim' and ($kind = '' or c.kind = $kind)
      and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
      and ($words = '' or contains(lower(c.text), lower($words)))
      and c.last_seen >= $since
    order by case when $sort = 'size' then c.size end desc, c.last_seen desc, c.claim_id
    limit $most offset $skip
)
select
    page.*, m.reason,
    exists (select 1 from claim_events e where e.claim_id = page.claim_id and e.kind = 'released') as released
from page
left join (
    select claim_id, arg_max(reason, joined_at) as reason
    from claim_members
    where claim_id in (select claim_id from page)
    group by claim_id
) m using (claim_id)
order by case when $sort = 'size' then size end desc, last_seen desc, claim_id

-- name: page_noise_kinds
select kind, count(*) as clusters, coalesce(sum(size), 0)::bigint as posts
from claims c
where c.kind <> 'claim' and c.last_seen >= $since
  and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
group by 1
order by posts desc

-- name: page_noise_members
select p.post_id, p.text, p.url, p.channel, p.county, p.published_at, m.reason, m.similarity
from claim_members m join posts p using (post_id)
where m.claim_id = $claim and p.deleted_at is null
order by p.published_at desc, p.post_id
limit $most

-- name: page_noise_counties
select counties from claims where claim_id = $claim
