-- name: claims_to_score
-- Live claims with what their score rests on, where any of it changed since it was scored.
with changed as (
    select
        c.claim_id, c.first_seen, c.rumor_score as text_score,
        coalesce(a.answers, 0) as answers, coalesce(k.verdict, '') as known
    from claims c
    left join claim_scores s using (claim_id)
    left join (select claim_id, count(*) as answers from statement_matches where relation = 'answers' group by 1) a
        using (claim_id)
    left join (
        select m.claim_id, arg_max(r.verdict, m.score) as verdict
        from known_rumor_matches m join known_rumors r using (rumor_id)
        where m.relation = 'recurrence'
        group by 1
    ) k using (claim_id)
    where c.kind = 'claim' and c.last_seen >= $now::timestamptz - interval 14 day
      and (s.claim_id is null or c.updated_at > s.scored_at
           or s.answers <> coalesce(a.answers, 0) or s.known <> coalesce(k.verdict, ''))
    order by c.last_seen desc, c.claim_id
    limit $most
)
select
    c.claim_id, c.first_seen, c.text_score, c.answers, c.known,
    count(p.post_id) filter (not p.official and (p.parent_id is not null or m.relation in ('query', 'deny'))) as replies,
    count(p.post_id) filter (not p.official and m.relation = 'query') as asking,
    count(p.post_id) filter (not p.official and m.relation = 'deny') as denying,
    min(p.published_at) filter (not p.official and m.relation in ('query', 'deny')) as doubted_at,
    count(distinct p.source) as sources,
    count(distinct p.channel) as channels,
    count(p.post_id) filter (p.official and m.relation = 'deny') as official_denials,
    count(p.post_id) filter (p.official and m.relation <> 'deny') as official_posts
from changed c
left join claim_members m using (claim_id)
left join posts p on p.post_id = m.post_id and p.deleted_at is null
group by all
order by c.claim_id

-- name: first_reactions
-- The earliest replies to each claim, and other posts that ask or deny; not what officials wrote.
select m.claim_id, p.text
from claim_members m
join posts p using (post_id)
where m.claim_id in (select unnest($claims::varchar[]))
  and not p.official and p.deleted_at is null
  and (p.parent_id is not null or m.relation in ('query', 'deny'))
qualify row_number() over (partition by m.claim_id order by p.published_at, p.post_id) <= $first
order by m.claim_id, p.published_at, p.post_id

-- name: scores_of_claims
select claim_id, score from claim_scores where claim_id in (select unnest($claims::varchar[]))

-- name: claim_rumor_evidence
select score, text_score, replies, asking, denying, evidence, scored_at from claim_scores where claim_id = $claim

-- name: claim_rumor_history
select scored_at, score, replies from claim_score_history where claim_id = $claim order by scored_at

-- name: information_voids
-- Claims that people ask about and that nothing official answers, nor an answer of our own: volume (asking, of all posts),
-- velocity (posts of the last six hours and of the six before), as in WHO's early listening for infodemics.
with unanswered as (
    select c.claim_id, c.text, c.need, c.size, c.authors, c.counties, c.first_seen, c.last_seen
    from claims c
    left join responses r using (claim_id)
    where c.kind = 'claim' and c.need <> 'none' and c.last_seen >= $since
      and coalesce(r.state, 'pending') not in ('published', 'closed', 'declined')
      and (len($scope::varchar[]) = 0 or list_has_any(c.counties, $scope::varchar[]))
      and not exists (
          select 1 from statement_matches x join statements s using (statement_id)
          where x.claim_id = c.claim_id and x.relation = 'answers'
            and s.published_at <= $now and (s.valid_until is null or s.valid_until > $now)
      )
),
asked as (
    select claim_id, count(*) as volume, count(*) filter (relation = 'query') as asking
    from claim_members
    where claim_id in (select claim_id from unanswered)
    group by claim_id
    having count(*) filter (relation = 'query') >= $least_asking
),
pace as (
    select
        claim_id,
        sum(posts) filter (hour >= $now::timestamptz - interval 6 hours)::bigint as last_hours,
        sum(posts) filter (hour < $now::timestamptz - interval 6 hours)::bigint as hours_before
    from counts
    where hour >= $now::timestamptz - interval 12 hours and claim_id <> ''
    group by claim_id
)
select
    u.*, a.volume, a.asking, a.asking / a.volume as question_share,
    coalesce(p.last_hours, 0) as last_hours, coalesce(p.hours_before, 0) as hours_before
from unanswered u
join asked a using (claim_id)
left join pace p using (claim_id)
order by a.asking desc, last_hours desc, u.claim_id
limit $most
