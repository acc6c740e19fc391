-- The queue as people read it: without what is done, and without a deadline where every deadline was met. A published
-- answer that is not closed yet waits for nothing and is not overdue.

create view queue_open as
select
    q.claim_id, q.entered_at, q.priority, q.deadline_rule, q.start_basis, q.reasons, q.urgent, q.updated_at,
    case when r.state = 'published' and r.due_at is null then null else q.deadline end as deadline
from queue q
left join responses r using (claim_id)
where coalesce(r.state, 'pending') not in ('closed', 'declined');
