-- What people's events on claims have moved, so that each is obeyed once and can be taken back.

create table claim_decisions (
    event_id   varchar primary key,
    claim_id   varchar not null,
    kind       varchar not null,                 -- merged | split | undone | detached | renamed | released
    into_id    varchar not null default '',      -- of a merge or split: the claim that took the posts
    undone     boolean not null default false,
    applied_at timestamptz not null
);

create table claim_moves (
    event_id   varchar not null,
    post_id    varchar not null,
    from_claim varchar not null,
    to_claim   varchar not null,
    primary key (event_id, post_id)
);
