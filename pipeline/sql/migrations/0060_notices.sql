-- What collection itself has to say: a source that fell silent, a gap in what was fetched, posts that came late.

create table notices (
    notice_id varchar primary key,               -- of kind, source and start: the same finding is one row
    kind      varchar not null,                  -- silence | gap | late | breakage
    source    varchar not null,
    since     timestamptz not null,              -- of the last post before, or of the earliest late post
    raised_at timestamptz not null,
    ended_at  timestamptz,                       -- when the source spoke again
    expected  double not null default 0,         -- posts usual in the time that was silent
    words     varchar not null
);
