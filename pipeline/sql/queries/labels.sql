-- name: label_candidates
-- Posts that nobody has judged for a field ($again: that one person has, in the random sample), one of equal texts.
-- 'doubtful': the least sure first. 'random': by chance within each label, the labels in turn.
with said as (
    select t.post_id, p.text_hash, t.model_version, t.label, t.score
    from tag_labels t
    join posts p using (post_id)
    where t.field = $field and p.published_at >= $since
        and (len($counties) = 0 or list_has_any(list_concat(p.places, [p.county]), $counties))
),
judged as (
    select post_id, count(distinct actor) as persons, bool_or(sample = 'random') as gold
    from label_events
    where field = $field
    group by post_id
),
open as (
    select s.*
    from said s
    left join judged j using (post_id)
    where if($again, j.persons = 1 and j.gold and s.post_id not in (
            select post_id from label_events where field = $field and actor = $actor), j.post_id is null)
    qualify row_number() over (partition by s.text_hash order by s.post_id) = 1
),
placed as (
    select *, row_number() over (partition by label order by hash(post_id || $seed), post_id) as place
    from open
),
chosen as (
    select post_id, label, score, model_version, row_number() over (order by
        if($sample = 'random', place, 0), if($sample = 'random', 0, score), post_id) as number
    from placed
    qualify number <= $most
)
select c.number, c.post_id, p.source, p.published_at, p.text, c.label, c.score, c.model_version
from chosen c
join posts p using (post_id)
order by c.number

-- name: label_said
-- What the models say of posts (of some counties; none: all), one row a post and field; a post without tags has
-- one row without a field.
select p.post_id, p.county, p.places, t.field, t.label, coalesce(t.model_version, '') as model_version
from posts p
left join tag_labels t using (post_id)
where p.post_id in (select unnest($post_ids))
    and (len($counties) = 0 or list_has_any(list_concat(p.places, [p.county]), $counties))

-- name: label_votes
-- open: ids, labels and who gave them; no text of a post
-- Each person's newest word on each post and field, with what the model had said.
select
    e.event_id, e.post_id, e.field, e.actor, e.new as label, e.old as said, e.reason, e.recorded_at,
    coalesce(e.sample, '') as sample, coalesce(e.model_version, '') as model_version, coalesce(p.source, '') as source
from label_events e
left join posts p using (post_id)
where ($field = '' or e.field = $field)
    and (len($post_ids) = 0 or e.post_id in (select unnest($post_ids)))
qualify row_number() over (
    partition by e.post_id, e.field, e.actor order by e.recorded_at desc, e.event_id desc) = 1
order by e.post_id, e.field, e.actor

-- name: label_texts
select post_id, text from posts where post_id in (select unnest($post_ids))

-- name: label_shares
-- open: numbers of the whole office
-- How often the models say each label of a field, over the posts published since a time.
select t.label, count(*) as posts
from tag_labels t
join posts p using (post_id)
where t.field = $field and p.published_at >= $since
group by t.label
order by t.label

-- name: label_drift
-- open: numbers of the whole office
-- Posts by week (Monday, Asia/Shanghai) and label of a field.
select date_trunc('week', p.published_at at time zone 'Asia/Shanghai')::date as week, t.label, count(*) as posts
from tag_labels t
join posts p using (post_id)
where t.field = $field and p.published_at >= $since
group by week, t.label
order by week, t.label
