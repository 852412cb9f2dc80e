// What the server and the admin page say to each other: plain data, no imports, so that both sides hold the same types.

/** For whom a rule holds; ids as the platform has them. */
export type WireScope =
  | { readonly kind: 'host' }
  | { readonly kind: 'tenant'; readonly platform: string; readonly tenant: string }
  | { readonly kind: 'channel'; readonly platform: string; readonly tenant: string; readonly channel: string }
  | { readonly kind: 'role'; readonly platform: string; readonly tenant: string; readonly role: string }
  | { readonly kind: 'user'; readonly platform: string; readonly tenant: string | null; readonly user: string };

export type WireRuleBody = {
  readonly id: string;
  readonly scope: WireScope;
  readonly limit: string;
  readonly value: unknown;
  readonly countedPer: string;
  readonly mode: string;
};

export type WireBar = {
  readonly limit: string;
  readonly countedPer: string;
  readonly used: number;
  readonly max: number;
  readonly left: number;
  readonly backAtMs: number | null;
};

export type WireStep = {
  readonly rule: WireRuleBody | null;
  readonly scopeName: string;
  readonly outcome: 'passes' | 'refuses' | 'overridden' | 'shadow';
  readonly used: number | null;
  readonly max: number | null;
  readonly passesAtMs: number | null;
};

export type WireSettings = {
  readonly timeZone: string | null;
  readonly galleryChannel: string | null;
  readonly blockedWords: {
    readonly defaultList: boolean;
    readonly words: readonly string[];
    readonly allowed: readonly string[];
  };
};

export type WirePlan = { readonly name: string; readonly needs: readonly string[] };

export type WirePlace = { readonly platform: string; readonly tenant: string; readonly name: string };

export type WireMe = {
  readonly id: string;
  readonly name: string;
  readonly isHost: boolean;
  readonly place: WirePlace;
  /** To choose from, for the host; else only one's own. */
  readonly places: readonly WirePlace[];
  readonly version: string;
};

export type WireSignIn = {
  readonly id: string;
  readonly name: string;
  readonly via: 'link' | 'web' | 'host';
  readonly place: WirePlace;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly isMine: boolean;
};

export type WireJob = {
  readonly id: string;
  readonly state: 'queued' | 'painting' | 'waiting' | 'paused';
  /** 1: the next one; null: not known, or being painted. */
  readonly place: number | null;
  readonly doneShare: number;
  readonly secondsLeft: number | null;
  readonly who: WireName;
  /** null: private. */
  readonly prompt: string | null;
  readonly pictures: number;
  readonly createdAtMs: number;
};

export type WireName = { readonly id: string; readonly name: string };

export type WireWorker = {
  readonly state: string;
  readonly device: string | null;
  readonly model: string;
  readonly slots: number | null;
  readonly msPerPicture: number | null;
  readonly memoryBytes: number | null;
};

export type WireLive = {
  readonly paused: { readonly here: boolean; readonly everywhere: boolean };
  readonly jobs: readonly WireJob[];
  /** Of this place beyond those, and of all places. */
  readonly more: number;
  readonly counts: { readonly waiting: number; readonly drawing: number };
  readonly workers: readonly WireWorker[];
};

/** A row that was painted. */
export type WireGlimpse = {
  readonly id: string;
  readonly pictureIndex: number;
  /** Base64. */
  readonly png: string;
  readonly doneShare: number;
};

export type WireRule = { readonly rule: WireRuleBody; readonly scopeName: string };

export type WireLimits = {
  readonly rules: readonly WireRule[];
  readonly settings: WireSettings;
  readonly plans: readonly WirePlan[];
  readonly people: readonly WireName[];
  readonly roles: readonly WireName[];
  readonly channels: readonly WireName[];
};

export type WireWhy = {
  readonly who: WireName;
  readonly allowed: boolean;
  readonly reason: string | null;
  readonly last: { readonly atMs: number; readonly reason: string } | null;
  readonly chain: readonly WireStep[];
  readonly bars: readonly WireBar[];
  readonly timeZone: string;
};

/** "12 of the 80 people who drew this month are above this." */
export type WireLimitPreview = {
  readonly countedPer: string;
  readonly active: number;
  /** null: nothing is counted for this limit. */
  readonly above: number | null;
  readonly before: WireRuleBody | null;
};

export type WireUsage = {
  readonly from: string;
  readonly to: string;
  /** Pictures and seconds of each day, oldest first, days without any included. */
  readonly days: readonly { readonly day: string; readonly pictures: number; readonly gpuSeconds: number }[];
  readonly people: readonly WireShare[];
  readonly channels: readonly WireShare[];
  readonly models: readonly WireShare[];
  /** For the host alone. */
  readonly tenants: readonly WireShare[];
  readonly refusals: readonly { readonly reason: string; readonly shadow: boolean; readonly refusals: number }[];
  readonly waits: readonly {
    readonly day: string;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly jobs: number;
  }[];
};

export type WireShare = WireName & {
  readonly requests: number;
  readonly pictures: number;
  readonly gpuSeconds: number;
};

export type WireItem = {
  readonly id: string;
  readonly prompt: string;
  readonly who: WireName;
  readonly createdAtMs: number;
  readonly model: string;
  readonly kind: string;
  readonly status: string;
  readonly kept: boolean;
  readonly seed: number;
  readonly parentId: string | null;
  readonly pictures: readonly { readonly index: number; readonly url: string }[];
};

export type WireItems = { readonly items: readonly WireItem[]; readonly next: string | null };

export type WireTree = {
  readonly ancestors: readonly WireItem[];
  readonly self: WireItem;
  readonly children: readonly WireItem[];
};

export type WireChange = {
  readonly kind: string;
  readonly before: unknown;
  readonly after: unknown;
};

export type WireAudit = {
  readonly id: string;
  readonly atMs: number;
  readonly by: WireName;
  readonly placeName: string;
  readonly action: string;
  readonly changes: readonly WireChange[];
  readonly jobs: number;
  readonly undoneBy: string | null;
};

export type WireAudits = { readonly entries: readonly WireAudit[]; readonly next: string | null };
