-- name: purge_embeddings
delete from embeddings where post_id in (select post_id from posts where published_at < $before)

-- name: purge_versions
delete from post_versions where post_id in (select post_id from posts where published_at < $before)

-- name: purge_posts
delete from posts where published_at < $before

-- name: purge_rejects
delete from rejects where rejected_at < $before

-- name: purge_messages
-- What a message quoted of posts goes with the posts; that it was sent, and to whom, stays.
update notifications set body = '' where decided_at < $before and body <> ''

-- name: count_expired
select
    (select count(*) from posts where published_at < $before) as posts,
    (select count(*) from rejects where rejected_at < $before) as rejects

-- name: store_size
select (select count(*) from posts) as posts, (select count(*) from claims) as claims
