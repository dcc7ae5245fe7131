-- Triggers: what shall happen elsewhere when a tag moves or a build ends, and what became of it. A push touches none of these
-- tables: it writes its event, and whoever reads events does the rest.

CREATE TABLE clusters (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    -- What people choose by: `eu-west`.
    region TEXT NOT NULL,
    -- `kubeconfig`, `token`, `in_cluster`.
    method TEXT NOT NULL,
    -- `https://10.0.0.1:6443`.
    server TEXT NOT NULL,
    -- PEM.
    ca TEXT,
    -- JSON: what may be shown of the credential. The credential itself is a secret of the row.
    credential TEXT NOT NULL,
    -- What its nodes call this registry: `registry.example:5000`.
    registry_host TEXT NOT NULL,
    -- `unchecked`, `reachable`, `failing`.
    state TEXT NOT NULL,
    problem TEXT,
    problem_detail TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    checked_at BIGINT,
    -- What the cluster calls its version, once it told.
    server_version TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Which namespaces of a cluster a namespace may use; without a row, none.
CREATE TABLE cluster_grants (
    id TEXT PRIMARY KEY,
    cluster_id TEXT NOT NULL REFERENCES clusters (id) ON DELETE CASCADE,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    kube_namespace TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (cluster_id, namespace_id, kube_namespace)
);
CREATE INDEX cluster_grants_by_namespace ON cluster_grants (namespace_id);

CREATE TABLE triggers (
    id TEXT PRIMARY KEY,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    -- NULL for one of the namespace itself.
    repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    -- JSON lists: kinds of events, and names of build rules (of none: all).
    events TEXT NOT NULL,
    rules TEXT NOT NULL,
    condition_kind TEXT NOT NULL,
    condition_text TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    -- What happened earlier does not concern it.
    active_since BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX triggers_of_repository ON triggers (repository_id, name) WHERE repository_id IS NOT NULL;
CREATE UNIQUE INDEX triggers_of_namespace ON triggers (namespace_id, name) WHERE repository_id IS NULL;
CREATE INDEX triggers_by_namespace ON triggers (namespace_id);

-- Its secrets (address, values of headers, signing key) are one secret of the row.
CREATE TABLE trigger_actions (
    id TEXT PRIMARY KEY,
    trigger_id TEXT NOT NULL REFERENCES triggers (id) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    -- `workload`, `webhook`, `message`, `mail`.
    kind TEXT NOT NULL,
    -- What may be shown of where it goes: `hooks.example:8443`, `production/web/deployment/api/app`.
    label TEXT NOT NULL,
    -- Whose places it takes while it is sent: a host, a cluster.
    lane TEXT NOT NULL,
    -- What is kept in order: the container of a workload, else the action itself.
    target TEXT NOT NULL,
    cluster_id TEXT REFERENCES clusters (id) ON DELETE SET NULL,
    -- `active`, `disabled`.
    state TEXT NOT NULL,
    problem TEXT,
    problem_detail TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    -- JSON.
    definition TEXT NOT NULL
);
CREATE INDEX trigger_actions_by_trigger ON trigger_actions (trigger_id, position);
CREATE INDEX trigger_actions_by_cluster ON trigger_actions (cluster_id) WHERE cluster_id IS NOT NULL;

-- What one event makes one action do. Names are copied: the log outlives what it tells of.
CREATE TABLE trigger_deliveries (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    trigger_id TEXT NOT NULL,
    action_id TEXT NOT NULL,
    namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
    repository_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    trigger_name TEXT NOT NULL,
    condition_kind TEXT NOT NULL,
    condition_text TEXT NOT NULL,
    action_kind TEXT NOT NULL,
    action_label TEXT NOT NULL,
    event_kind TEXT NOT NULL,
    by_hand BOOLEAN NOT NULL,
    actor TEXT NOT NULL,
    tag TEXT,
    digest TEXT,
    lane TEXT NOT NULL,
    target TEXT NOT NULL,
    -- Target, repository and tag: the oldest that is not over goes first.
    order_key TEXT NOT NULL,
    state TEXT NOT NULL,
    -- Why it ended, or waits again: a key of the message catalogue, and what it was about.
    reason TEXT,
    detail TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    -- Of those, the ones since it was last sent on its way: the waits between them grow.
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- NULL once it is over.
    next_at BIGINT,
    -- The same of those that nothing older of their order is before; NULL for what is behind in a line, so that whoever looks
    -- for what is due does not look at lines.
    due_at BIGINT,
    give_up_at BIGINT NOT NULL,
    -- When the workload took the new image.
    patched_at BIGINT,
    -- When it was first known that the workload has it, patched or found there; stays when it is sent again.
    reached_at BIGINT,
    ended_at BIGINT,
    -- Who is at it now; nobody while it waits or a rollout is followed.
    lease_owner TEXT,
    lease_beat BIGINT,
    fence BIGINT NOT NULL,
    -- JSON: what the rollout looked like when it was last looked at.
    progress TEXT,
    -- JSON: the event.
    facts TEXT NOT NULL,
    UNIQUE (event_id, trigger_id, action_id)
);
CREATE INDEX trigger_deliveries_due ON trigger_deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX trigger_deliveries_open_of_action ON trigger_deliveries (action_id, event_id) WHERE next_at IS NOT NULL;
CREATE INDEX trigger_deliveries_ended ON trigger_deliveries (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX trigger_deliveries_in_order ON trigger_deliveries (order_key, event_id) WHERE next_at IS NOT NULL;
CREATE INDEX trigger_deliveries_leased ON trigger_deliveries (lease_owner) WHERE lease_owner IS NOT NULL;
CREATE INDEX trigger_deliveries_reached ON trigger_deliveries (target, event_id) WHERE reached_at IS NOT NULL;
CREATE INDEX trigger_deliveries_by_repository ON trigger_deliveries (repository_id, id);
CREATE INDEX trigger_deliveries_by_namespace ON trigger_deliveries (namespace_id, id);
CREATE INDEX trigger_deliveries_by_action ON trigger_deliveries (trigger_id, action_id, id);

CREATE TABLE trigger_attempts (
    delivery_id TEXT NOT NULL REFERENCES trigger_deliveries (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    -- `delivered`, `retry`, `refused`, `gone`, `patched`, `unchanged`, `superseded`, `interrupted`, …
    outcome TEXT NOT NULL,
    status BIGINT,
    reason TEXT,
    detail TEXT NOT NULL,
    -- JSON: how long each part took.
    timings TEXT NOT NULL,
    -- JSON, of the first attempt and the last ones, until the log's days are over.
    request TEXT,
    response TEXT,
    PRIMARY KEY (delivery_id, number)
) {clustered};
CREATE INDEX trigger_attempts_with_bodies ON trigger_attempts (started_at) WHERE request IS NOT NULL;
