-- name: untagged_posts
select p.post_id, p.text, p.text_hash, p.ingested_at
from posts p
anti join (select post_id from tags) t using (post_id)
where p.ingested_at >= $since
order by p.ingested_at, p.post_id
limit $batch

-- name: tags_of_texts
select distinct on (p.text_hash) p.text_hash, t.* exclude (post_id, tagged_at), e.vector
from posts p
join tags t using (post_id)
join embeddings e using (post_id)
where p.text_hash in (select unnest($hashes)) and t.model_version = $model_version
