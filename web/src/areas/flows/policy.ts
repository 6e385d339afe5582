/** A routing policy as its text holds it: what is left out is as usual. */
export interface Stage {
  who: string;
  after_s?: number;
  line?: string;
  by_catch_all?: boolean;
  when?: { queue_at_least?: number; longest_wait_s?: number; loss_rate?: number };
}

export interface GroupRule {
  order?: string;
  sticky?: { days: number; for_s: number };
  language_for_s?: number;
  stages: Stage[];
}

export interface Policy {
  catch_all?: string;
  default: GroupRule;
  groups?: Record<string, GroupRule>;
  neighbours?: Record<string, (string | number)[]>;
  head_start_s?: Record<string, number>;
  callback?: { first?: string; tries?: number; every_s?: number; ring_s?: number; from?: string; to?: string };
}

export const WHO = ["city", "neighbours", "municipal", "provincial", "line", "callback", "message"];
export const ORDERS = ["longest_idle", "fewest_calls", "skill_level", "weighted"];

/** Stages that open at the same time, in the order of time. */
export function ladder(stages: Stage[]): { after: number; stages: Stage[] }[] {
  const found = new Map<number, Stage[]>();
  for (const stage of stages) {
    const after = stage.after_s ?? 0;
    found.set(after, [...(found.get(after) ?? []), stage]);
  }
  return [...found].sort(([one], [other]) => one - other).map(([after, of]) => ({ after, stages: of }));
}

/** A policy that a text holds, if it holds one at all. */
export function policyOf(data: unknown): Policy | null {
  const found = data as Policy | null;
  return found && typeof found === "object" && Array.isArray(found.default?.stages) ? found : null;
}

/** The stage without what it leaves open. */
export function tidy(stage: Stage): Stage {
  const when = Object.fromEntries(Object.entries(stage.when ?? {}).filter(([, one]) => one !== undefined && one !== null));
  const { who, after_s, line, by_catch_all } = stage;
  return {
    who,
    ...(who === "line" ? { line: line ?? "" } : {}),
    ...(after_s ? { after_s } : {}),
    ...(by_catch_all && !["line", "callback", "message"].includes(who) ? { by_catch_all } : {}),
    ...(Object.keys(when).length ? { when } : {}),
  };
}
