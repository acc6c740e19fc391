-- name: batch_of
select rows_done, accepted, duplicates, rejected, finished from batches where batch = $batch

-- name: finished_batch_ids
select batch from batches where finished

-- name: source_names
select source, name from sources

-- name: insert_new_posts
-- incoming_posts is the batch, registered by pipeline.ingest; the posts that were not known come back.
insert or ignore into posts by name select * from incoming_posts returning post_id

-- name: changed_posts
-- Known posts of the batch that say something new. A snapshot older than the first one only fills gaps.
select
    p.post_id,
    (i.text <> p.text and i.collected_at >= p.collected_at) as edited
from incoming_posts i
join posts p using (post_id)
where (i.text <> p.text and i.collected_at >= p.collected_at)
    or (i.deleted_at is not null and p.deleted_at is null)
    or coalesce(i.likes, p.likes) is distinct from p.likes
    or coalesce(i.replies, p.replies) is distinct from p.replies
    or coalesce(i.reposts, p.reposts) is distinct from p.reposts
    or coalesce(i.views, p.views) is distinct from p.views
    or (i.url <> '' and p.url = '')

-- name: update_counts
update posts p set
    likes = case when i.collected_at >= p.collected_at then coalesce(i.likes, p.likes) else coalesce(p.likes, i.likes) end,
    replies = case when i.collected_at >= p.collected_at then coalesce(i.replies, p.replies) else coalesce(p.replies, i.replies) end,
    reposts = case when i.collected_at >= p.collected_at then coalesce(i.reposts, p.reposts) else coalesce(p.reposts, i.reposts) end,
    views = case when i.collected_at >= p.collected_at then coalesce(i.views, p.views) else coalesce(p.views, i.views) end,
    deleted_at = coalesce(p.deleted_at, i.deleted_at),
    url = case when p.url = '' then i.url else p.url end
from incoming_posts i
where p.post_id = i.post_id and p.post_id in (select unnest($ids))

-- name: keep_versions
-- What the posts said until now, before update_texts writes what they say from now on.
insert or ignore into post_versions
select p.post_id, p.title, p.text, coalesce(p.edited_at, p.collected_at), i.collected_at
from posts p
join incoming_posts i using (post_id)
where p.post_id in (select unnest($ids))

-- name: update_texts
update posts p set
    text = i.text,
    title = case when i.title = '' then p.title else i.title end,
    match_text = i.match_text,
    text_hash = i.text_hash,
    places = i.places,
    edited_at = coalesce(i.edited_at, i.collected_at),
    ingested_at = i.ingested_at
from incoming_posts i
where p.post_id = i.post_id and p.post_id in (select unnest($ids))

-- name: forget_tags
delete from tags where post_id in (select unnest($ids))

-- name: forget_embeddings
delete from embeddings where post_id in (select unnest($ids))

-- name: mark_deleted
update posts set deleted_at = coalesce(deleted_at, $deleted_at) where post_id = $post_id

-- name: reject_counts
select reason, count(*) as rejected from rejects group by reason order by rejected desc, reason

-- name: forget_rejects
delete from rejects where reject_id in (select unnest($ids))
