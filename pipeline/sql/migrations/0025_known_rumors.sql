-- The library of known rumors: imported debunks are events, the office's verdicts are the ledger's, and the library
-- is a view over both, so that nothing has to be kept in step.

create table library_events (
    event_id    varchar primary key,
    rumor_id    varchar not null,
    kind        varchar not null,                -- imported | withdrawn
    actor       varchar not null,
    body        varchar not null,                -- JSON: text, verdict, issuer, url, decided_at; or reason
    recorded_at timestamptz not null
);

create table known_rumor_matches (
    claim_id   varchar not null,
    rumor_id   varchar not null,
    relation   varchar not null,                 -- recurrence: the same again | variant: a decisive fact differs
    score      float not null,                   -- probability of the same claim, in [0, 1]
    difference varchar not null default '',      -- of a variant, in Chinese words
    matched_at timestamptz not null,
    primary key (claim_id, rumor_id)
);

create table known_rumor_looks (                 -- claims compared already, with what text and how large a library
    claim_id  varchar primary key,
    text      varchar not null,
    library   bigint not null                    -- how many library events and verdicts there were
);

create view known_rumors as
select
    rumor_id,
    json_extract_string(body, '$.text') as text,
    json_extract_string(body, '$.verdict') as verdict,
    json_extract_string(body, '$.issuer') as issuer,
    json_extract_string(body, '$.url') as url,
    nullif(json_extract_string(body, '$.decided_at'), '')::timestamptz as decided_at,
    'imported' as origin,
    '' as claim_id,
    recorded_at as added_at
from library_events e
where kind = 'imported'
  and not exists (select 1 from library_events w where w.kind = 'withdrawn' and w.rumor_id = e.rumor_id)
union all
select
    'v' || e.claim_id,
    c.text,
    json_extract_string(arg_max(e.body, e.recorded_at), '$.value'),
    json_extract_string(arg_max(e.body, e.recorded_at), '$.source'),
    coalesce(json_extract_string(arg_max(e.body, e.recorded_at), '$.source_url'), ''),
    max(e.recorded_at),
    'office',
    e.claim_id,
    max(e.recorded_at)
from ledger_events e
join claims c on c.claim_id = e.claim_id
where e.kind = 'verdict'
group by e.claim_id, c.text;
