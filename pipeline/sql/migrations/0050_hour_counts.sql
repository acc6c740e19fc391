-- Posts by hour, without claims: a few hundred rows an hour at most, so that a trend over weeks of ten million posts is
-- a sum over a small table. Derived; an hour is always counted as a whole.
create table hour_counts (
    hour      timestamptz not null,
    county    varchar not null,                  -- the first that the post names, else its source's
    channel   varchar not null,
    need      varchar not null,                  -- empty: not tagged
    sentiment varchar not null,
    posts     integer not null
);
