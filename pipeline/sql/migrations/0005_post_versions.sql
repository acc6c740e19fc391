-- What an edited post said before, masked as it was: an edit is a new version, not a loss.

create table post_versions (
    post_id     varchar not null,
    title       varchar not null,
    text        varchar not null,
    said_from   timestamptz not null,            -- when this wording was first collected, or edited into place
    replaced_at timestamptz not null,            -- when another one was collected
    primary key (post_id, replaced_at)
);
