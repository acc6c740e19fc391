-- The store from nothing: observed facts (posts, tags), derived rows (claims, counts, alerts) and append-only events.
-- Every key is content-derived, so that running a stage again writes the same rows. Times are UTC. Defaults are
-- constants only: a Quack client copies the tables' definitions when it attaches and knows no functions or sequences.

create table posts (
    post_id        varchar primary key,
    source         varchar not null,
    channel        varchar not null,
    external_id    varchar,
    url            varchar not null default '',
    title          varchar not null default '',
    text           varchar not null,             -- the newest text, masked
    first_text     varchar not null,             -- the text as first seen, masked; differs from text after an edit
    match_text     varchar not null,             -- simplified, lower case, folded: for matching only
    text_hash      varchar not null,             -- of match_text: equal texts share tags
    published_at   timestamptz not null,
    precision      varchar not null default 'second',
    collected_at   timestamptz not null,
    edited_at      timestamptz,
    deleted_at     timestamptz,
    county         varchar not null default '',
    places         varchar[] not null,
    parent_id      varchar,
    author_hash    varchar,
    official       boolean not null default false,
    likes          bigint,
    replies        bigint,
    reposts        bigint,
    views          bigint,
    batch          varchar not null,             -- the spool file or import that brought it
    ingested_at    timestamptz not null
);
create index posts_published on posts (published_at);

create table tags (                              -- a label is null where a text could not be scored
    post_id           varchar primary key,
    sentiment         varchar,
    sentiment_score   float,
    emotion           varchar,
    emotion_score     float,
    need              varchar,
    need_score        float,
    rumor_score       float,
    checkworthy_score float,
    stance            varchar,
    stance_score      float,
    model_version     varchar not null,
    tagged_at         timestamptz not null
);

create table embeddings (
    post_id       varchar primary key,
    vector        float[384] not null,
    model_version varchar not null
);

create table claims (
    claim_id     varchar primary key,
    text         varchar not null,
    first_seen   timestamptz not null,
    last_seen    timestamptz not null,
    size         integer not null,               -- members of any stance
    spreading    integer not null,               -- members that neither deny it nor are official
    authors      integer not null,               -- distinct author hashes among the spreading members
    counties     varchar[] not null,
    channels     varchar[] not null,
    need         varchar not null,
    rumor_score  float not null,
    stake        float not null default 0,       -- health, safety, money, children: 0 to 1, see triage
    kind         varchar not null default 'claim', -- claim | advert | copypasta
    recurs       varchar,                        -- the retired claim that this one repeats
    updated_at   timestamptz not null
);

create table claim_members (
    post_id    varchar primary key,
    claim_id   varchar not null,
    similarity float not null,
    relation   varchar not null,
    reason     varchar not null,
    joined_at  timestamptz not null
);
create index claim_members_claim on claim_members (claim_id);

create table claim_pending (                     -- posts already judged by the claims stage, members or not
    post_id varchar primary key
);

create table counts (
    hour      timestamptz not null,
    claim_id  varchar not null default '',
    county    varchar not null default '',
    channel   varchar not null default '',
    need      varchar not null default '',
    posts     integer not null,
    authors   integer not null,
    primary key (hour, claim_id, county, channel, need)
);

create table statements (
    statement_id varchar primary key,
    text         varchar not null,
    title        varchar not null default '',
    issuer       varchar not null,
    url          varchar not null,
    published_at timestamptz not null,
    valid_until  timestamptz,
    added_by     varchar not null,
    added_at     timestamptz not null
);

create table statement_matches (
    statement_id varchar not null,
    claim_id     varchar not null,
    relation     varchar not null,               -- answers | related
    score        float not null,
    sentence     varchar not null,
    matched_at   timestamptz not null,
    primary key (statement_id, claim_id)
);

create table alerts (
    alert_id   varchar primary key,
    claim_id   varchar not null,
    raised_at  timestamptz not null,
    level      varchar not null,
    observed   integer not null,
    expected   double not null,
    upper      double not null,
    window_minutes integer not null,
    score      double not null,
    trigger    varchar not null,                 -- burst | content | silence
    reasons    varchar[] not null,
    post_ids   varchar[] not null
);

create table notifications (
    notification_id varchar primary key,         -- of alert, level and recipient: once each
    alert_id     varchar not null,
    recipient    varchar not null,
    channel      varchar not null,
    status       varchar not null,               -- pending | sent | failed | held
    attempts     integer not null default 0,
    receipt      varchar not null default '',
    decided_at   timestamptz not null,
    finished_at  timestamptz
);

create table queue (
    claim_id    varchar primary key,
    entered_at  timestamptz not null,
    priority    double not null,
    deadline    timestamptz not null,
    deadline_rule varchar not null,
    start_basis varchar not null,                -- happened | first_seen | assigned
    reasons     varchar not null,                -- JSON: [{"word": …, "weight": …}]
    updated_at  timestamptz not null
);

