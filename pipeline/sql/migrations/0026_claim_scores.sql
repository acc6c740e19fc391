-- A claim's early rumor score: the text's own, what the replies add to it, and the evidence in words.

create table claim_scores (
    claim_id   varchar primary key,
    score      float not null,                   -- 疑似, in [0, 1]; never a verdict
    text_score float not null,                   -- of the members' texts alone
    replies    integer not null,                 -- replies and other posts that ask or deny, official ones left out
    asking     integer not null,
    denying    integer not null,
    evidence   varchar[] not null,               -- Chinese sentences, the weightiest first
    answers    integer not null,                 -- statements that answer, as of then: another number means score again
    known      varchar not null,                 -- verdict of the known rumor that it repeats, or empty
    scored_at  timestamptz not null
);

create table claim_score_history (               -- one row where a score moved visibly, see pipeline.rumor_stage
    claim_id  varchar not null,
    scored_at timestamptz not null,
    score     float not null,
    replies   integer not null,
    primary key (claim_id, scored_at)
);
