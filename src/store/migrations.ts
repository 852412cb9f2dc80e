/** Every version of the schema as SQL that PGlite and PostgreSQL both take. A version that was released is never edited. */

export type Migration = { readonly version: number; readonly statements: readonly string[] };

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE generations (
        id text PRIMARY KEY,
        request_key text NOT NULL,
        request_index integer NOT NULL,
        kind text NOT NULL,
        parent_id text,
        parent_picture_index integer,
        prompt text NOT NULL,
        options jsonb NOT NULL,
        seed bigint NOT NULL,
        model text NOT NULL,
        model_hash text NOT NULL,
        status text NOT NULL CHECK (status IN ('queued', 'drawing', 'drawn', 'failed', 'cancelled', 'removed')),
        error_code text,
        platform text NOT NULL,
        tenant text NOT NULL,
        channel text NOT NULL,
        user_id text NOT NULL,
        roles jsonb NOT NULL,
        is_private boolean NOT NULL,
        target jsonb NOT NULL,
        is_kept boolean NOT NULL,
        created_at_ms bigint NOT NULL,
        started_at_ms bigint,
        finished_at_ms bigint,
        CONSTRAINT generations_request UNIQUE (platform, request_key, request_index)
      )`,
      'CREATE INDEX generations_by_user ON generations (platform, user_id, id)',
      'CREATE INDEX generations_by_channel ON generations (platform, tenant, channel, id)',
      'CREATE INDEX generations_by_tenant ON generations (platform, tenant, id)',
      'CREATE INDEX generations_by_parent ON generations (parent_id) WHERE parent_id IS NOT NULL',
      `CREATE INDEX generations_unfinished ON generations (id) WHERE status IN ('queued', 'drawing')`,
      `CREATE TABLE slots (
        generation_id text NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
        picture_index integer NOT NULL,
        state text NOT NULL CHECK (state IN ('waiting', 'drawing', 'drawn', 'failed', 'cancelled')),
        attempts integer NOT NULL,
        claim text,
        ids bytea,
        blob_key text,
        size_bytes bigint,
        width_px integer,
        height_px integer,
        draw_ms double precision,
        engine_ms double precision,
        error_code text,
        drawn_at_ms bigint,
        PRIMARY KEY (generation_id, picture_index)
      )`,
      `CREATE INDEX slots_unfinished ON slots (generation_id, picture_index) WHERE state IN ('waiting', 'drawing')`,
      'CREATE INDEX slots_by_blob ON slots (blob_key) WHERE blob_key IS NOT NULL',
      'CREATE INDEX slots_by_age ON slots (drawn_at_ms) WHERE blob_key IS NOT NULL',
      `CREATE TABLE ledger (
        generation_id text PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('reserved', 'settled', 'refunded')),
        platform text NOT NULL,
        tenant text NOT NULL,
        channel text NOT NULL,
        user_id text NOT NULL,
        model text NOT NULL,
        pictures integer NOT NULL,
        engine_ms double precision NOT NULL,
        reserved_at_ms bigint NOT NULL,
        closed_at_ms bigint
      )`,
      'CREATE INDEX ledger_by_user ON ledger (platform, user_id, reserved_at_ms)',
      `CREATE TABLE outbox (
        generation_id text PRIMARY KEY REFERENCES generations (id) ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('due', 'placeholder', 'posting', 'posted', 'refunded', 'removed')),
        is_ready boolean NOT NULL,
        platform text NOT NULL,
        channel text NOT NULL,
        message_id text,
        attempts integer NOT NULL,
        next_attempt_at_ms bigint NOT NULL,
        created_at_ms bigint NOT NULL
      )`,
      'CREATE INDEX outbox_ready ON outbox (next_attempt_at_ms, generation_id) WHERE is_ready',
      `CREATE TABLE deliveries (
        platform text NOT NULL,
        channel text NOT NULL,
        message_id text NOT NULL,
        generation_id text NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
        PRIMARY KEY (platform, channel, message_id)
      )`,
      'CREATE INDEX deliveries_by_generation ON deliveries (generation_id)',
      `CREATE TABLE settings (
        platform text NOT NULL,
        user_id text NOT NULL,
        settings jsonb NOT NULL,
        PRIMARY KEY (platform, user_id)
      )`,
      `CREATE TABLE presets (
        platform text NOT NULL,
        user_id text NOT NULL,
        name text NOT NULL,
        options jsonb NOT NULL,
        PRIMARY KEY (platform, user_id, name)
      )`,
    ],
  },
  {
    version: 2,
    statements: [
      `CREATE TABLE reactions (
        platform text NOT NULL,
        channel text NOT NULL,
        message_id text NOT NULL,
        user_id text NOT NULL,
        emoji text NOT NULL,
        generation_id text NOT NULL REFERENCES generations (id) ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('open', 'done')),
        request_key text NOT NULL,
        at_ms bigint NOT NULL,
        PRIMARY KEY (platform, channel, message_id, user_id, emoji)
      )`,
      'CREATE INDEX reactions_by_generation ON reactions (generation_id, emoji)',
      'CREATE INDEX reactions_by_user ON reactions (platform, user_id)',
      `CREATE TABLE gallery (
        generation_id text PRIMARY KEY REFERENCES generations (id) ON DELETE CASCADE,
        state text NOT NULL CHECK (state IN ('due', 'posted', 'leaving')),
        platform text NOT NULL,
        tenant text NOT NULL,
        channel text NOT NULL,
        message_id text,
        user_id text NOT NULL,
        attempts integer NOT NULL,
        next_attempt_at_ms bigint NOT NULL
      )`,
      `CREATE INDEX gallery_ready ON gallery (next_attempt_at_ms, generation_id) WHERE state <> 'posted'`,
    ],
  },
  {
    version: 3,
    statements: [
      `CREATE TABLE claims (
        key text PRIMARY KEY,
        holder text NOT NULL,
        begun_at_ms bigint NOT NULL,
        done_at_ms bigint
      )`,
      'CREATE INDEX claims_by_age ON claims (begun_at_ms)',
    ],
  },
  {
    version: 4,
    statements: [
      `CREATE TABLE sign_in_links (
        secret_hash text PRIMARY KEY,
        via text NOT NULL CHECK (via IN ('link', 'web', 'host')),
        platform text NOT NULL,
        tenant text NOT NULL,
        user_id text NOT NULL,
        name text NOT NULL,
        expires_at_ms bigint NOT NULL,
        used_by text
      )`,
      `CREATE TABLE sign_ins (
        token_hash text PRIMARY KEY,
        id text NOT NULL UNIQUE,
        via text NOT NULL CHECK (via IN ('link', 'web', 'host')),
        platform text NOT NULL,
        tenant text NOT NULL,
        user_id text NOT NULL,
        name text NOT NULL,
        created_at_ms bigint NOT NULL,
        expires_at_ms bigint NOT NULL
      )`,
      'CREATE INDEX sign_ins_by_place ON sign_ins (platform, tenant)',
    ],
  },
  {
    // Limits: rules, what is counted for them by day, and who changed what. Days that were not written down are those of UTC.
    version: 5,
    statements: [
      'ALTER TABLE ledger ADD COLUMN day date, ADD COLUMN host_day date',
      `UPDATE ledger SET day = (to_timestamp(reserved_at_ms / 1000) AT TIME ZONE 'UTC')::date,
        host_day = (to_timestamp(reserved_at_ms / 1000) AT TIME ZONE 'UTC')::date`,
      'ALTER TABLE ledger ALTER COLUMN day SET NOT NULL, ALTER COLUMN host_day SET NOT NULL',
      'CREATE INDEX ledger_by_tenant ON ledger (platform, tenant, reserved_at_ms)',
      'CREATE INDEX ledger_by_time ON ledger (reserved_at_ms)',
      "CREATE INDEX generations_unfinished_by_user ON generations (platform, user_id) WHERE status IN ('queued', 'drawing')",
      `CREATE TABLE usage_days (
        kind text NOT NULL CHECK (kind IN ('user', 'channel', 'model', 'tenant', 'host')),
        platform text NOT NULL,
        tenant text NOT NULL,
        key text NOT NULL,
        day date NOT NULL,
        channel text NOT NULL,
        requests integer NOT NULL,
        pictures integer NOT NULL,
        engine_ms double precision NOT NULL,
        PRIMARY KEY (kind, platform, tenant, key, day, channel)
      )`,
      "CREATE INDEX usage_days_of_person ON usage_days (platform, key, day) WHERE kind = 'user'",
      'CREATE INDEX usage_days_by_day ON usage_days (kind, day)',
      `INSERT INTO usage_days (kind, platform, tenant, key, day, channel, requests, pictures, engine_ms)
        SELECT u.kind, u.platform, u.tenant, u.key, u.day, u.channel, count(*), sum(l.pictures), sum(l.engine_ms)
        FROM ledger l CROSS JOIN LATERAL (VALUES
          ('user', l.platform, l.tenant, l.user_id, l.day, l.channel),
          ('channel', l.platform, l.tenant, l.channel, l.day, ''),
          ('model', l.platform, l.tenant, l.model, l.day, ''),
          ('tenant', l.platform, l.tenant, '', l.day, ''),
          ('host', '', '', '', l.host_day, '')
        ) AS u(kind, platform, tenant, key, day, channel)
        WHERE l.state <> 'refunded' GROUP BY 1, 2, 3, 4, 5, 6`,
      `CREATE TABLE wait_days (
        platform text NOT NULL,
        tenant text NOT NULL,
        day date NOT NULL,
        step integer NOT NULL,
        jobs integer NOT NULL,
        wait_ms double precision NOT NULL,
        PRIMARY KEY (platform, tenant, day, step)
      )`,
      `CREATE TABLE refusal_days (
        platform text NOT NULL,
        tenant text NOT NULL,
        day date NOT NULL,
        rule_id text NOT NULL,
        code text NOT NULL,
        is_shadow boolean NOT NULL,
        refusals integer NOT NULL,
        PRIMARY KEY (platform, tenant, day, rule_id, code, is_shadow)
      )`,
      `CREATE TABLE last_refusals (
        platform text NOT NULL,
        tenant text NOT NULL,
        user_id text NOT NULL,
        at_ms bigint NOT NULL,
        code text NOT NULL,
        message text NOT NULL,
        details jsonb NOT NULL,
        PRIMARY KEY (platform, tenant, user_id)
      )`,
      'CREATE TABLE limit_rules (id text PRIMARY KEY, rule jsonb NOT NULL)',
      `CREATE TABLE limit_grants (
        id text PRIMARY KEY,
        platform text NOT NULL,
        user_id text NOT NULL,
        granted jsonb NOT NULL,
        created_at_ms bigint NOT NULL
      )`,
      `CREATE TABLE limit_settings (
        platform text NOT NULL,
        tenant text NOT NULL,
        settings jsonb NOT NULL,
        PRIMARY KEY (platform, tenant)
      )`,
      `CREATE TABLE limit_audit (
        id text PRIMARY KEY,
        platform text NOT NULL,
        tenant text NOT NULL,
        at_ms bigint NOT NULL,
        by_platform text NOT NULL,
        by_user text NOT NULL,
        action text NOT NULL,
        changes jsonb NOT NULL,
        jobs integer NOT NULL,
        undone_by text
      )`,
      'CREATE INDEX limit_audit_of_tenant ON limit_audit (platform, tenant, id)',
      // What limits count. A function, since its plans are made once: planning twenty counts takes longer than counting. Volatile,
      // so that each count sees what was committed before it and not before the lock was waited for.
      `CREATE FUNCTION easel_used(checks jsonb) RETURNS SETOF double precision
        LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
        DECLARE
          c record;
          used double precision;
        BEGIN
          FOR c IN SELECT * FROM jsonb_to_recordset(checks) AS r(span text, measure text, kind text, platform text, tenant text, key text,
            channel text, from_day date, to_day date, from_ms bigint, to_ms bigint, most bigint)
          LOOP
            IF c.span = 'days' AND c.tenant IS NOT NULL THEN
              SELECT coalesce(sum(CASE c.measure WHEN 'engineMs' THEN u.engine_ms ELSE u.pictures END), 0) INTO used FROM usage_days u
              WHERE u.kind = c.kind AND u.platform = c.platform AND u.tenant = c.tenant AND u.key = c.key
                AND u.day BETWEEN c.from_day AND c.to_day AND (c.channel IS NULL OR u.channel = c.channel);
            ELSIF c.span = 'days' THEN
              SELECT coalesce(sum(CASE c.measure WHEN 'engineMs' THEN u.engine_ms ELSE u.pictures END), 0) INTO used FROM usage_days u
              WHERE u.kind = 'user' AND u.platform = c.platform AND u.key = c.key AND u.day BETWEEN c.from_day AND c.to_day;
            ELSIF c.span = 'sliding' AND c.kind = 'user' THEN
              SELECT coalesce(sum(CASE c.measure WHEN 'engineMs' THEN l.engine_ms WHEN 'requests' THEN 1 ELSE l.pictures END), 0) INTO used
              FROM ledger l WHERE l.platform = c.platform AND l.user_id = c.key AND l.reserved_at_ms > c.from_ms AND l.reserved_at_ms < c.to_ms
                AND l.pictures > 0 AND (c.tenant IS NULL OR l.tenant = c.tenant) AND (c.channel IS NULL OR l.channel = c.channel);
            ELSIF c.span = 'sliding' AND c.kind <> 'host' THEN
              SELECT coalesce(sum(CASE c.measure WHEN 'engineMs' THEN l.engine_ms WHEN 'requests' THEN 1 ELSE l.pictures END), 0) INTO used
              FROM ledger l WHERE l.platform = c.platform AND l.tenant = c.tenant AND l.reserved_at_ms > c.from_ms AND l.reserved_at_ms < c.to_ms
                AND l.pictures > 0 AND (c.channel IS NULL OR l.channel = c.channel);
            ELSIF c.span = 'sliding' THEN
              SELECT coalesce(sum(CASE c.measure WHEN 'engineMs' THEN l.engine_ms ELSE l.pictures END), 0) INTO used
              FROM ledger l WHERE l.reserved_at_ms > c.from_ms AND l.reserved_at_ms < c.to_ms AND l.pictures > 0;
            ELSIF c.kind = 'user' THEN
              SELECT count(*) INTO used FROM (SELECT 1 FROM generations g WHERE g.status IN ('queued', 'drawing')
                AND g.platform = c.platform AND g.user_id = c.key AND (c.tenant IS NULL OR g.tenant = c.tenant)
                AND (c.channel IS NULL OR g.channel = c.channel) LIMIT c.most) AS unfinished;
            ELSE
              SELECT count(*) INTO used FROM (SELECT 1 FROM generations g WHERE g.status IN ('queued', 'drawing')
                AND (c.kind = 'host' OR (g.platform = c.platform AND g.tenant = c.tenant))
                AND (c.channel IS NULL OR g.channel = c.channel) LIMIT c.most) AS unfinished;
            END IF;
            RETURN NEXT CASE c.measure WHEN 'requests' THEN least(1, used) ELSE used END;
          END LOOP;
        END $$`,
    ],
  },
];

/** What this Easel writes. A database of a later one is refused. */
export const SCHEMA_VERSION = MIGRATIONS.length;