create table ledger_chain (                      -- the owner's seal on the ledger: hash of the event and of the link before
    position  bigint primary key,
    event_id  varchar not null unique,
    previous  varchar not null,
    hash      varchar not null,
    sealed_at timestamptz not null
);

create table responses (                         -- what the ledger's events add up to, one row a claim; derived, see ledger
    claim_id     varchar primary key,
    state        varchar not null,               -- pending | assigned | drafting | reviewing | published | closed | declined
    county       varchar not null default '',
    department   varchar not null default '',
    emergency    boolean not null default false,
    opened_at    timestamptz not null,
    due_at       timestamptz,                    -- of the unmet deadline that ends first
    due_rule     varchar not null default '',    -- its words: rule, source, start of its clock
    due_basis    varchar not null default '',
    met_late     boolean not null default false, -- a deadline was met after its end
    published_at timestamptz,
    published_url varchar not null default '',
    holds_until  timestamptz,                    -- when the last answer that holds will lapse
    lapsed_at    timestamptz,
    verdict      varchar not null default '',
    decided_by   varchar not null default '',
    reason       varchar not null default '',
    blocked_by   varchar not null default '',
    escalated_to varchar not null default '',
    next_level   integer,                        -- the review level that is awaited
    done_at      timestamptz,
    events       integer not null,
    ignored      integer not null default 0,     -- events that changed nothing, see ledger show
    updated_at   timestamptz not null
);

create table rejects (
    reject_id   varchar primary key,
    file        varchar not null,
    line        bigint not null,
    reason      varchar not null,
    raw         varchar not null,                -- masked and cut to 2,000 characters
    rejected_at timestamptz not null
);

create table batches (                           -- one row per spool file or import: makes both resumable
    batch      varchar primary key,
    path       varchar not null,
    rows_done  bigint not null,
    accepted   bigint not null,
    duplicates bigint not null,
    rejected   bigint not null,
    finished   boolean not null,
    updated_at timestamptz not null
);

create table runs (                              -- one row per crawl of one source
    run_id      varchar primary key,
    source      varchar not null,
    started_at  timestamptz not null,
    finished_at timestamptz not null,
    items       integer not null,
    new_items   integer not null,
    requests    integer not null,
    errors      integer not null,
    status      varchar not null,                -- green | amber | red
    reasons     varchar[] not null,
    stats       varchar not null default '{}'    -- JSON
);

create table sources (                           -- what the source files say, for the pages
    source      varchar primary key,
    name        varchar not null,
    kind        varchar not null,
    url         varchar not null,
    channel     varchar not null,
    county      varchar not null default '',
    official    boolean not null default false,
    every_minutes double not null,
    updated_at  timestamptz not null
);

create table stage_state (                       -- small JSON or binary state of a stage, replaced whole
    stage      varchar primary key,
    state      blob not null,
    updated_at timestamptz not null
);

-- Append-only events: the only tables that clients may write.

create table ledger_events (
    event_id   varchar primary key,
    claim_id   varchar not null,
    kind       varchar not null,                 -- assigned | drafted | submitted | reviewed | published | …; see ledger
    actor      varchar not null,
    body       varchar not null default '{}',    -- JSON, by kind
    recorded_at timestamptz not null
);

create table label_events (
    event_id varchar primary key,
    post_id  varchar not null,
    field    varchar not null,                   -- sentiment | need | rumor | …
    old      varchar not null,
    new      varchar not null,
    reason   varchar not null default '',
    actor    varchar not null,
    recorded_at timestamptz not null
);

create table alert_events (
    event_id varchar primary key,
    alert_id varchar not null,
    kind     varchar not null,                   -- acknowledged | false_alarm | known | muted | escalated | closed
    actor    varchar not null,
    body     varchar not null default '{}',
    recorded_at timestamptz not null
);

create table statement_events (
    event_id     varchar primary key,
    statement_id varchar not null,
    kind         varchar not null,               -- added | withdrawn | superseded
    actor        varchar not null,
    body         varchar not null,               -- JSON: text, title, issuer, url, published_at, valid_until
    recorded_at timestamptz not null
);

create table claim_events (
    event_id varchar primary key,
    claim_id varchar not null,
    kind     varchar not null,                   -- merged | split | renamed
    actor    varchar not null,
    body     varchar not null,                   -- JSON: into, post_ids, text
    recorded_at timestamptz not null
);

create table source_events (
    event_id varchar primary key,
    source   varchar not null,
    kind     varchar not null,                   -- run_now | paused | resumed | urgent | normal
    actor    varchar not null,
    recorded_at timestamptz not null
);

create table audit_events (
    event_id varchar primary key,
    actor    varchar not null,
    action   varchar not null,
    body     varchar not null default '{}',
    recorded_at timestamptz not null
);
