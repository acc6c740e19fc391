-- The claims of a text that makes several: claim_members has the one that the post counts for, here are all.

create table claim_mentions (
    post_id    varchar not null,
    part       integer not null,                 -- from 1, in the order of the text
    claim_id   varchar not null,
    sentence   varchar not null,
    places     varchar[] not null,               -- no default: a Quack client cannot attach a list constant
    similarity double not null,
    relation   varchar not null,
    reason     varchar not null,
    primary key (post_id, part)
);
