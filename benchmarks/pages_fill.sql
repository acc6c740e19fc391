-- A store of {n} posts over {days} days, {claims} claims: invented, made by SQL for the benchmark of the pages.
create or replace temp macro pick(names, i, salt) as names[1 + (hash(i + salt) % len(names))::int];
create or replace temp macro county(i) as pick(['都匀市', '福泉市', '荔波县', '贵定县', '瓮安县', '独山县', '平塘县', '罗甸县', '长顺县', '龙里县', '惠水县', '三都水族自治县'], i // 3, 0);
create or replace temp macro channel(i) as pick(['论坛', '贴吧', '微博', '新闻评论', '留言板', '问政'], i, 7);
create or replace temp macro need(i) as pick(['none', 'none', 'none', 'problem', 'question', 'help', 'unverified_claim', 'suggestion', 'misunderstanding'], i, 11);
create or replace temp macro moment(i) as now() - to_seconds(({n} - i) * {days} * 86400.0 / {n});
create or replace temp macro claim(i) as 'c' || case when i % 1000 < 10 then 'big' || (i * 20 // {n}) else (i * {claims} // {n})::varchar end;
insert into posts by name select
    md5(i::varchar) as post_id, 's' || (i % 20) as source, channel(i) as channel, 'x' || i as external_id,
    'https://bbs.example/t/' || i as url,
    '第' || i || '条:听说' || county(i) || '水厂停水,家里老人孩子都在等消息,有没有人知道什么时候恢复' as text,
    text as first_text, text as match_text, md5((i % 5000000)::varchar) as text_hash,
    moment(i) as published_at, 'second' as precision, moment(i) + interval 1 minute as collected_at,
    county(i) as county, [county(i)] as places, md5((i % 400000)::varchar) as author_hash, false as official,
    i % 50 as replies, 'b' || (i // 500) as batch, moment(i) + interval 2 minute as ingested_at
from range({n}) t(i);
insert into tags by name select
    md5(i::varchar) as post_id, pick(['negative', 'neutral', 'positive'], i, 5) as sentiment, 0.8 as sentiment_score,
    need(i) as need, 0.9 as need_score, 0.3 as rumor_score, 0.6 as checkworthy_score, 'comment' as stance,
    0.5 as stance_score, 'bench' as model_version, moment(i) + interval 3 minute as tagged_at
from range({n}) t(i);
insert into claim_members by name select
    md5(i::varchar) as post_id, claim(i) as claim_id, 0.9 as similarity,
    ['support', 'support', 'query', 'comment', 'deny'][1 + (i // 10 % 5)::int] as relation, '意思相近' as reason,
    moment(i) + interval 3 minute as joined_at
from range({n}) t(i) where i % 10 < 4;
insert into claim_pending select post_id from posts;
insert into claims by name select
    claim_id, any_value(text) as text, min(published_at) as first_seen, max(published_at) as last_seen,
    count(*)::integer as size, count(*)::integer as spreading,
    approx_count_distinct(author_hash)::integer as authors, list_distinct(list(county))[1:3] as counties,
    list_distinct(list(channel)) as channels,
    case when hash(claim_id) % 3 = 0 then 'question' else 'problem' end as need, 0.3 as rumor_score,
    case when hash(claim_id) % 50 = 0 then 'advert' else 'claim' end as kind, now() as updated_at
from claim_members join posts using (post_id) group by claim_id;
insert into queue by name select
    claim_id, first_seen as entered_at, 0.5 as priority, first_seen + interval 48 hour as deadline,
    '48 小时' as deadline_rule, 'first_seen' as start_basis,
    '[{{"word":"诉求类别","share":0.6,"weight":0.2,"seen":"problem"}}]' as reasons, now() as updated_at
from claims where kind = 'claim' order by last_seen desc limit 3000;
insert into counts by name select
    date_trunc('hour', published_at) as hour, coalesce(claim_id, '') as claim_id, county, channel, need,
    count(*)::integer as posts, count(distinct author_hash)::integer as authors
from posts left join claim_members using (post_id) left join tags using (post_id) group by all;
insert into hour_counts by name select
    date_trunc('hour', published_at) as hour, county, channel, need, sentiment, count(*)::integer as posts
from posts left join tags using (post_id) group by all;
insert into statements by name select
    's' || i as statement_id, '关于停水的通报 ' || i as text, '通报 ' || i as title, '州水务局' as issuer,
    'https://gov.example/' || i as url, now() - to_hours(i::int) as published_at, '采集' as added_by, now() as added_at
from range(2000) t(i);
insert into statement_matches by name select
    's' || (row_number() over () % 2000) as statement_id, claim_id,
    case when hash(claim_id) % 2 = 0 then 'answers' else 'related' end as relation, 0.9 as score,
    '正在抢修' as sentence, now() as matched_at
from claims where hash(claim_id) % 10 = 0;
insert into runs by name select
    'r' || i as run_id, 's' || (i % 20) as source, now() - to_minutes((i * 10)::int) as started_at,
    started_at + interval 1 minute as finished_at, 20 as items, 5 as new_items, 8 as requests, 0 as errors,
    'green' as status, []::varchar[] as reasons
from range(9000) t(i);
insert into sources by name select
    's' || i as source, '来源 ' || i as name, 'forum' as kind, 'https://bbs.example/' as url, '论坛' as channel,
    10.0 as every_minutes, now() as updated_at
from range(20) t(i);
insert into alerts by name select
    'al' || row_number() over () as alert_id, claim_id, last_seen as raised_at, 'orange' as level, 40 as observed,
    3.0 as expected, 8.0 as upper, 60 as window_minutes, 6.0 as score, 'burst' as trigger, ['数量突增'] as reasons,
    []::varchar[] as post_ids
from claims where kind = 'claim' and hash(claim_id) % 200 = 1;
insert into responses by name select
    claim_id, counties[1] as county, first_seen as opened_at, now() as updated_at,
    pick(['pending', 'pending', 'pending', 'assigned', 'drafting', 'reviewing', 'published', 'closed'], row_number() over (), 3) as state,
    case when state = 'pending' then '' else '水务局' end as department,
    case when state in ('published', 'closed') then null else first_seen + interval 48 hour end as due_at,
    case when state in ('published', 'closed') then first_seen + interval 9 hour end as published_at,
    '48 小时内回应,国办发〔2016〕61号,自首次发现起' as due_rule, case when state = 'pending' then 0 else 1 end as events
from claims semi join queue using (claim_id);
insert into ledger_events by name select
    md5(claim_id) as event_id, claim_id, 'assigned' as kind, '李明' as actor, opened_at + interval 1 hour as recorded_at,
    '{{"county":"' || county || '","department":"水务局","note":""}}' as body
from responses where events = 1;
insert into audit_events select 'a' || i, '李明', 'sign_in', '{{}}', now() - to_minutes(i::int) from range(20000) t(i);
